internal import GraftGraph
internal import GraftImage
internal import GraftTensor

/// RepVGG: 3 x 3 convolutions like VGG's, which were trained with a 1 x 1 convolution and the picture itself beside each.
/// Ding et al., 2021, arXiv 2101.03697.
///
/// This is the form that trains. An inference plan adds the three branches of a block up to one 3 x 3 convolution,
/// so that it runs as fast as the form without branches. Stages: `stage0` to `stage4`.
enum RepVGG {
  static let all = [
    repVGG("a0", blocks: [2, 4, 14, 1], widths: [0.75, 0.75, 0.75, 2.5]),
    repVGG("a1", blocks: [2, 4, 14, 1], widths: [1, 1, 1, 2.5]),
    repVGG("a2", blocks: [2, 4, 14, 1], widths: [1.5, 1.5, 1.5, 2.75]),
    repVGG("b0", blocks: [4, 6, 16, 1], widths: [1, 1, 1, 2.5]),
    repVGG("b1", blocks: [4, 6, 16, 1], widths: [2, 2, 2, 4]),
    repVGG("b2", blocks: [4, 6, 16, 1], widths: [2.5, 2.5, 2.5, 5]),
    repVGG("b3", blocks: [4, 6, 16, 1], widths: [3, 3, 3, 5]),
  ]

  private static func repVGG(_ size: String, blocks: [Int], widths: [Double]) -> Architecture {
    let filters = zip([64, 128, 256, 512], widths).map { Int(Double($0) * $1) }
    return Architecture(
      "repvgg_\(size)", kerasName: "RepVGG\(size.uppercased())", preprocessing: .torch,
      featureWidth: filters[3],
      trunk: { g, x in
        g.begin(stage: "stage0")
        var x = block(&g, x, filters: min(64, filters[0]), halves: true, "stage0_block1_")
        for (i, count) in blocks.enumerated() {
          g.begin(stage: "stage\(i + 1)")
          for j in 1...count {
            x = block(&g, x, filters: filters[i], halves: j == 1, "stage\(i + 1)_block\(j)_")
          }
        }
        return x
      },
      classifier: ResNet.pooledClassifier)
  }

  /// The sum of a 3 x 3 and a 1 x 1 convolution and, where the shape stays, of the picture itself, each normalized.
  private static func block(
    _ g: inout GraphBuilder, _ x: GraphBuilder.Value, filters: Int, halves: Bool, _ name: String
  ) -> GraphBuilder.Value {
    let padded = g.zeroPadding(x, 1, "\(name)pad")
    var branches = [
      g.convolution(
        padded, filters: filters, kernel: 3, stride: halves ? 2 : 1, bias: false, "\(name)3x3_conv"),
      g.convolution(x, filters: filters, kernel: 1, stride: halves ? 2 : 1, bias: false, "\(name)1x1_conv"),
    ]
    for (i, kernel) in ["3x3", "1x1"].enumerated() {
      branches[i] = g.batchNormalization(branches[i], epsilon: 1e-5, momentum: 0.9, "\(name)\(kernel)_bn")
    }
    if !halves, g.shape(of: x).channels == filters {
      branches.append(g.batchNormalization(x, epsilon: 1e-5, momentum: 0.9, "\(name)identity_bn"))
    }
    return g.activation(g.layer(.add, branches, "\(name)add"), .relu, "\(name)relu")
  }
}
