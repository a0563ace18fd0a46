internal import GraftGraph
internal import GraftImage
internal import GraftTensor

/// InceptionV3: blocks of parallel branches, with long kernels split in two. Szegedy et al., 2015, arXiv 1512.00567.
///
/// Stages: `stem`, then `mixed0` to `mixed10`, after the layers that the blocks end with. All other layers are
/// numbered by Keras in the order in which its code adds them.
enum InceptionV3 {
  static let all = [inceptionV3]

  static let inceptionV3 = Architecture(
    "inceptionv3", kerasName: "InceptionV3", inputSize: 299, minimumInputSize: 75, preprocessing: .tf,
    featureWidth: 2048,
    trunk: { g, x in
      g.begin(stage: "stem")
      var x = unit(&g, x, 32, 3, stride: 2, padding: .valid)
      x = unit(&g, x, 32, 3, padding: .valid)
      x = unit(&g, x, 64, 3)
      x = g.maxPooling(x, 3, stride: 2, g.unusedName("max_pooling2d"))
      x = unit(&g, x, 80, 1, padding: .valid)
      x = unit(&g, x, 192, 3, padding: .valid)
      x = g.maxPooling(x, 3, stride: 2, g.unusedName("max_pooling2d"))
      var number = 0
      func next(_ block: (inout GraphBuilder, GraphBuilder.Value, String) -> GraphBuilder.Value) {
        g.begin(stage: "mixed\(number)")
        x = block(&g, x, "mixed\(number)")
        number += 1
      }
      for pooled in [32, 64, 64] { next { blockA(&$0, $1, pooled: pooled, $2) } }
      next(reductionA)
      for width in [128, 160, 160, 192] { next { blockB(&$0, $1, width: width, $2) } }
      next(reductionB)
      for number in 0...1 { next { blockC(&$0, $1, number: number, $2) } }
      return x
    },
    classifier: ResNet.pooledClassifier)

  private static let across = Extent(height: 1, width: 7)
  private static let down = Extent(height: 7, width: 1)

  /// A convolution, its batch normalization, which has no gamma, and ReLU, numbered together.
  static func unit(
    _ g: inout GraphBuilder, _ x: GraphBuilder.Value, _ filters: Int, _ kernel: Extent, stride: Extent = 1,
    padding: Padding = .same
  ) -> GraphBuilder.Value {
    var x = g.convolution(
      x, filters: filters, kernel: kernel, stride: stride, padding: padding, bias: false,
      g.unusedName("conv2d"))
    x = g.batchNormalization(x, scales: false, g.unusedName("batch_normalization"))
    return g.activation(x, .relu, g.unusedName("activation"))
  }

  /// Convolutions at stride 1, one after the other.
  static func chain(
    _ g: inout GraphBuilder, _ x: GraphBuilder.Value, _ layers: [(filters: Int, kernel: Extent)]
  ) -> GraphBuilder.Value {
    layers.reduce(x) { unit(&g, $0, $1.filters, $1.kernel) }
  }

  private static func pooled(
    _ g: inout GraphBuilder, _ x: GraphBuilder.Value, _ filters: Int
  ) -> GraphBuilder.Value {
    let x = g.averagePooling(x, 3, stride: 1, padding: .same, g.unusedName("average_pooling2d"))
    return unit(&g, x, filters, 1)
  }

  private static func blockA(
    _ g: inout GraphBuilder, _ x: GraphBuilder.Value, pooled filters: Int, _ name: String
  ) -> GraphBuilder.Value {
    let a = unit(&g, x, 64, 1)
    let b = chain(&g, x, [(48, 1), (64, 5)])
    let c = chain(&g, x, [(64, 1), (96, 3), (96, 3)])
    return g.concatenate([a, b, c, pooled(&g, x, filters)], name)
  }

  private static func reductionA(
    _ g: inout GraphBuilder, _ x: GraphBuilder.Value, _ name: String
  ) -> GraphBuilder.Value {
    let a = unit(&g, x, 384, 3, stride: 2, padding: .valid)
    var b = chain(&g, x, [(64, 1), (96, 3)])
    b = unit(&g, b, 96, 3, stride: 2, padding: .valid)
    return g.concatenate([a, b, g.maxPooling(x, 3, stride: 2, g.unusedName("max_pooling2d"))], name)
  }

  private static func blockB(
    _ g: inout GraphBuilder, _ x: GraphBuilder.Value, width: Int, _ name: String
  ) -> GraphBuilder.Value {
    let a = unit(&g, x, 192, 1)
    let b = chain(&g, x, [(width, 1), (width, across), (192, down)])
    let c = chain(&g, x, [(width, 1), (width, down), (width, across), (width, down), (192, across)])
    return g.concatenate([a, b, c, pooled(&g, x, 192)], name)
  }

  private static func reductionB(
    _ g: inout GraphBuilder, _ x: GraphBuilder.Value, _ name: String
  ) -> GraphBuilder.Value {
    var a = unit(&g, x, 192, 1)
    a = unit(&g, a, 320, 3, stride: 2, padding: .valid)
    var b = chain(&g, x, [(192, 1), (192, across), (192, down)])
    b = unit(&g, b, 192, 3, stride: 2, padding: .valid)
    return g.concatenate([a, b, g.maxPooling(x, 3, stride: 2, g.unusedName("max_pooling2d"))], name)
  }

  private static func blockC(
    _ g: inout GraphBuilder, _ x: GraphBuilder.Value, number: Int, _ name: String
  ) -> GraphBuilder.Value {
    let (across, down) = (Extent(height: 1, width: 3), Extent(height: 3, width: 1))
    let a = unit(&g, x, 320, 1)
    var b = unit(&g, x, 384, 1)
    let (b1, b2) = (unit(&g, b, 384, across), unit(&g, b, 384, down))
    b = g.concatenate([b1, b2], "mixed9_\(number)")
    var c = chain(&g, x, [(448, 1), (384, 3)])
    let (c1, c2) = (unit(&g, c, 384, across), unit(&g, c, 384, down))
    c = g.concatenate([c1, c2], g.unusedName("concatenate"))
    return g.concatenate([a, b, c, pooled(&g, x, 192)], name)
  }
}
