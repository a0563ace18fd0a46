internal import GraftGraph
internal import GraftImage

/// ResNet18 and ResNet34: blocks of two 3 x 3 convolutions, each behind a normalization and a ReLU. He et al., 2016,
/// arXiv 1603.05027.
///
/// Keras Applications has no such networks. Names, constants and order are those of the widely used Keras weights
/// of the package image-classifiers (`resnet18_imagenet_1000.h5`), which scale the picture by a first
/// normalization: they take 0...255. Stages: `conv1` to `conv5`, the last with the closing normalization.
enum BasicResNet {
  static let resNet18 = resNet(18, blocks: [2, 2, 2, 2])
  static let resNet34 = resNet(34, blocks: [3, 4, 6, 3])
  static let all = [resNet18, resNet34]

  /// The constant of the MXNet networks that the weights come from.
  private static let epsilon: Float = 2e-5

  private static func resNet(_ depth: Int, blocks: [Int]) -> Architecture {
    Architecture(
      "resnet\(depth)", kerasName: "ResNet\(depth)", preprocessing: .none, featureWidth: 512,
      inputName: "data",
      trunk: { g, x in
        g.begin(stage: "conv1")
        var x = g.batchNormalization(x, epsilon: epsilon, scales: false, "bn_data")
        x = g.zeroPadding(x, 3, g.unusedName("zero_padding2d"))
        x = g.convolution(x, filters: 64, kernel: 7, stride: 2, bias: false, "conv0")
        x = g.batchNormalization(x, epsilon: epsilon, "bn0")
        x = g.activation(x, .relu, "relu0")
        x = g.zeroPadding(x, 1, g.unusedName("zero_padding2d"))
        x = g.maxPooling(x, 3, stride: 2, "pooling0")
        for (i, count) in blocks.enumerated() {
          g.begin(stage: "conv\(i + 2)")
          for j in 1...count {
            x = block(
              &g, x, filters: 64 << i, stride: i > 0 && j == 1 ? 2 : 1, projects: j == 1,
              "stage\(i + 1)_unit\(j)_")
          }
        }
        x = g.batchNormalization(x, epsilon: epsilon, "bn1")
        return g.activation(x, .relu, "relu1")
      },
      classifier: { g, x, classes in
        let pooled = g.globalPooling(x, .average, "pool1")
        return g.activation(g.dense(pooled, units: classes, "fc1"), .softmax, "softmax")
      })
  }

  /// Twice a normalization, a ReLU and a 3 x 3 convolution; plus the shortcut, which is projected from behind the
  /// first ReLU in the first block of a stage.
  private static func block(
    _ g: inout GraphBuilder, _ input: GraphBuilder.Value, filters: Int, stride: Extent, projects: Bool,
    _ name: String
  ) -> GraphBuilder.Value {
    var x = g.batchNormalization(input, epsilon: epsilon, "\(name)bn1")
    x = g.activation(x, .relu, "\(name)relu1")
    var shortcut = input
    if projects {
      shortcut = g.convolution(x, filters: filters, kernel: 1, stride: stride, bias: false, "\(name)sc")
    }
    x = g.zeroPadding(x, 1, g.unusedName("zero_padding2d"))
    x = g.convolution(x, filters: filters, kernel: 3, stride: stride, bias: false, "\(name)conv1")
    x = g.batchNormalization(x, epsilon: epsilon, "\(name)bn2")
    x = g.activation(x, .relu, "\(name)relu2")
    x = g.zeroPadding(x, 1, g.unusedName("zero_padding2d"))
    x = g.convolution(x, filters: filters, kernel: 3, bias: false, "\(name)conv2")
    return g.add(x, shortcut, g.unusedName("add"))
  }
}
