internal import GraftGraph
internal import GraftImage
internal import GraftTensor

/// EfficientNetV2: EfficientNet with whole convolutions instead of depthwise ones where the picture is large. Tan and
/// Le, 2021, arXiv 2104.00298.
///
/// Takes values 0...255. Stages: `stem`, `block1` to `block6` or `block7`, `top`.
struct EfficientNetV2: Sendable {
  static let all = [
    EfficientNetV2("B0", blocks: base, stem: 32, inputSize: 224),
    EfficientNetV2("B1", blocks: base, stem: 32, depth: 1.1, inputSize: 240),
    EfficientNetV2("B2", blocks: base, stem: 32, width: 1.1, depth: 1.2, inputSize: 260),
    EfficientNetV2("B3", blocks: base, stem: 32, width: 1.2, depth: 1.4, inputSize: 300),
    EfficientNetV2("S", blocks: small, stem: 24, inputSize: 384),
    EfficientNetV2("M", blocks: medium, stem: 24, inputSize: 480),
    EfficientNetV2("L", blocks: large, stem: 32, inputSize: 480),
  ].map(\.architecture)

  /// Blocks of one kind, of which the first has the stride. Those without squeezing have whole convolutions.
  private struct Group: Sendable {
    let repeats: Int
    let filters: Int
    let expansion: Int
    let stride: Extent
    let squeezes: Bool

    init(_ repeats: Int, _ filters: Int, expansion: Int, stride: Extent, squeezes: Bool = false) {
      self.repeats = repeats
      self.filters = filters
      self.expansion = expansion
      self.stride = stride
      self.squeezes = squeezes
    }
  }

  private static let base = [
    Group(1, 16, expansion: 1, stride: 1), Group(2, 32, expansion: 4, stride: 2),
    Group(2, 48, expansion: 4, stride: 2), Group(3, 96, expansion: 4, stride: 2, squeezes: true),
    Group(5, 112, expansion: 6, stride: 1, squeezes: true),
    Group(8, 192, expansion: 6, stride: 2, squeezes: true),
  ]

  private static let small = [
    Group(2, 24, expansion: 1, stride: 1), Group(4, 48, expansion: 4, stride: 2),
    Group(4, 64, expansion: 4, stride: 2), Group(6, 128, expansion: 4, stride: 2, squeezes: true),
    Group(9, 160, expansion: 6, stride: 1, squeezes: true),
    Group(15, 256, expansion: 6, stride: 2, squeezes: true),
  ]

  private static let medium = [
    Group(3, 24, expansion: 1, stride: 1), Group(5, 48, expansion: 4, stride: 2),
    Group(5, 80, expansion: 4, stride: 2), Group(7, 160, expansion: 4, stride: 2, squeezes: true),
    Group(14, 176, expansion: 6, stride: 1, squeezes: true),
    Group(18, 304, expansion: 6, stride: 2, squeezes: true),
    Group(5, 512, expansion: 6, stride: 1, squeezes: true),
  ]

  private static let large = [
    Group(4, 32, expansion: 1, stride: 1), Group(7, 64, expansion: 4, stride: 2),
    Group(7, 96, expansion: 4, stride: 2), Group(10, 192, expansion: 4, stride: 2, squeezes: true),
    Group(19, 224, expansion: 6, stride: 1, squeezes: true),
    Group(25, 384, expansion: 6, stride: 2, squeezes: true),
    Group(7, 640, expansion: 6, stride: 1, squeezes: true),
  ]

  /// The rate at which the last block is dropped.
  private static let dropRate = 0.2

  private let name: String
  private let groups: [Group]
  private let stem: Int
  private let width: Double
  private let depth: Double
  private let inputSize: Int

  private init(
    _ name: String, blocks: [Group], stem: Int, width: Double = 1, depth: Double = 1, inputSize: Int
  ) {
    self.name = name
    groups = blocks
    self.stem = stem
    self.width = width
    self.depth = depth
    self.inputSize = inputSize
  }

  /// The multiple of 8 nearest to the scaled width, however far below it.
  private func filters(_ count: Int) -> Int { max(8, Int(Double(count) * width + 4) / 8 * 8) }

  private var architecture: Architecture {
    Architecture(
      "efficientnetv2\(name.lowercased())", kerasName: "EfficientNetV2\(name)", inputSize: inputSize,
      preprocessing: .none, featureWidth: filters(1280), poolingNames: .short,
      trunk: { g, x in
        g.begin(stage: "stem")
        var x = prepared(&g, x)
        x = g.convolution(
          x, filters: filters(stem), kernel: 3, stride: 2, padding: .same, bias: false, "stem_conv")
        x = active(&g, x, bn: "stem_bn", "stem_activation")
        // Keras counts the blocks of the unscaled network here.
        let total = Double(groups.reduce(0) { $0 + $1.repeats })
        var number = 0
        for (i, group) in groups.enumerated() {
          g.begin(stage: "block\(i + 1)")
          let repeats = Int((depth * Double(group.repeats)).rounded(.up))
          for (j, letter) in "abcdefghijklmnopqrstuvwxyz".prefix(repeats).enumerated() {
            let rate = Self.dropRate * Double(number) / total
            let stride = j == 0 ? group.stride : 1
            let name = "block\(i + 1)\(letter)_"
            let y =
              group.squeezes
              ? inverted(&g, x, group, stride: stride, name) : fused(&g, x, group, stride: stride, name)
            x = EfficientNet.closed(&g, y, over: x, stride: stride, dropRate: rate, name)
            number += 1
          }
        }
        g.begin(stage: "top")
        x = g.convolution(x, filters: filters(1280), kernel: 1, padding: .same, bias: false, "top_conv")
        return active(&g, x, bn: "top_bn", "top_activation")
      },
      classifier: EfficientNet.classifier(dropout: 0.2))
  }

  /// Values 0...255 as the network was trained on them.
  private func prepared(_ g: inout GraphBuilder, _ x: GraphBuilder.Value) -> GraphBuilder.Value {
    guard name.hasPrefix("B") else {
      return g.rescaling(x, scale: 1.0 / 128, offset: -1, "rescaling")
    }
    let figures = Normalization.Figures(
      mean: [0.485, 0.456, 0.406], variance: [0.229, 0.224, 0.225].map { Float($0 * $0 as Double) })
    return g.normalization(
      g.rescaling(x, scale: 1.0 / 255, offset: 0, "rescaling"), by: figures, "normalization")
  }

  /// Expands, convolves each channel, weighs the channels, projects.
  private func inverted(
    _ g: inout GraphBuilder, _ input: GraphBuilder.Value, _ group: Group, stride: Extent, _ name: String
  ) -> GraphBuilder.Value {
    let channels = g.shape(of: input).channels
    var x = g.convolution(
      input, filters: channels * group.expansion, kernel: 1, padding: .same, bias: false, "\(name)expand_conv"
    )
    x = active(&g, x, bn: "\(name)expand_bn", "\(name)expand_activation")
    x = g.depthwiseConvolution(
      x, kernel: 3, stride: stride, padding: .same, bias: false, "\(name)dwconv2")
    x = active(&g, x, bn: "\(name)bn", "\(name)activation")
    x = EfficientNet.squeezed(&g, x, to: max(channels / 4, 1), name)
    x = g.convolution(
      x, filters: filters(group.filters), kernel: 1, padding: .same, bias: false, "\(name)project_conv")
    return g.batchNormalization(x, momentum: 0.9, "\(name)project_bn")
  }

  /// Expands with a whole convolution and projects; at a factor of 1 the whole convolution is all there is.
  private func fused(
    _ g: inout GraphBuilder, _ input: GraphBuilder.Value, _ group: Group, stride: Extent, _ name: String
  ) -> GraphBuilder.Value {
    var x = input
    let expands = group.expansion > 1
    if expands {
      x = g.convolution(
        x, filters: g.shape(of: input).channels * group.expansion, kernel: 3, stride: stride, padding: .same,
        bias: false, "\(name)expand_conv")
      x = active(&g, x, bn: "\(name)expand_bn", "\(name)expand_activation")
    }
    x = g.convolution(
      x, filters: filters(group.filters), kernel: expands ? 1 : 3, stride: expands ? 1 : stride,
      padding: .same, bias: false, "\(name)project_conv")
    x = g.batchNormalization(x, momentum: 0.9, "\(name)project_bn")
    return expands ? x : g.activation(x, .swish, "\(name)project_activation")
  }

  private func active(
    _ g: inout GraphBuilder, _ x: GraphBuilder.Value, bn: String, _ name: String
  ) -> GraphBuilder.Value {
    g.activation(g.batchNormalization(x, momentum: 0.9, bn), .swish, name)
  }
}
