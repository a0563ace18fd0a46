internal import GraftGraph
internal import GraftImage
internal import GraftTensor

/// MobileNet: depthwise and pointwise convolutions in turn. Howard et al., 2017, arXiv 1704.04861.
///
/// Stages: `stem`, then `block_1` to `block_13` with the numbers of the layers `conv_dw_1` to `conv_dw_13`.
enum MobileNet {
  static let mobileNet = mobileNet(alpha: 1)
  static let all = [0.25, 0.5, 0.75].map(mobileNet(alpha:)) + [mobileNet]

  /// The pointwise filters of each block; the picture is halved where they double after the first block.
  private static let blocks: [(filters: Int, stride: Extent)] = [
    (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1), (512, 1), (512, 1), (512, 1),
    (512, 1), (1024, 2), (1024, 1),
  ]

  private static func mobileNet(alpha: Double) -> Architecture {
    @Sendable func width(_ filters: Int) -> Int { Int(Double(filters) * alpha) }
    return Architecture(
      "mobilenet_\(alpha)", kerasName: "MobileNet", alpha: alpha, preprocessing: .tf,
      featureWidth: width(1024),
      trunk: { g, x in
        g.begin(stage: "stem")
        var x = g.convolution(
          x, filters: width(32), kernel: 3, stride: 2, padding: .same, bias: false, "conv1")
        x = normalized(&g, x, "conv1")
        for (i, block) in blocks.enumerated() {
          g.begin(stage: "block_\(i + 1)")
          x = separable(&g, x, filters: width(block.filters), stride: block.stride, number: i + 1)
        }
        return x
      },
      classifier: { g, x, classes in
        var x = g.globalPooling(x, .average, keepsDimensions: true, "global_average_pooling2d")
        x = g.dropout(x, rate: 1e-3, "dropout")
        x = g.convolution(x, filters: classes, kernel: 1, padding: .same, "conv_preds")
        x = g.reshape(x, to: [classes], "reshape_2")
        return g.activation(x, .softmax, "predictions")
      })
  }

  /// A depthwise 3 x 3 and a pointwise convolution. With a stride, zeros are added below and on the right.
  private static func separable(
    _ g: inout GraphBuilder, _ x: GraphBuilder.Value, filters: Int, stride: Extent, number: Int
  ) -> GraphBuilder.Value {
    var x = x
    if stride != 1 {
      x = g.zeroPadding(x, EdgeInsets(top: 0, bottom: 1, left: 0, right: 1), "conv_pad_\(number)")
    }
    x = g.depthwiseConvolution(
      x, kernel: 3, stride: stride, padding: stride == 1 ? .same : .valid, bias: false, "conv_dw_\(number)")
    x = normalized(&g, x, "conv_dw_\(number)")
    x = g.convolution(x, filters: filters, kernel: 1, padding: .same, bias: false, "conv_pw_\(number)")
    return normalized(&g, x, "conv_pw_\(number)")
  }

  /// Batch normalization and ReLU6.
  private static func normalized(
    _ g: inout GraphBuilder, _ x: GraphBuilder.Value, _ name: String
  ) -> GraphBuilder.Value {
    g.activation(g.batchNormalization(x, "\(name)_bn"), .relu6, "\(name)_relu")
  }
}
