internal import GraftGraph
internal import GraftImage

/// ResNet V2: batch normalization and ReLU before each convolution. He et al., 2016, arXiv 1603.05027.
///
/// Stages: `conv1` to `conv5`, the last with the closing normalization. The stride of a stage lies on the 3 x 3
/// convolution of its last block. The zeros padded before the first pooling may win there, because no ReLU
/// stands between.
enum ResNetV2 {
  static let resNet50V2 = resNetV2(50, blocks: [3, 4, 6, 3])
  static let resNet101V2 = resNetV2(101, blocks: [3, 4, 23, 3])
  static let resNet152V2 = resNetV2(152, blocks: [3, 8, 36, 3])
  static let all = [resNet50V2, resNet101V2, resNet152V2]

  private static func resNetV2(_ depth: Int, blocks: [Int]) -> Architecture {
    Architecture(
      "resnet\(depth)v2", kerasName: "ResNet\(depth)V2", preprocessing: .tf, featureWidth: 2048,
      poolingNames: .short,
      trunk: { g, x in
        g.begin(stage: "conv1")
        var x = g.zeroPadding(x, 3, "conv1_pad")
        x = g.convolution(x, filters: 64, kernel: 7, stride: 2, "conv1_conv")
        x = g.zeroPadding(x, 1, "pool1_pad")
        x = g.maxPooling(x, 3, stride: 2, "pool1_pool")
        for (i, count) in blocks.enumerated() {
          let stage = "conv\(i + 2)"
          g.begin(stage: stage)
          for j in 1...count {
            x = bottleneck(
              &g, x, filters: 64 << i, stride: i < 3 && j == count ? 2 : 1, projects: j == 1,
              "\(stage)_block\(j)_")
          }
        }
        return normalized(&g, x, "post_")
      },
      classifier: ResNet.pooledClassifier)
  }

  /// 1 x 1 to `filters` channels, 3 x 3, 1 x 1 to four times as many; plus the shortcut, which is projected in
  /// the first block of a stage and thinned out in the last.
  private static func bottleneck(
    _ g: inout GraphBuilder, _ input: GraphBuilder.Value, filters: Int, stride: Extent, projects: Bool,
    _ name: String
  ) -> GraphBuilder.Value {
    let active = normalized(&g, input, "\(name)preact_")
    var shortcut = input
    if projects {
      shortcut = g.convolution(active, filters: 4 * filters, kernel: 1, stride: stride, "\(name)0_conv")
    } else if stride != 1 {
      shortcut = g.maxPooling(input, 1, stride: stride, g.unusedName("max_pooling2d"))
    }
    var x = g.convolution(active, filters: filters, kernel: 1, bias: false, "\(name)1_conv")
    x = normalized(&g, x, "\(name)1_")
    x = g.zeroPadding(x, 1, "\(name)2_pad")
    x = g.convolution(x, filters: filters, kernel: 3, stride: stride, bias: false, "\(name)2_conv")
    x = normalized(&g, x, "\(name)2_")
    x = g.convolution(x, filters: 4 * filters, kernel: 1, "\(name)3_conv")
    return g.add(shortcut, x, "\(name)out")
  }

  /// Batch normalization and ReLU.
  private static func normalized(
    _ g: inout GraphBuilder, _ x: GraphBuilder.Value, _ name: String
  ) -> GraphBuilder.Value {
    let x = g.batchNormalization(x, epsilon: ResNet.epsilon, "\(name)bn")
    return g.activation(x, .relu, "\(name)relu")
  }
}
