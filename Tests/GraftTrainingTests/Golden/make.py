"""Writes optimizers.json and schedules.json: what Keras's optimizers make of fixed weights and gradients.

Made with keras 3.15.1 and tensorflow 2.21. Run: python Tests/GraftTrainingTests/Golden/make.py
"""
import json
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np

FOLDER = os.path.dirname(os.path.abspath(__file__))
COUNT, STEPS = 9, 6
o = keras.optimizers
CASES = {
    "sgd": lambda: o.SGD(0.1),
    "sgd_momentum": lambda: o.SGD(0.1, momentum=0.9),
    "sgd_nesterov_decay": lambda: o.SGD(0.05, momentum=0.8, nesterov=True, weight_decay=0.01),
    "rmsprop": lambda: o.RMSprop(0.01),
    "rmsprop_all": lambda: o.RMSprop(
        0.01, rho=0.8, momentum=0.5, epsilon=1e-3, centered=True, weight_decay=0.02),
    "adam": lambda: o.Adam(0.01),
    "adam_all": lambda: o.Adam(0.02, beta_1=0.7, beta_2=0.95, epsilon=1e-2),
    "adamw": lambda: o.AdamW(0.01),
}

random = np.random.default_rng(1)
weights = random.normal(size=COUNT).astype("float32")
gradients = (random.normal(size=(STEPS, COUNT)) * 10.0 ** random.integers(-4, 2, size=COUNT)).astype("float32")
gradients[:, 0] = 0
results = {}
for name, make in CASES.items():
    optimizer = make()
    variable = keras.Variable(weights)
    optimizer.build([variable])
    results[name] = []
    for gradient in gradients:
        optimizer.apply([keras.ops.convert_to_tensor(gradient)], [variable])
        results[name].append([float(x) for x in keras.ops.convert_to_numpy(variable)])
with open(f"{FOLDER}/optimizers.json", "w") as file:
    json.dump({
        "weights": [float(x) for x in weights],
        "gradients": [[float(x) for x in row] for row in gradients],
        "results": results,
    }, file)
    file.write("\n")

cosine = o.schedules.CosineDecay(0.0, decay_steps=30, alpha=0.05, warmup_target=0.4, warmup_steps=10)
plain = o.schedules.CosineDecay(0.4, decay_steps=40)
steps = o.schedules.ExponentialDecay(0.4, decay_steps=15, decay_rate=0.5, staircase=True)
with open(f"{FOLDER}/schedules.json", "w") as file:
    json.dump({
        "cosine_warmup": [float(cosine(i)) for i in range(40)],
        "cosine": [float(plain(i)) for i in range(40)],
        "step": [float(steps(i)) for i in range(40)],
    }, file)
    file.write("\n")
