internal import GraftGraph
internal import GraftImage
internal import GraftTensor

/// InceptionResNetV2: Inception's parallel branches as residuals. Szegedy et al., 2016, arXiv 1602.07261.
///
/// Stages: `stem`, `mixed_5b`, `block35`, `mixed_6a`, `block17`, `mixed_7a`, `block8`, `conv_7b`. Layers without a
/// name of their own are numbered by Keras in the order in which its code adds them.
enum InceptionResNetV2 {
  static let all = [inceptionResNetV2]

  static let inceptionResNetV2 = Architecture(
    "inceptionresnetv2", kerasName: "InceptionResNetV2", inputSize: 299, minimumInputSize: 75,
    preprocessing: .tf, featureWidth: 1536,
    trunk: { g, x in
      g.begin(stage: "stem")
      var x = unit(&g, x, 32, 3, stride: 2, padding: .valid)
      x = unit(&g, x, 32, 3, padding: .valid)
      x = unit(&g, x, 64, 3)
      x = g.maxPooling(x, 3, stride: 2, g.unusedName("max_pooling2d"))
      x = unit(&g, x, 80, 1, padding: .valid)
      x = unit(&g, x, 192, 3, padding: .valid)
      x = g.maxPooling(x, 3, stride: 2, g.unusedName("max_pooling2d"))
      g.begin(stage: "mixed_5b")
      x = mixed5b(&g, x)
      g.begin(stage: "block35")
      for number in 1...10 {
        x = residual(
          &g, x, branches: [[(32, 1)], [(32, 1), (32, 3)], [(32, 1), (48, 3), (64, 3)]], scale: 0.17,
          "block35_\(number)")
      }
      g.begin(stage: "mixed_6a")
      x = reduction(&g, x, branches: [[(384, 3)], [(256, 1), (256, 3), (384, 3)]], "mixed_6a")
      g.begin(stage: "block17")
      for number in 1...20 {
        x = residual(
          &g, x,
          branches: [
            [(192, 1)],
            [(128, 1), (160, Extent(height: 1, width: 7)), (192, Extent(height: 7, width: 1))],
          ], scale: 0.1, "block17_\(number)")
      }
      g.begin(stage: "mixed_7a")
      x = reduction(
        &g, x, branches: [[(256, 1), (384, 3)], [(256, 1), (288, 3)], [(256, 1), (288, 3), (320, 3)]],
        "mixed_7a")
      g.begin(stage: "block8")
      for number in 1...10 {
        x = residual(
          &g, x,
          branches: [
            [(192, 1)],
            [(192, 1), (224, Extent(height: 1, width: 3)), (256, Extent(height: 3, width: 1))],
          ], scale: number < 10 ? 0.2 : 1, isActive: number < 10, "block8_\(number)")
      }
      g.begin(stage: "conv_7b")
      x = g.convolution(x, filters: 1536, kernel: 1, padding: .same, bias: false, "conv_7b")
      return g.activation(g.batchNormalization(x, scales: false, "conv_7b_bn"), .relu, "conv_7b_ac")
    },
    classifier: ResNet.pooledClassifier)

  private typealias Branch = [(filters: Int, kernel: Extent)]

  private static func unit(
    _ g: inout GraphBuilder, _ x: GraphBuilder.Value, _ filters: Int, _ kernel: Extent, stride: Extent = 1,
    padding: Padding = .same
  ) -> GraphBuilder.Value {
    InceptionV3.unit(&g, x, filters, kernel, stride: stride, padding: padding)
  }

  private static func mixed5b(_ g: inout GraphBuilder, _ x: GraphBuilder.Value) -> GraphBuilder.Value {
    let a = unit(&g, x, 96, 1)
    let b = InceptionV3.chain(&g, x, [(48, 1), (64, 5)])
    let c = InceptionV3.chain(&g, x, [(64, 1), (96, 3), (96, 3)])
    let pooled = g.averagePooling(x, 3, stride: 1, padding: .same, g.unusedName("average_pooling2d"))
    return g.concatenate([a, b, c, unit(&g, pooled, 64, 1)], "mixed_5b")
  }

  /// Branches of which the last convolution halves the picture, beside a pooling that does.
  private static func reduction(
    _ g: inout GraphBuilder, _ x: GraphBuilder.Value, branches: [Branch], _ name: String
  ) -> GraphBuilder.Value {
    var results: [GraphBuilder.Value] = []
    for branch in branches {
      let before = InceptionV3.chain(&g, x, branch.dropLast())
      for last in branch.suffix(1) {
        results.append(unit(&g, before, last.filters, last.kernel, stride: 2, padding: .valid))
      }
    }
    results.append(g.maxPooling(x, 3, stride: 2, g.unusedName("max_pooling2d")))
    return g.concatenate(results, name)
  }

  /// What comes in plus `scale` times what the branches make of it.
  private static func residual(
    _ g: inout GraphBuilder, _ x: GraphBuilder.Value, branches: [Branch], scale: Float, isActive: Bool = true,
    _ name: String
  ) -> GraphBuilder.Value {
    var results: [GraphBuilder.Value] = []
    for branch in branches { results.append(InceptionV3.chain(&g, x, branch)) }
    let mixed = g.concatenate(results, "\(name)_mixed")
    let up = g.convolution(
      mixed, filters: g.shape(of: x).channels, kernel: 1, padding: .same, "\(name)_conv")
    let sum = g.scaledAddition(x, up, scale: scale, g.unusedName("custom_scale_layer"))
    return isActive ? g.activation(sum, .relu, "\(name)_ac") : sum
  }
}
