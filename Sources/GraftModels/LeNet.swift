internal import GraftGraph
internal import GraftImage

/// LeNet-5 of LeCun, Bottou, Bengio and Haffner, 1998, "Gradient-based learning applied to document recognition",
/// figure 2: two convolutions, each followed by means of 2 x 2 numbers, and three dense layers.
///
/// As it is built today, and for pictures in colour: convolution `c3` reads all channels, means have no factors of
/// their own, and softmax stands for distances from drawn digits. Stages: `c1`, `c3`.
enum LeNet {
  static let leNet5 = Architecture(
    "lenet5", kerasName: "LeNet5", inputSize: 32, minimumInputSize: 16, preprocessing: .tf, featureWidth: 16,
    trunk: { g, x in
      var x = x
      for (filters, convolution, pooling) in [(6, "c1", "s2"), (16, "c3", "s4")] {
        g.begin(stage: convolution)
        x = g.convolution(x, filters: filters, kernel: 5, activation: .function(.tanh), convolution)
        x = g.averagePooling(x, 2, stride: 2, pooling)
      }
      return x
    },
    classifier: { g, x, classes in
      var x = g.flatten(x, "flatten")
      for (units, layer) in [(120, "c5"), (84, "f6")] {
        x = g.dense(x, units: units, activation: .function(.tanh), layer)
      }
      return g.dense(x, units: classes, activation: .softmax, "predictions")
    })
}
