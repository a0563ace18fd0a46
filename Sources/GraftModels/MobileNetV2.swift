internal import GraftGraph
internal import GraftImage
internal import GraftTensor

/// MobileNetV2: blocks that expand, convolve each channel and project, with shortcuts between the narrow ends.
/// Sandler et al., 2018, arXiv 1801.04381.
///
/// Stages: `stem`, `block_0` to `block_16` with Keras's numbers, `last_conv`. The layers of `block_0` are called
/// `expanded_conv_...`.
enum MobileNetV2 {
  static let mobileNetV2 = mobileNetV2(alpha: 1)
  static let all =
    [0.35, 0.5, 0.75].map(mobileNetV2(alpha:)) + [mobileNetV2] + [1.3, 1.4].map(mobileNetV2(alpha:))

  /// The filters and the stride of each block's first; the others of the run have stride 1.
  private static let runs: [(filters: Int, count: Int, stride: Extent)] = [
    (16, 1, 1), (24, 2, 2), (32, 3, 2), (64, 4, 2), (96, 3, 1), (160, 3, 2), (320, 1, 1),
  ]

  private static func mobileNetV2(alpha: Double) -> Architecture {
    // Narrow networks keep the width of the last convolution.
    let features = Width.divisible(1280 * max(alpha, 1))
    return Architecture(
      "mobilenetv2_\(alpha)", kerasName: "MobileNetV2", alpha: alpha, preprocessing: .tf,
      featureWidth: features,
      trunk: { g, x in
        g.begin(stage: "stem")
        var x = g.convolution(
          x, filters: Width.divisible(32 * alpha), kernel: 3, stride: 2, padding: .same, bias: false, "Conv1")
        x = g.activation(normalized(&g, x, "bn_Conv1"), .relu6, "Conv1_relu")
        var number = 0
        for run in runs {
          // Cut to an integer first, as Keras does.
          let filters = Width.divisible(Double(Int(Double(run.filters) * alpha)))
          for i in 0..<run.count {
            g.begin(stage: "block_\(number)")
            x = block(&g, x, filters: filters, stride: i == 0 ? run.stride : 1, number: number)
            number += 1
          }
        }
        g.begin(stage: "last_conv")
        x = g.convolution(x, filters: features, kernel: 1, bias: false, "Conv_1")
        return g.activation(normalized(&g, x, "Conv_1_bn"), .relu6, "out_relu")
      },
      classifier: { g, x, classes in
        let pooled = g.globalPooling(x, .average, "global_average_pooling2d")
        return g.dense(pooled, units: classes, activation: .softmax, "predictions")
      })
  }

  /// Six times as many channels (not in the first block), a depthwise 3 x 3, and down to `filters`.
  private static func block(
    _ g: inout GraphBuilder, _ input: GraphBuilder.Value, filters: Int, stride: Extent, number: Int
  ) -> GraphBuilder.Value {
    let name = number == 0 ? "expanded_conv_" : "block_\(number)_"
    let channels = g.shape(of: input).channels
    var x = input
    if number > 0 {
      x = g.convolution(x, filters: 6 * channels, kernel: 1, padding: .same, bias: false, "\(name)expand")
      x = g.activation(normalized(&g, x, "\(name)expand_BN"), .relu6, "\(name)expand_relu")
    }
    if stride != 1 {
      x = g.zeroPadding(x, .beforeStride(3, over: g.shape(of: x)), "\(name)pad")
    }
    x = g.depthwiseConvolution(
      x, kernel: 3, stride: stride, padding: stride == 1 ? .same : .valid, bias: false, "\(name)depthwise")
    x = g.activation(normalized(&g, x, "\(name)depthwise_BN"), .relu6, "\(name)depthwise_relu")
    x = g.convolution(x, filters: filters, kernel: 1, padding: .same, bias: false, "\(name)project")
    x = normalized(&g, x, "\(name)project_BN")
    return stride == 1 && filters == channels ? g.add(input, x, "\(name)add") : x
  }

  private static func normalized(
    _ g: inout GraphBuilder, _ x: GraphBuilder.Value, _ name: String
  ) -> GraphBuilder.Value {
    g.batchNormalization(x, epsilon: 1e-3, momentum: 0.999, name)
  }
}
