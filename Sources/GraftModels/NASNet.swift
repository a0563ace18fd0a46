internal import GraftGraph
internal import GraftImage
internal import GraftTensor

/// NASNet-A: cells found by search, each of which reads the two before it. Zoph et al., 2017, arXiv 1707.07012.
///
/// Stages: `stem` with the first two reductions, `group_1`, and `group_2` and `group_3`, which begin with a reduction.
/// The first cell of a group reads the last two of the group before. Activations without a name of their own are
/// numbered by Keras in the order in which its code adds them.
struct NASNet: Sendable {
  static let all = [
    NASNet("Mobile", inputSize: 224, filters: 44, cells: 4, stem: 32, skipsReduction: false).architecture,
    NASNet("Large", inputSize: 331, filters: 168, cells: 6, stem: 96, skipsReduction: true).architecture,
  ]

  /// What cells read: the cell before, and the one before that.
  private struct Pair {
    var last: GraphBuilder.Value
    var previous: GraphBuilder.Value?
  }

  private let size: String
  private let inputSize: Int
  private let filters: Int
  private let cells: Int
  private let stem: Int
  /// Whether the cell after a reduction reads what the reduction's other input was.
  private let skipsReduction: Bool

  private init(
    _ size: String, inputSize: Int, filters: Int, cells: Int, stem: Int, skipsReduction: Bool
  ) {
    self.size = size
    self.inputSize = inputSize
    self.filters = filters
    self.cells = cells
    self.stem = stem
    self.skipsReduction = skipsReduction
  }

  private var architecture: Architecture {
    Architecture(
      "nasnet\(size.lowercased())", kerasName: "NASNet\(size)", inputSize: inputSize, preprocessing: .tf,
      featureWidth: 24 * filters,
      trunk: { g, x in
        g.begin(stage: "stem")
        var x = g.convolution(x, filters: stem, kernel: 3, stride: 2, bias: false, "stem_conv1")
        x = normalized(&g, x, "stem_bn1")
        var pair = Pair(last: x)
        reduce(&g, &pair, filters: filters / 4, "stem_1")
        reduce(&g, &pair, filters: filters / 2, "stem_2")
        for group in 0..<3 {
          g.begin(stage: "group_\(group + 1)")
          let width = filters << group
          if group > 0 {
            let previous = pair.previous
            reduce(&g, &pair, filters: width, "reduce_\(group * cells)")
            if skipsReduction { pair.previous = previous }
          }
          for cell in 0..<cells {
            normalCell(&g, &pair, filters: width, "\(group * cells + cell + (group > 0 ? 1 : 0))")
          }
        }
        return active(&g, pair.last)
      },
      classifier: { g, x, classes in
        let pooled = g.globalPooling(x, .average, "global_average_pooling2d")
        return g.dense(pooled, units: classes, activation: .softmax, "predictions")
      })
  }

  /// The paper's figure 4, left.
  private func normalCell(_ g: inout GraphBuilder, _ pair: inout Pair, filters: Int, _ id: String) {
    let p = adjusted(&g, pair, filters: filters, id)
    let h = entered(&g, pair.last, filters: filters, "normal", id)
    var x1 = separable(&g, h, filters, 5, "normal_left1_\(id)")
    x1 = g.add(x1, separable(&g, p, filters, 3, "normal_right1_\(id)"), "normal_add_1_\(id)")
    var x2 = separable(&g, p, filters, 5, "normal_left2_\(id)")
    x2 = g.add(x2, separable(&g, p, filters, 3, "normal_right2_\(id)"), "normal_add_2_\(id)")
    var x3 = g.averagePooling(h, 3, stride: 1, padding: .same, "normal_left3_\(id)")
    x3 = g.add(x3, p, "normal_add_3_\(id)")
    var x4 = g.averagePooling(p, 3, stride: 1, padding: .same, "normal_left4_\(id)")
    let other = g.averagePooling(p, 3, stride: 1, padding: .same, "normal_right4_\(id)")
    x4 = g.add(x4, other, "normal_add_4_\(id)")
    var x5 = separable(&g, h, filters, 3, "normal_left5_\(id)")
    x5 = g.add(x5, h, "normal_add_5_\(id)")
    let joined = g.concatenate([p, x1, x2, x3, x4, x5], "normal_concat_\(id)")
    pair = Pair(last: joined, previous: pair.last)
  }

  /// The paper's figure 4, right.
  private func reduce(_ g: inout GraphBuilder, _ pair: inout Pair, filters: Int, _ id: String) {
    let p = adjusted(&g, pair, filters: filters, id)
    let h = entered(&g, pair.last, filters: filters, "reduction", id)
    let padded = g.zeroPadding(h, .beforeStride(3, over: g.shape(of: h)), "reduction_pad_1_\(id)")
    var x1 = separable(&g, h, filters, 5, stride: 2, "reduction_left1_\(id)")
    x1 = g.add(
      x1, separable(&g, p, filters, 7, stride: 2, "reduction_right1_\(id)"), "reduction_add_1_\(id)")
    var x2 = g.maxPooling(padded, 3, stride: 2, "reduction_left2_\(id)")
    x2 = g.add(
      x2, separable(&g, p, filters, 7, stride: 2, "reduction_right2_\(id)"), "reduction_add_2_\(id)")
    var x3 = g.averagePooling(padded, 3, stride: 2, "reduction_left3_\(id)")
    x3 = g.add(
      x3, separable(&g, p, filters, 5, stride: 2, "reduction_right3_\(id)"), "reduction_add3_\(id)")
    var x4 = g.averagePooling(x1, 3, stride: 1, padding: .same, "reduction_left4_\(id)")
    x4 = g.add(x2, x4, g.unusedName("add"))
    var x5 = separable(&g, x1, filters, 3, "reduction_left4_\(id)")
    x5 = g.add(x5, g.maxPooling(padded, 3, stride: 2, "reduction_right5_\(id)"), "reduction_add4_\(id)")
    pair = Pair(
      last: g.concatenate([x2, x3, x4, x5], "reduction_concat_\(id)"), previous: pair.last)
  }

  /// The cell before the last in the size and width of the last: halved in two halves that are a pixel apart, or
  /// projected.
  private func adjusted(
    _ g: inout GraphBuilder, _ pair: Pair, filters: Int, _ id: String
  ) -> GraphBuilder.Value {
    guard let previous = pair.previous else { return pair.last }
    let shape = g.shape(of: previous)
    if shape[1] != g.shape(of: pair.last)[1] {
      let p = g.activation(previous, .relu, "adjust_relu_1_\(id)")
      var p1 = g.averagePooling(p, 1, stride: 2, "adjust_avg_pool_1_\(id)")
      p1 = g.convolution(
        p1, filters: filters / 2, kernel: 1, padding: .same, bias: false, "adjust_conv_1_\(id)")
      var p2 = g.zeroPadding(
        p, EdgeInsets(top: 0, bottom: 1, left: 0, right: 1), g.unusedName("zero_padding2d"))
      p2 = g.cropping(p2, EdgeInsets(top: 1, bottom: 0, left: 1, right: 0), g.unusedName("cropping2d"))
      p2 = g.averagePooling(p2, 1, stride: 2, "adjust_avg_pool_2_\(id)")
      p2 = g.convolution(
        p2, filters: filters / 2, kernel: 1, padding: .same, bias: false, "adjust_conv_2_\(id)")
      return normalized(&g, g.concatenate([p1, p2], g.unusedName("concatenate")), "adjust_bn_\(id)")
    }
    guard shape[2] != filters else { return previous }
    let p = g.convolution(
      active(&g, previous), filters: filters, kernel: 1, padding: .same, bias: false,
      "adjust_conv_projection_\(id)")
    return normalized(&g, p, "adjust_bn_\(id)")
  }

  /// The last cell in the width of the next.
  private func entered(
    _ g: inout GraphBuilder, _ x: GraphBuilder.Value, filters: Int, _ kind: String, _ id: String
  ) -> GraphBuilder.Value {
    let x = g.convolution(
      active(&g, x), filters: filters, kernel: 1, padding: .same, bias: false, "\(kind)_conv_1_\(id)")
    return normalized(&g, x, "\(kind)_bn_1_\(id)")
  }

  /// Twice ReLU, separable convolution and batch normalization; the first has the stride.
  private func separable(
    _ g: inout GraphBuilder, _ x: GraphBuilder.Value, _ filters: Int, _ kernel: Int, stride: Extent = 1,
    _ id: String
  ) -> GraphBuilder.Value {
    var x = active(&g, x)
    if stride != 1 {
      x = g.zeroPadding(x, .beforeStride(kernel, over: g.shape(of: x)), "separable_conv_1_pad_\(id)")
    }
    x = g.separableConvolution(
      x, filters: filters, kernel: Extent(kernel), stride: stride, padding: stride == 1 ? .same : .valid,
      bias: false, "separable_conv_1_\(id)")
    x = active(&g, normalized(&g, x, "separable_conv_1_bn_\(id)"))
    x = g.separableConvolution(
      x, filters: filters, kernel: Extent(kernel), padding: .same, bias: false, "separable_conv_2_\(id)")
    return normalized(&g, x, "separable_conv_2_bn_\(id)")
  }

  private func active(_ g: inout GraphBuilder, _ x: GraphBuilder.Value) -> GraphBuilder.Value {
    g.activation(x, .relu, g.unusedName("activation"))
  }

  private func normalized(
    _ g: inout GraphBuilder, _ x: GraphBuilder.Value, _ name: String
  ) -> GraphBuilder.Value {
    g.batchNormalization(x, epsilon: 1e-3, momentum: 0.9997, name)
  }
}
