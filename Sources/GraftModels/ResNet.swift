internal import GraftGraph
internal import GraftImage

/// ResNet: bottleneck blocks with a shortcut around each. He et al., 2015, arXiv 1512.03385.
///
/// Stages: `conv1` to `conv5`. As in the authors' Caffe networks, the stride of a stage lies on its first 1 x 1
/// convolution, and convolutions have a bias although a batch normalization follows.
enum ResNet {
  static let resNet50 = resNet(50, blocks: [3, 4, 6, 3])
  static let resNet101 = resNet(101, blocks: [3, 4, 23, 3])
  static let resNet152 = resNet(152, blocks: [3, 8, 36, 3])
  static let all = [resNet50, resNet101, resNet152]

  /// The constant of the Caffe networks that the weights come from.
  static let epsilon: Float = 1.001e-5

  private static func resNet(_ depth: Int, blocks: [Int]) -> Architecture {
    Architecture(
      "resnet\(depth)", kerasName: "ResNet\(depth)", preprocessing: .caffe, featureWidth: 2048,
      poolingNames: .short,
      trunk: { g, x in
        g.begin(stage: "conv1")
        var x = g.zeroPadding(x, 3, "conv1_pad")
        x = unit(&g, x, filters: 64, kernel: 7, stride: 2, padding: .valid, "conv1_")
        x = g.activation(x, .relu, "conv1_relu")
        x = g.zeroPadding(x, 1, "pool1_pad")
        x = g.maxPooling(x, 3, stride: 2, "pool1_pool")
        for (i, count) in blocks.enumerated() {
          let stage = "conv\(i + 2)"
          g.begin(stage: stage)
          for j in 1...count {
            x = bottleneck(
              &g, x, filters: 64 << i, stride: i > 0 && j == 1 ? 2 : 1, projects: j == 1,
              "\(stage)_block\(j)_")
          }
        }
        return x
      },
      classifier: pooledClassifier)
  }

  /// The mean over the picture and a dense layer with softmax.
  static let pooledClassifier: Architecture.Classifier = { g, x, classes in
    let pooled = g.globalPooling(x, .average, "avg_pool")
    return g.dense(pooled, units: classes, activation: .softmax, "predictions")
  }

  /// 1 x 1 to `filters` channels, 3 x 3, 1 x 1 to four times as many; plus the shortcut, projected in the first
  /// block of a stage.
  private static func bottleneck(
    _ g: inout GraphBuilder, _ input: GraphBuilder.Value, filters: Int, stride: Extent, projects: Bool,
    _ name: String
  ) -> GraphBuilder.Value {
    var shortcut = input
    if projects {
      shortcut = unit(&g, input, filters: 4 * filters, kernel: 1, stride: stride, "\(name)0_")
    }
    var x = unit(&g, input, filters: filters, kernel: 1, stride: stride, "\(name)1_")
    x = g.activation(x, .relu, "\(name)1_relu")
    x = unit(&g, x, filters: filters, kernel: 3, padding: .same, "\(name)2_")
    x = g.activation(x, .relu, "\(name)2_relu")
    x = unit(&g, x, filters: 4 * filters, kernel: 1, "\(name)3_")
    x = g.add(shortcut, x, "\(name)add")
    return g.activation(x, .relu, "\(name)out")
  }

  /// A convolution and its batch normalization.
  private static func unit(
    _ g: inout GraphBuilder, _ x: GraphBuilder.Value, filters: Int, kernel: Extent, stride: Extent = 1,
    padding: Padding = .valid, _ name: String
  ) -> GraphBuilder.Value {
    let x = g.convolution(
      x, filters: filters, kernel: kernel, stride: stride, padding: padding, "\(name)conv")
    return g.batchNormalization(x, epsilon: epsilon, "\(name)bn")
  }
}
