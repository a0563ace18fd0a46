internal import GraftGraph
internal import GraftImage
internal import GraftTensor

/// MobileNetV3: MobileNetV2's blocks with squeeze and excitation, 5 x 5 kernels and hard swish where they pay;
/// the minimalistic variants do without the three. Howard et al., 2019, arXiv 1905.02244.
///
/// Takes values 0...255. Stages: `stem`, `block_0` on with the numbers of the layers `expanded_conv_1_...`
/// (`block_0` has `expanded_conv_...`), `last_conv`.
struct MobileNetV3: Sendable {
  static let small = Self(.small, alpha: 1, minimalistic: false).architecture
  static let large = Self(.large, alpha: 1, minimalistic: false).architecture
  static let all = [
    Self(.small, alpha: 0.75, minimalistic: false).architecture, small,
    Self(.small, alpha: 1, minimalistic: true).architecture,
    Self(.large, alpha: 0.75, minimalistic: false).architecture, large,
    Self(.large, alpha: 1, minimalistic: true).architecture,
  ]

  /// One row of the paper's tables 1 and 2. What a minimalistic network lacks is marked by `wide` kernels,
  /// `squeezes` and `swishes`.
  struct Block: Sendable {
    var expansion: Double
    var filters: Double
    var wide = false
    var stride: Extent = 1
    var squeezes = false
    var swishes = false
  }

  /// What differs between Small and Large.
  struct Size: Sendable {
    let name: String
    let blocks: [Block]
    let headWidth: Int
  }

  let size: Size
  let alpha: Double
  let minimalistic: Bool

  private init(_ size: Size, alpha: Double, minimalistic: Bool) {
    self.size = size
    self.alpha = alpha
    self.minimalistic = minimalistic
  }

  private var architecture: Architecture {
    let builder = "MobileNetV3\(size.name)"
    let lastFilters = Width.divisible((size.blocks.last?.filters ?? 0) * alpha)
    let features = Width.divisible(Double(6 * lastFilters))
    return Architecture(
      "\(builder.lowercased())\(minimalistic ? "_minimalistic" : "")_\(alpha)", kerasName: builder,
      alpha: alpha, preprocessing: .none, featureWidth: features, poolingNames: .short,
      trunk: { g, x in
        g.begin(stage: "stem")
        var x = g.rescaling(x, scale: 1 / 127.5, offset: -1, "rescaling")
        x = g.convolution(x, filters: 16, kernel: 3, stride: 2, padding: .same, bias: false, "conv")
        x = activation(&g, normalized(&g, x, "conv_bn"), swishes: true)
        for (number, block) in size.blocks.enumerated() {
          g.begin(stage: "block_\(number)")
          x = self.block(&g, x, block, number: number)
        }
        g.begin(stage: "last_conv")
        x = g.convolution(x, filters: features, kernel: 1, padding: .same, bias: false, "conv_1")
        return activation(&g, normalized(&g, x, "conv_1_bn"), swishes: true)
      },
      classifier: { g, x, classes in
        var x = g.globalPooling(x, .average, keepsDimensions: true, "global_average_pooling2d")
        x = g.convolution(x, filters: size.headWidth, kernel: 1, padding: .same, "conv_2")
        x = activation(&g, x, swishes: true)
        x = g.dropout(x, rate: 0.2, "dropout")
        x = g.convolution(x, filters: classes, kernel: 1, padding: .same, "logits")
        return g.activation(g.flatten(x, "flatten"), .softmax, "predictions")
      })
  }

  /// Expands (not in the first block), convolves each channel, weighs the channels, projects.
  private func block(
    _ g: inout GraphBuilder, _ input: GraphBuilder.Value, _ block: Block, number: Int
  ) -> GraphBuilder.Value {
    let name = number == 0 ? "expanded_conv_" : "expanded_conv_\(number)_"
    let channels = g.shape(of: input).channels
    let filters = Width.divisible(block.filters * alpha)
    var x = input
    if number > 0 {
      let expanded = Width.divisible(Double(channels) * block.expansion)
      x = g.convolution(x, filters: expanded, kernel: 1, padding: .same, bias: false, "\(name)expand")
      x = activation(&g, normalized(&g, x, "\(name)expand_bn"), swishes: block.swishes)
    }
    let kernel = block.wide && !minimalistic ? 5 : 3
    if block.stride != 1 {
      x = g.zeroPadding(x, .beforeStride(kernel, over: g.shape(of: x)), "\(name)depthwise_pad")
    }
    x = g.depthwiseConvolution(
      x, kernel: Extent(kernel), stride: block.stride, padding: block.stride == 1 ? .same : .valid,
      bias: false, "\(name)depthwise")
    x = activation(&g, normalized(&g, x, "\(name)depthwise_bn"), swishes: block.swishes)
    if block.squeezes && !minimalistic { x = squeezed(&g, x, "\(name)squeeze_excite_") }
    x = g.convolution(x, filters: filters, kernel: 1, padding: .same, bias: false, "\(name)project")
    x = normalized(&g, x, "\(name)project_bn")
    return block.stride == 1 && filters == channels ? g.add(input, x, "\(name)add") : x
  }

  /// Channels weighed by what a small network makes of their means; its hard sigmoid is three layers in Keras.
  private func squeezed(
    _ g: inout GraphBuilder, _ input: GraphBuilder.Value, _ name: String
  ) -> GraphBuilder.Value {
    let channels = g.shape(of: input).channels
    var x = g.globalPooling(input, .average, keepsDimensions: true, "\(name)avg_pool")
    x = g.convolution(
      x, filters: Width.divisible(Double(channels) * 0.25), kernel: 1, padding: .same, "\(name)conv")
    x = g.activation(x, .relu, "\(name)relu")
    x = g.convolution(x, filters: channels, kernel: 1, padding: .same, "\(name)conv_1")
    x = g.rescaling(x, scale: 1, offset: 3, g.unusedName("add"))
    x = g.activation(x, .relu6, g.unusedName("re_lu"))
    x = g.rescaling(x, scale: 1.0 / 6, offset: 0, g.unusedName("multiply"))
    return g.multiply(input, x, "\(name)mul")
  }

  private func activation(
    _ g: inout GraphBuilder, _ x: GraphBuilder.Value, swishes: Bool
  ) -> GraphBuilder.Value {
    swishes && !minimalistic
      ? g.activation(x, .hardSwish, g.unusedName("activation"))
      : g.activation(x, .relu, g.unusedName("re_lu"))
  }

  private func normalized(
    _ g: inout GraphBuilder, _ x: GraphBuilder.Value, _ name: String
  ) -> GraphBuilder.Value {
    g.batchNormalization(x, epsilon: 1e-3, momentum: 0.999, name)
  }
}
