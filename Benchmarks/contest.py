"""What is compared: the networks, the other programs, and where their files lie."""

import os
from dataclasses import dataclass

SIDE = 224


@dataclass(frozen=True)
class Network:
    """A network: its name in Keras and in Graft, and whether its speed is measured with the classifier."""

    name: str
    architecture: str
    top: bool
    preprocessing: str

    def path(self, folder, ending):
        """A file of the network that is measured."""
        return os.path.join(folder, f"{self.name}{ending}")

    def features_path(self, folder, ending):
        """A file of the network that ends with average-pooled features."""
        return os.path.join(folder, f"{self.name}-features{ending}")


NETWORKS = {
    network.name: network
    for network in (
        Network("VGG16", "vgg16", False, "caffe"),
        Network("ResNet50", "resnet50", True, "caffe"),
        Network("MobileNet", "mobilenet_1.0", True, "tf"),
        Network("MobileNetV2", "mobilenetv2_1.0", True, "tf"),
    )
}

# From the files of a folder: each network gets this fraction of the pictures, the slower ones fewer.
FOLDER_NETWORKS = {"MobileNetV2": 1, "ResNet50": 3}

# The module of each program in peers/, folders/ and first_picture/.
PEERS = {
    "ONNX Runtime": "onnx_runtime",
    "OpenVINO": "open_vino",
    "PyTorch": "py_torch",
    "TensorFlow": "tensor_flow",
}
GRAFT = "Graft"

# Largest difference between outputs, as a fraction of the largest magnitude.
AGREEMENT = 1e-3
