internal import GraftGraph
internal import GraftImage
internal import GraftTensor

/// Xception: separable convolutions with shortcuts. Chollet, 2016, arXiv 1610.02357.
///
/// Stages: `block1` to `block14`.
enum Xception {
  static let all = [xception]

  static let xception = Architecture(
    "xception", kerasName: "Xception", inputSize: 299, minimumInputSize: 71, preprocessing: .tf,
    featureWidth: 2048,
    trunk: { g, x in
      g.begin(stage: "block1")
      var x = x
      for (number, filters) in [(1, 32), (2, 64)] {
        let name = "block1_conv\(number)"
        x = g.convolution(x, filters: filters, kernel: 3, stride: number == 1 ? 2 : 1, bias: false, name)
        x = g.activation(g.batchNormalization(x, "\(name)_bn"), .relu, "\(name)_act")
      }
      x = entry(&g, x, filters: [128, 128], startsActive: true, block: 2)
      x = entry(&g, x, filters: [256, 256], block: 3)
      x = entry(&g, x, filters: [728, 728], block: 4)
      for block in 5...12 { x = middle(&g, x, block: block) }
      x = entry(&g, x, filters: [728, 1024], block: 13)
      g.begin(stage: "block14")
      for (number, filters) in [(1, 1536), (2, 2048)] {
        x = unit(&g, x, filters: filters, "block14_sepconv\(number)")
        x = g.activation(x, .relu, "block14_sepconv\(number)_act")
      }
      return x
    },
    classifier: ResNet.pooledClassifier)

  /// Two separable convolutions and pooling, around which a 1 x 1 convolution leads. The first block of these gets
  /// what has gone through a ReLU already.
  private static func entry(
    _ g: inout GraphBuilder, _ input: GraphBuilder.Value, filters: [Int], startsActive: Bool = false,
    block: Int
  ) -> GraphBuilder.Value {
    let name = "block\(block)"
    g.begin(stage: name)
    var shortcut = g.convolution(
      input, filters: filters[1], kernel: 1, stride: 2, padding: .same, bias: false, g.unusedName("conv2d"))
    shortcut = g.batchNormalization(shortcut, g.unusedName("batch_normalization"))
    var x = input
    for number in 1...2 {
      let layer = "\(name)_sepconv\(number)"
      if number > 1 || !startsActive { x = g.activation(x, .relu, "\(layer)_act") }
      x = unit(&g, x, filters: filters[number - 1], layer)
    }
    x = g.maxPooling(x, 3, stride: 2, padding: .same, "\(name)_pool")
    return g.add(x, shortcut, g.unusedName("add"))
  }

  /// Three separable convolutions and the shortcut.
  private static func middle(
    _ g: inout GraphBuilder, _ input: GraphBuilder.Value, block: Int
  ) -> GraphBuilder.Value {
    g.begin(stage: "block\(block)")
    var x = input
    for number in 1...3 {
      let layer = "block\(block)_sepconv\(number)"
      x = unit(&g, g.activation(x, .relu, "\(layer)_act"), filters: 728, layer)
    }
    return g.add(x, input, g.unusedName("add"))
  }

  /// A separable convolution and its batch normalization.
  private static func unit(
    _ g: inout GraphBuilder, _ x: GraphBuilder.Value, filters: Int, _ name: String
  ) -> GraphBuilder.Value {
    let x = g.separableConvolution(x, filters: filters, kernel: 3, padding: .same, bias: false, name)
    return g.batchNormalization(x, "\(name)_bn")
  }
}
