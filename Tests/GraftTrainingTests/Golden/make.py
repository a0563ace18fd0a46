"""Writes optimizers.json, schedules.json and losses.json: what Keras's optimizers make of fixed weights and
gradients, its schedules of steps, and its losses of outputs and targets.

Made with keras 3.15.1 and tensorflow 2.21. Run: python Tests/GraftTrainingTests/Golden/make.py
"""
import json
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np
import tensorflow as tf

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
    "adagrad": lambda: o.Adagrad(0.1),
    "adagrad_all": lambda: o.Adagrad(0.05, initial_accumulator_value=0.5, epsilon=1e-3, weight_decay=0.01),
    "clipped_norm": lambda: o.SGD(0.1, momentum=0.9, global_clipnorm=0.7),
    "clipped_value": lambda: o.Adam(0.01, clipvalue=0.3),
    "averaged": lambda: o.Adam(0.05, use_ema=True, ema_momentum=0.8),
    "elastic": lambda: o.SGD(0.1, momentum=0.9, global_clipnorm=2.0),
    "partly_decayed": lambda: o.AdamW(0.05, weight_decay=0.5),
}
PENALTY = keras.regularizers.L1L2(l1=0.03, l2=0.2)
UNDECAYED = 4

random = np.random.default_rng(1)
weights = random.normal(size=COUNT).astype("float32")
gradients = (random.normal(size=(STEPS, COUNT)) * 10.0 ** random.integers(-4, 2, size=COUNT)).astype("float32")
gradients[:, 0] = 0
results = {}

for name, make in CASES.items():
    optimizer = make()
    if name == "partly_decayed":
        variables = [keras.Variable(weights[:UNDECAYED], name="a"), keras.Variable(weights[UNDECAYED:], name="b")]
        optimizer.exclude_from_weight_decay(var_list=variables[:1])
    else:
        variables = [keras.Variable(weights)]
    optimizer.build(variables)
    results[name] = []
    if name == "averaged":
        results["averages"] = []
    for gradient in gradients:
        parts = [gradient] if len(variables) == 1 else [gradient[:UNDECAYED], gradient[UNDECAYED:]]
        parts = [keras.ops.convert_to_tensor(part) for part in parts]
        if name == "elastic":
            with tf.GradientTape() as tape:
                penalty = PENALTY(variables[0])
            parts[0] += tape.gradient(penalty, variables[0].value)
        optimizer.apply(parts, variables)
        results[name].append([float(x) for v in variables for x in keras.ops.convert_to_numpy(v)])
        if name == "averaged":
            average = optimizer._model_variables_moving_average[0]
            results["averages"].append([float(x) for x in keras.ops.convert_to_numpy(average)])
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
exponential = o.schedules.ExponentialDecay(0.4, decay_steps=10, decay_rate=0.7)
inverse = o.schedules.InverseTimeDecay(0.4, decay_steps=10, decay_rate=1.5)
restarts = o.schedules.CosineDecayRestarts(0.4, first_decay_steps=10, t_mul=1.0)
growing = o.schedules.CosineDecayRestarts(0.4, first_decay_steps=10, t_mul=2.0, m_mul=0.5, alpha=0.1)
with open(f"{FOLDER}/schedules.json", "w") as file:
    json.dump({
        "cosine_warmup": [float(cosine(i)) for i in range(40)],
        "cosine": [float(plain(i)) for i in range(40)],
        "step": [float(steps(i)) for i in range(40)],
        "exponential": [float(exponential(i)) for i in range(40)],
        "inverse": [float(inverse(i)) for i in range(40)],
        "restarts": [float(restarts(i)) for i in range(40)],
        "growing": [float(growing(i)) for i in range(40)],
    }, file)
    file.write("\n")

random = np.random.default_rng(2)
outputs = (random.normal(size=(5, 4)) * 3).astype("float32")
outputs[0] = [40, -40, 0.5, 90]
mixed = random.dirichlet(np.ones(4), size=5).astype("float32")
labels = np.array([3, 0, 2, 1, 1])
one_hot = np.eye(4, dtype="float32")[labels]
several = random.integers(0, 2, size=(5, 4)).astype("float32")
boxes = (outputs + random.normal(size=(5, 4))).astype("float32")
class_weights = np.array([0.5, 2.0, 1.25, 0.25], dtype="float32")
losses = {
    "softmax": (keras.losses.CategoricalCrossentropy(from_logits=True, reduction=None), one_hot, None),
    "softmax_smooth": (
        keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1, reduction=None), one_hot, None),
    "softmax_mixed": (keras.losses.CategoricalCrossentropy(from_logits=True, reduction=None), mixed, None),
    "softmax_weighted": (
        keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.2, reduction=None), one_hot,
        class_weights[labels]),
    "sigmoid": (keras.losses.BinaryCrossentropy(from_logits=True, reduction=None), several, None),
    "sigmoid_smooth": (
        keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.2, reduction=None), several, None),
    "squares": (keras.losses.MeanSquaredError(reduction=None), boxes, None),
    "huber": (keras.losses.Huber(delta=0.5, reduction=None), boxes, None),
}
cases = {}
for name, (loss, target, weight) in losses.items():
    variable = tf.Variable(outputs)
    with tf.GradientTape() as tape:
        each = loss(target, variable, sample_weight=weight)
        mean = tf.reduce_mean(each)
    cases[name] = {
        "targets": [float(x) for x in target.reshape(-1)],
        "losses": [float(x) for x in each.numpy()],
        "gradient": [float(x) for x in tape.gradient(mean, variable).numpy().reshape(-1)],
    }
with open(f"{FOLDER}/losses.json", "w") as file:
    json.dump({
        "outputs": [float(x) for x in outputs.reshape(-1)], "labels": labels.tolist(),
        "classWeights": [float(x) for x in class_weights], "cases": cases,
    }, file)
    file.write("\n")
