internal import GraftGraph
internal import GraftImage

/// ResNet50 as Keras 2.2 and older built it, for the weight files of that time: the same network under other
/// names and with another epsilon. Both files are called `resnet50_weights_tf_dim_ordering_tf_kernels.h5`.
///
/// Follows the last form of that code in keras-applications, which pads before the first pooling. Older forms do
/// not, and lose 0.2 points of accuracy with the same file (keras-team/keras-applications#8). Layers without a
/// name of their own are numbered from 1, as Keras 2 did. Stages: `conv1` to `conv5`.
enum LegacyResNet {
  static let all = [resNet50]

  static let resNet50 = Architecture(
    "resnet50_legacy", kerasName: "ResNet50", preprocessing: .caffe, featureWidth: 2048, inputName: "input_1",
    poolingNames: .init(average: "global_average_pooling2d_1", max: "global_max_pooling2d_1"),
    trunk: { g, x in
      g.begin(stage: "conv1")
      var x = g.zeroPadding(x, 3, "conv1_pad")
      x = g.convolution(x, filters: 64, kernel: 7, stride: 2, "conv1")
      x = g.batchNormalization(x, epsilon: epsilon, "bn_conv1")
      x = g.activation(x, .relu, "activation_1")
      x = g.zeroPadding(x, 1, "pool1_pad")
      x = g.maxPooling(x, 3, stride: 2, "max_pooling2d_1")
      var number = 1
      for (i, blocks) in ["abc", "abcd", "abcdef", "abc"].enumerated() {
        g.begin(stage: "conv\(i + 2)")
        for block in blocks {
          x = bottleneck(
            &g, x, filters: 64 << i, stride: i > 0 && block == "a" ? 2 : 1, projects: block == "a",
            "\(i + 2)\(block)_branch", number: number)
          number += 1
        }
      }
      return x
    },
    classifier: { g, x, classes in
      let pooled = g.globalPooling(x, .average, "avg_pool")
      return g.dense(pooled, units: classes, activation: .softmax, "fc1000")
    })

  private static let epsilon: Float = 1e-3

  /// The bottleneck of `ResNet`; `number` counts the blocks of the network from 1.
  private static func bottleneck(
    _ g: inout GraphBuilder, _ input: GraphBuilder.Value, filters: Int, stride: Extent, projects: Bool,
    _ name: String, number: Int
  ) -> GraphBuilder.Value {
    var x = unit(&g, input, filters: filters, kernel: 1, stride: stride, "\(name)2a")
    x = g.activation(x, .relu, "activation_\(3 * number - 1)")
    x = unit(&g, x, filters: filters, kernel: 3, padding: .same, "\(name)2b")
    x = g.activation(x, .relu, "activation_\(3 * number)")
    x = unit(&g, x, filters: 4 * filters, kernel: 1, "\(name)2c")
    var shortcut = input
    if projects {
      shortcut = unit(&g, input, filters: 4 * filters, kernel: 1, stride: stride, "\(name)1")
    }
    x = g.add(x, shortcut, "add_\(number)")
    return g.activation(x, .relu, "activation_\(3 * number + 1)")
  }

  /// A convolution and its batch normalization.
  private static func unit(
    _ g: inout GraphBuilder, _ x: GraphBuilder.Value, filters: Int, kernel: Extent, stride: Extent = 1,
    padding: Padding = .valid, _ name: String
  ) -> GraphBuilder.Value {
    let x = g.convolution(
      x, filters: filters, kernel: kernel, stride: stride, padding: padding, "res\(name)")
    return g.batchNormalization(x, epsilon: epsilon, "bn\(name)")
  }
}
