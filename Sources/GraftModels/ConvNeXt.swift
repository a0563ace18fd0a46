internal import GraftGraph
internal import GraftImage
internal import GraftTensor

/// ConvNeXt: a ResNet remade after vision transformers: 7 x 7 depthwise convolutions, layer normalization, GELU. Liu et
/// al., 2022, arXiv 2201.03545.
///
/// Takes values 0...255. Stages: `stem`, `stage_0` to `stage_3`, each with the layers that halve the picture before it.
/// Without the classifier Keras puts a layer normalization behind the features, pooled or not.
enum ConvNeXt {
  static let all = [
    convNeXt("Tiny", depths: [3, 3, 9, 3], widths: [96, 192, 384, 768]),
    convNeXt("Small", depths: [3, 3, 27, 3], widths: [96, 192, 384, 768]),
    convNeXt("Base", depths: [3, 3, 27, 3], widths: [128, 256, 512, 1024]),
    convNeXt("Large", depths: [3, 3, 27, 3], widths: [192, 384, 768, 1536]),
    convNeXt("XLarge", depths: [3, 3, 27, 3], widths: [256, 512, 1024, 2048]),
  ]

  private static let epsilon: Float = 1e-6

  private static func convNeXt(_ size: String, depths: [Int], widths: [Int]) -> Architecture {
    let name = "convnext_\(size.lowercased())"
    return Architecture(
      "convnext\(size.lowercased())", kerasName: "ConvNeXt\(size)", preprocessing: .none,
      featureWidth: widths[3],
      trunk: { g, x in
        g.begin(stage: "stem")
        let figures = Normalization.Figures(
          mean: [0.485, 0.456, 0.406].map { Float($0 * 255 as Double) },
          variance: [0.229, 0.224, 0.225].map { Float(($0 * 255) * ($0 * 255) as Double) })
        var x = g.normalization(x, by: figures, "\(name)_prestem_normalization")
        x = g.convolution(x, filters: widths[0], kernel: 4, stride: 4, "\(name)_stem_conv")
        x = g.layerNormalization(x, epsilon: epsilon, "\(name)_stem_layernorm")
        for (i, (depth, width)) in zip(depths, widths).enumerated() {
          g.begin(stage: "stage_\(i)")
          if i > 0 {
            x = g.layerNormalization(x, epsilon: epsilon, "\(name)_downsampling_layernorm_\(i - 1)")
            x = g.convolution(
              x, filters: width, kernel: 2, stride: 2, "\(name)_downsampling_conv_\(i - 1)")
          }
          for j in 0..<depth { x = block(&g, x, "\(name)_stage_\(i)_block_\(j)_") }
        }
        return x
      },
      closing: { g, x in g.layerNormalization(x, epsilon: epsilon, "layer_normalization") },
      classifier: { g, x, classes in
        var x = g.globalPooling(x, .average, "\(name)_head_gap")
        x = g.layerNormalization(x, epsilon: epsilon, "\(name)_head_layernorm")
        return g.dense(x, units: classes, activation: .softmax, "\(name)_head_dense")
      })
  }

  /// A convolution of each channel, then two dense layers over each pixel's channels; plus the shortcut.
  private static func block(
    _ g: inout GraphBuilder, _ input: GraphBuilder.Value, _ name: String
  ) -> GraphBuilder.Value {
    let width = g.shape(of: input).channels
    var x = g.convolution(
      input, filters: width, kernel: 7, padding: .same, groups: width, "\(name)depthwise_conv")
    x = g.layerNormalization(x, epsilon: epsilon, "\(name)layernorm")
    x = g.dense(x, units: 4 * width, "\(name)pointwise_conv_1")
    x = g.activation(x, .gelu, "\(name)gelu")
    x = g.dense(x, units: width, "\(name)pointwise_conv_2")
    x = g.layerScale(x, "\(name)layer_scale")
    x = g.activation(x, .linear, "\(name)identity")
    return g.add(input, x, g.unusedName("add"))
  }
}
