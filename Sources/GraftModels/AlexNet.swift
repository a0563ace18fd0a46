internal import GraftGraph
internal import GraftImage

/// AlexNet: five convolutions and three dense layers.
///
/// `alexnet_grouped` is the network of Krizhevsky et al., 2012, in the form of the Caffe model: convolutions 2, 4 and 5
/// in two groups, which stood on two graphics cards; the picture of 227 x 227 pixels without padding. `alexnet` is that
/// of Krizhevsky, 2014, arXiv 1404.5997: one group, fewer filters. Both without the response normalization, which
/// Keras has no layer for and later networks do without. Stages: `conv1` to `conv5`.
enum AlexNet {
  static let oneGroup = alexNet(
    "alexnet", kerasName: "AlexNet", inputSize: 224, minimumInputSize: 63, preprocessing: .torch,
    filters: [64, 192, 384, 256, 256], firstPadding: 2, groups: [1, 1, 1, 1, 1])
  static let twoGroups = alexNet(
    "alexnet_grouped", kerasName: "AlexNetGrouped", inputSize: 227, minimumInputSize: 67,
    preprocessing: .caffe, filters: [96, 256, 384, 384, 256], firstPadding: 0, groups: [1, 2, 1, 2, 2])
  static let all = [oneGroup, twoGroups]

  private static func alexNet(
    _ name: String, kerasName: String, inputSize: Int, minimumInputSize: Int,
    preprocessing: Preprocessing.Mode, filters: [Int], firstPadding: Int, groups: [Int]
  ) -> Architecture {
    Architecture(
      name, kerasName: kerasName, inputSize: inputSize, minimumInputSize: minimumInputSize,
      preprocessing: preprocessing, featureWidth: 256,
      trunk: { g, x in
        var x = x
        for (i, kernel) in [11, 5, 3, 3, 3].enumerated() {
          let layer = "conv\(i + 1)"
          g.begin(stage: layer)
          if i == 0, firstPadding > 0 { x = g.zeroPadding(x, firstPadding, "conv1_pad") }
          x = g.convolution(
            x, filters: filters[i], kernel: Extent(kernel), stride: i == 0 ? 4 : 1,
            padding: i == 0 ? .valid : .same, groups: groups[i], activation: .relu, layer)
          if [0, 1, 4].contains(i) { x = g.maxPooling(x, 3, stride: 2, "pool\(i + 1)") }
        }
        return x
      },
      classifier: { g, x, classes in
        var x = g.flatten(x, "flatten")
        for layer in ["fc6", "fc7"] {
          x = g.dense(x, units: 4096, activation: .relu, layer)
          x = g.dropout(x, rate: 0.5, "\(layer)_dropout")
        }
        return g.dense(x, units: classes, activation: .softmax, "predictions")
      })
  }
}
