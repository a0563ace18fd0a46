internal import GraftGraph
internal import GraftImage
internal import GraftTensor

/// EfficientNet: MobileNetV2's blocks with squeeze and excitation, scaled in width, depth and picture size together.
/// Tan and Le, 2019, arXiv 1905.11946.
///
/// Takes values 0...255. The network is the one that Keras builds for its published weights: it divides by the square
/// roots of deviations once more than by the file's figures, because those hold deviations where variances belong.
/// Stages: `stem`, `block1` to `block7`, `top`.
struct EfficientNet: Sendable {
  static let all = [
    EfficientNet("B0", width: 1, depth: 1, inputSize: 224, dropout: 0.2),
    EfficientNet("B1", width: 1, depth: 1.1, inputSize: 240, dropout: 0.2),
    EfficientNet("B2", width: 1.1, depth: 1.2, inputSize: 260, dropout: 0.3),
    EfficientNet("B3", width: 1.2, depth: 1.4, inputSize: 300, dropout: 0.3),
    EfficientNet("B4", width: 1.4, depth: 1.8, inputSize: 380, dropout: 0.4),
    EfficientNet("B5", width: 1.6, depth: 2.2, inputSize: 456, dropout: 0.4),
    EfficientNet("B6", width: 1.8, depth: 2.6, inputSize: 528, dropout: 0.5),
    EfficientNet("B7", width: 2, depth: 3.1, inputSize: 600, dropout: 0.5),
  ].map(\.architecture)

  /// One row of the paper's table 1: blocks of one kind, of which the first has the stride.
  private struct Group: Sendable {
    var kernel: Int
    var repeats: Int
    var filters: Int
    var expansion = 6
    var stride: Extent
  }

  private static let groups = [
    Group(kernel: 3, repeats: 1, filters: 16, expansion: 1, stride: 1),
    Group(kernel: 3, repeats: 2, filters: 24, stride: 2),
    Group(kernel: 5, repeats: 2, filters: 40, stride: 2),
    Group(kernel: 3, repeats: 3, filters: 80, stride: 2),
    Group(kernel: 5, repeats: 3, filters: 112, stride: 1),
    Group(kernel: 5, repeats: 4, filters: 192, stride: 2),
    Group(kernel: 3, repeats: 1, filters: 320, stride: 1),
  ]

  /// The rate at which the last block is dropped.
  private static let dropRate = 0.2

  private let name: String
  private let width: Double
  private let depth: Double
  private let inputSize: Int
  private let dropout: Float

  private init(_ name: String, width: Double, depth: Double, inputSize: Int, dropout: Float) {
    self.name = name
    self.width = width
    self.depth = depth
    self.inputSize = inputSize
    self.dropout = dropout
  }

  private func filters(_ count: Int) -> Int { Width.divisible(Double(count) * width) }

  private func repeats(_ count: Int) -> Int { Int((depth * Double(count)).rounded(.up)) }

  private var architecture: Architecture {
    Architecture(
      "efficientnet\(name.lowercased())", kerasName: "EfficientNet\(name)", inputSize: inputSize,
      preprocessing: .none, featureWidth: filters(1280), poolingNames: .short,
      trunk: { g, x in
        g.begin(stage: "stem")
        var x = g.rescaling(x, scale: 1.0 / 255, offset: 0, "rescaling")
        x = g.normalization(x, "normalization")
        let deviations = Normalization.Figures(mean: [0, 0, 0], variance: [0.229, 0.224, 0.225])
        x = g.normalization(x, by: deviations, "rescaling_1")
        x = g.zeroPadding(x, .beforeStride(3, over: g.shape(of: x)), "stem_conv_pad")
        x = g.convolution(x, filters: filters(32), kernel: 3, stride: 2, bias: false, "stem_conv")
        x = g.activation(g.batchNormalization(x, "stem_bn"), .swish, "stem_activation")
        let total = Double(Self.groups.reduce(0) { $0 + repeats($1.repeats) })
        var number = 0
        for (i, group) in Self.groups.enumerated() {
          g.begin(stage: "block\(i + 1)")
          for (j, letter) in "abcdefghijklm".prefix(repeats(group.repeats)).enumerated() {
            x = block(
              &g, x, group, stride: j == 0 ? group.stride : 1,
              dropRate: Self.dropRate * Double(number) / total,
              "block\(i + 1)\(letter)_")
            number += 1
          }
        }
        g.begin(stage: "top")
        x = g.convolution(x, filters: filters(1280), kernel: 1, padding: .same, bias: false, "top_conv")
        return g.activation(g.batchNormalization(x, "top_bn"), .swish, "top_activation")
      },
      classifier: Self.classifier(dropout: dropout))
  }

  /// The mean over the picture, dropout and a dense layer with softmax.
  static func classifier(dropout rate: Float) -> Architecture.Classifier {
    { g, x, classes in
      var x = g.globalPooling(x, .average, "avg_pool")
      x = g.dropout(x, rate: rate, "top_dropout")
      return g.dense(x, units: classes, activation: .softmax, "predictions")
    }
  }

  /// Expands (not at a factor of 1), convolves each channel, weighs the channels, projects.
  private func block(
    _ g: inout GraphBuilder, _ input: GraphBuilder.Value, _ group: Group, stride: Extent, dropRate: Double,
    _ name: String
  ) -> GraphBuilder.Value {
    let channels = g.shape(of: input).channels
    var x = input
    if group.expansion > 1 {
      x = g.convolution(
        x, filters: channels * group.expansion, kernel: 1, padding: .same, bias: false, "\(name)expand_conv")
      x = g.activation(g.batchNormalization(x, "\(name)expand_bn"), .swish, "\(name)expand_activation")
    }
    if stride != 1 {
      x = g.zeroPadding(x, .beforeStride(group.kernel, over: g.shape(of: x)), "\(name)dwconv_pad")
    }
    x = g.depthwiseConvolution(
      x, kernel: Extent(group.kernel), stride: stride, padding: stride == 1 ? .same : .valid, bias: false,
      "\(name)dwconv")
    x = g.activation(g.batchNormalization(x, "\(name)bn"), .swish, "\(name)activation")
    x = Self.squeezed(&g, x, to: max(channels / 4, 1), name)
    x = g.convolution(
      x, filters: filters(group.filters), kernel: 1, padding: .same, bias: false, "\(name)project_conv")
    x = g.batchNormalization(x, "\(name)project_bn")
    return Self.closed(&g, x, over: input, stride: stride, dropRate: dropRate, name)
  }

  /// Channels weighed by what a small network makes of their means.
  static func squeezed(
    _ g: inout GraphBuilder, _ input: GraphBuilder.Value, to filters: Int, _ name: String
  ) -> GraphBuilder.Value {
    let channels = g.shape(of: input).channels
    var x = g.globalPooling(input, .average, "\(name)se_squeeze")
    x = g.reshape(x, to: [1, 1, channels], "\(name)se_reshape")
    x = g.convolution(
      x, filters: filters, kernel: 1, padding: .same, activation: .swish, "\(name)se_reduce")
    x = g.convolution(
      x, filters: channels, kernel: 1, padding: .same, activation: .sigmoid, "\(name)se_expand")
    return g.multiply(input, x, "\(name)se_excite")
  }

  /// The end of a block: dropped at random, and added to what came in, where shapes allow it.
  static func closed(
    _ g: inout GraphBuilder, _ x: GraphBuilder.Value, over input: GraphBuilder.Value, stride: Extent,
    dropRate: Double, _ name: String
  ) -> GraphBuilder.Value {
    guard stride == 1, g.shape(of: x) == g.shape(of: input) else { return x }
    let kept = dropRate > 0 ? g.stochasticDepth(x, rate: Float(dropRate), "\(name)drop") : x
    return g.add(kept, input, "\(name)add")
  }
}
