import GraftEngine
import GraftGraph
import GraftTensor
import _GraftTestSupport

/// The layers that are computed by plain loops.
extension GradientCase {
  /// One of each kind of function, with corners that no random number meets.
  static let functions: [ScalarFunction] = [
    .rectifier(slope: 0.1, maximum: 1.5, threshold: 0.25), .leakyRectifier(0.3),
    .rectifier(slope: 0, maximum: 2, threshold: 0), .elu(0.7), .selu, .oldHardSigmoid, .hardTanh, .tanh,
    .tanhShrink, .exponential, .softplus, .logSigmoid, .softsign, .mish, .approximateGELU, .squareplus(b: 4),
    .shrink(threshold: 0.5, isSoft: true), .shrink(threshold: 0.5, isSoft: false),
  ]

  static func rarer() throws -> [GradientCase] {
    var cases: [GradientCase] = []
    for c in [
      TransposedConvolution(filters: 4, kernel: 3, stride: 2, padding: .same, activation: .swish),
      TransposedConvolution(
        filters: 3, kernel: Extent(height: 2, width: 4), stride: Extent(height: 3, width: 2)),
      TransposedConvolution(filters: 9, kernel: 3, padding: .valid, dilation: 2, usesBias: false),
      TransposedConvolution(filters: 2, kernel: 3, stride: 2, padding: .same, outputPadding: 1),
    ] {
      cases.append(
        try GradientCase("transposed \(c)", [4, 3, 9]) { g, x in
          _ = g.layer(.transposedConvolution(c), [x], "y")
        })
    }
    for (groups, scales, centers, scope) in [
      (3, true, true, GroupNormalization.Scope.channel), (1, false, true, .channel),
      (9, true, false, .channel),
      (1, true, true, .element), (1, false, false, .element),
    ] {
      cases.append(
        try GradientCase(
          "group normalization \(groups) \(scales) \(centers) \(scope)", [3, 4, 9], stem: groups != 9
        ) { g, x in
          let n = GroupNormalization(
            groups: groups, epsilon: 0.01, scales: scales, centers: centers, scope: scope)
          _ = g.activation(g.layer(.groupNormalization(n), [x], "n"), .swish, "y")
        })
    }
    cases.append(
      try GradientCase("unit normalization", [3, 4, 5]) { g, x in
        _ = g.layer(.unitNormalization, [x], "y")
      })
    for axes in [[], [0, 1], [2], [0, 1, 2]] {
      cases.append(
        try GradientCase("parametric rectifier \(axes)", [3, 4, 5]) { g, x in
          _ = g.layer(.parametricRectifier(sharedAxes: axes), [x], "y")
        })
    }
    for kind in Combination.allCases {
      cases.append(
        try GradientCase("\(kind)", [3, 4, 5]) { g, x in
          let exponential = g.activation(
            g.convolution(x, filters: 5, kernel: 1, "b"), .function(.exponential), "e")
          _ = g.layer(.combination(kind), [x, exponential], "y")
        })
      cases.append(
        try GradientCase("\(kind) of repeated axes", [3, 4, 5]) { g, x in
          let row = g.averagePooling(x, Extent(height: 3, width: 1), stride: 1, "row")
          let column = g.convolution(x, filters: 1, kernel: Extent(height: 1, width: 4), "column")
          let e = g.activation(column, .function(.exponential), "e")
          let joined = g.layer(.combination(kind), [row, e], "joined")
          _ = g.layer(.combination(.maximum), [joined, x, row], "y")
        })
    }
    cases.append(
      try GradientCase("a value with itself", [3, 4, 5]) { g, x in
        let product = g.layer(.combination(.product), [x, x], "p")
        _ = g.layer(.combination(.difference), [product, x], "y")
      })
    for axis in [0, 1] {
      cases.append(
        try GradientCase("joined along axis \(axis)", [4, 4, 5]) { g, x in
          let cut = g.cropping(
            x, EdgeInsets(top: axis == 0 ? 1 : 0, bottom: 0, left: axis, right: 0), "cut")
          _ = g.layer(.stacking(axis: axis), [x, cut, x], "y")
        })
    }
    for order in [[2, 0, 1], [1, 2, 0], [1, 0, 2], [0, 1, 2]] {
      cases.append(
        try GradientCase("axes \(order)", [3, 4, 5]) { g, x in
          _ = g.layer(.permutation(order: order), [x], "y")
        })
    }
    for interpolation in [Resampling.Interpolation.nearest, .bilinear] {
      for target in [
        Resampling.Target.factor(Extent(height: 2, width: 3)), .size(Extent(height: 7, width: 2)),
      ] {
        cases.append(
          try GradientCase("resampling \(interpolation) \(target)", [4, 5, 3]) { g, x in
            _ = g.layer(.resampling(Resampling(target, interpolation)), [x], "y")
          })
      }
    }
    for activation in [Activation.function(.mish), .function(.tanh), .function(.leakyRectifier(0.2))] {
      cases.append(
        try GradientCase("layers with \(activation)", [4, 5, 3]) { g, x in
          let a = g.convolution(x, filters: 4, kernel: 3, padding: .same, activation: activation, "a")
          let b = g.depthwiseConvolution(a, kernel: 3, padding: .same, activation: activation, "b")
          _ = g.dense(g.flatten(b, "f"), units: 3, activation: activation, "y")
        })
    }
    return cases
  }
}
