internal import GraftGraph
internal import GraftImage
internal import GraftTensor

/// DenseNet: each layer reads what all before it in its block have given. Huang et al., 2016, arXiv 1608.06993.
///
/// Stages: `conv1` to `conv5`. From `conv3` on a stage begins with the transition that halves the picture; the last
/// ends with the closing normalization.
enum DenseNet {
  static let denseNet121 = denseNet(121, blocks: [6, 12, 24, 16])
  static let denseNet169 = denseNet(169, blocks: [6, 12, 32, 32])
  static let denseNet201 = denseNet(201, blocks: [6, 12, 48, 32])
  static let all = [denseNet121, denseNet169, denseNet201]

  /// Channels that each layer adds.
  private static let growth = 32

  private static func denseNet(_ depth: Int, blocks: [Int]) -> Architecture {
    let width = blocks.reduce(128) { ($0 + 2 * growth * $1) / 2 }
    return Architecture(
      "densenet\(depth)", kerasName: "DenseNet\(depth)", preprocessing: .torch, featureWidth: width,
      poolingNames: .short,
      trunk: { g, x in
        g.begin(stage: "conv1")
        var x = g.zeroPadding(x, 3, "zero_padding2d")
        x = g.convolution(x, filters: 64, kernel: 7, stride: 2, bias: false, "conv1_conv")
        x = normalized(&g, x, bn: "conv1_bn", relu: "conv1_relu")
        x = g.zeroPadding(x, 1, "zero_padding2d_1")
        x = g.maxPooling(x, 3, stride: 2, "pool1")
        for (i, count) in blocks.enumerated() {
          let stage = "conv\(i + 2)"
          g.begin(stage: stage)
          if i > 0 { x = transition(&g, x, "pool\(i + 1)") }
          for j in 1...count { x = layer(&g, x, "\(stage)_block\(j)") }
        }
        return normalized(&g, x, bn: "bn", relu: "relu")
      },
      classifier: ResNet.pooledClassifier)
  }

  /// 1 x 1 to four times the growth, 3 x 3 to the growth, joined to what came in.
  private static func layer(
    _ g: inout GraphBuilder, _ input: GraphBuilder.Value, _ name: String
  ) -> GraphBuilder.Value {
    var x = normalized(&g, input, bn: "\(name)_0_bn", relu: "\(name)_0_relu")
    x = g.convolution(x, filters: 4 * growth, kernel: 1, bias: false, "\(name)_1_conv")
    x = normalized(&g, x, bn: "\(name)_1_bn", relu: "\(name)_1_relu")
    x = g.convolution(x, filters: growth, kernel: 3, padding: .same, bias: false, "\(name)_2_conv")
    return g.concatenate([input, x], "\(name)_concat")
  }

  /// Half the channels, half the picture.
  private static func transition(
    _ g: inout GraphBuilder, _ x: GraphBuilder.Value, _ name: String
  ) -> GraphBuilder.Value {
    let channels = g.shape(of: x).channels
    let x = normalized(&g, x, bn: "\(name)_bn", relu: "\(name)_relu")
    let halved = g.convolution(x, filters: channels / 2, kernel: 1, bias: false, "\(name)_conv")
    return g.averagePooling(halved, 2, stride: 2, "\(name)_pool")
  }

  private static func normalized(
    _ g: inout GraphBuilder, _ x: GraphBuilder.Value, bn: String, relu: String
  ) -> GraphBuilder.Value {
    g.activation(g.batchNormalization(x, epsilon: ResNet.epsilon, bn), .relu, relu)
  }
}
