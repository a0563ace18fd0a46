import GraftEngine
import GraftGraph
import GraftTensor
import _GraftTestSupport

/// A small network whose gradients are looked at.
struct GradientCase: Sendable, CustomStringConvertible {
  let description: String
  let network: Network
  var statistics = TrainingPlan.Statistics.frozen

  /// A layer that trains, so that the gradient with respect to what the others read matters, and then the layers
  /// that `body` adds.
  init(
    _ description: String, _ input: Shape, stem: Bool = true, scale: Float = 1,
    _ body: (inout GraphBuilder, GraphBuilder.Value) -> Void
  ) throws {
    self.description = description
    network = try GraftEngineTests.network(input, seed: 3) { g, x in
      var x = x
      if stem { x = g.dense(x, units: input.channels, "stem") }
      if scale != 1 { x = g.rescaling(x, scale: scale, offset: 0.1, "stem_scaled") }
      body(&g, x)
      // An activation at the very end may be left to the loss.
      _ = g.rescaling(g.last, scale: 0.8, offset: 0, "end")
    }
  }

  func updating() -> GradientCase {
    var copy = self
    copy.statistics = .updated
    return copy
  }

  /// Pictures, and the gradient of a loss with respect to the result: random numbers both.
  func batch(_ pictures: Int) -> (input: Tensor, gradient: Tensor) {
    let (x, y) = (network.graph.inputShape, network.graph.output.shape)
    return (
      Tensor(uniform: -1...1, shape: Shape([pictures] + x.dimensions), seed: 5, stream: "pictures"),
      Tensor(uniform: -1...1, shape: Shape([pictures] + y.dimensions), seed: 5, stream: "gradient")
    )
  }

  /// The same network in Double.
  func reference() -> ReferenceTraining {
    var reference = ReferenceTraining(network)
    if statistics == .updated {
      reference.batchStatistics = Set(
        network.graph.nodes.filter { node in
          network.graph.trainableKeys.contains { $0.layer == node.name && $0.name == "gamma" }
        }.map(\.name))
    }
    return reference
  }
}

extension GradientCase {
  static func all() throws -> [GradientCase] {
    try convolutions() + depthwise() + separable() + factors() + others() + activations() + normalizations()
      + merged() + rarer()
  }

  private static func convolutions() throws -> [GradientCase] {
    var cases: [GradientCase] = []
    // Winograd's method takes batches of enough tiles.
    for (height, width, channels, filters) in [(7, 7, 16, 24), (9, 8, 17, 19), (8, 13, 33, 16)] {
      cases.append(
        try GradientCase("convolution 3x3 over \(height)x\(width)x\(channels)", [height, width, channels]) {
          g, x in
          var x = g.convolution(x, filters: filters, kernel: 3, padding: .same, activation: .relu, "a")
          x = g.zeroPadding(x, 1, "pad")
          x = g.convolution(x, filters: filters, kernel: 3, bias: false, "b")
          x = g.batchNormalization(x, epsilon: 1e-3, momentum: 0.9, "b_bn")
          _ = g.convolution(x, filters: 16, kernel: 3, padding: .valid, "c")
        })
    }
    let windows: [(Extent, Extent, Extent, Padding)] = [
      (1, 1, 1, .same), (1, 2, 1, .valid), (3, 1, 1, .same), (3, 2, 1, .same), (3, 1, 2, .same),
      (Extent(height: 2, width: 3), Extent(height: 3, width: 1), 1, .same), (5, 2, 1, .valid),
      (2, 2, 1, .same),
    ]
    for (number, (kernel, stride, dilation, padding)) in windows.enumerated() {
      for (height, width, channels, filters) in [(6, 5, 3, 4), (7, 9, 17, 9)] {
        cases.append(
          try GradientCase(
            "convolution \(kernel.height)x\(kernel.width)/\(stride.height) \(dilation.height) \(padding) over "
              + "\(height)x\(width)x\(channels)", [height, width, channels]
          ) { g, x in
            _ = g.convolution(
              x, filters: filters, kernel: kernel, stride: stride, padding: padding, dilation: dilation,
              bias: number % 2 == 0, activation: Activation.basic[number % 7], "y")
          })
      }
    }
    // Sums and columns for Strassen's method, rows that do not fall into equal tiles, and two readers of one result.
    cases.append(
      try GradientCase("wide convolutions of one pixel", [10, 11, 8]) { g, x in
        let a = g.convolution(x, filters: 128, kernel: 1, activation: .relu, "a")
        let b = g.convolution(a, filters: 192, kernel: 1, activation: .swish, "b")
        let c = g.convolution(a, filters: 192, kernel: 1, bias: false, "c")
        _ = g.add(b, c, "sum")
      })
    for (channels, filters, groups) in [(6, 4, 2), (8, 16, 8), (5, 5, 5)] {
      cases.append(
        try GradientCase("convolution in \(groups) groups", [5, 6, channels]) { g, x in
          _ = g.convolution(
            x, filters: filters, kernel: 3, stride: 2, padding: .same, groups: groups, "y")
        })
    }
    return cases
  }

  private static func depthwise() throws -> [GradientCase] {
    try [(3, 1, 1, 1), (3, 2, 1, 1), (5, 2, 1, 1), (3, 1, 2, 1), (3, 2, 1, 2), (2, 3, 1, 3)].flatMap {
      (kernel, stride, dilation, multiplier) in
      try [Padding.same, .valid].map { padding in
        try GradientCase(
          "depthwise convolution \(kernel)/\(stride) \(dilation) \(padding) x \(multiplier)", [7, 8, 9]
        ) { g, x in
          let attributes = DepthwiseConvolution(
            kernel: Extent(kernel), stride: Extent(stride), padding: padding, dilation: Extent(dilation),
            multiplier: multiplier, usesBias: padding == .same, activation: stride == 2 ? .relu6 : .swish)
          _ = g.layer(.depthwiseConvolution(attributes), [x], "y")
        }
      }
    }
  }

  private static func separable() throws -> [GradientCase] {
    try [(3, 1, 1), (5, 2, 1), (3, 2, 2)].map { (kernel, stride, multiplier) in
      try GradientCase("separable convolution \(kernel)/\(stride) x \(multiplier)", [7, 8, 5]) { g, x in
        let attributes = SeparableConvolution(
          filters: 6, kernel: Extent(kernel), stride: Extent(stride), padding: stride == 2 ? .same : .valid,
          multiplier: multiplier, usesBias: multiplier == 1, activation: kernel == 3 ? .relu : .linear)
        _ = g.layer(.separableConvolution(attributes), [x], "y")
      }
    }
  }

  private static func factors() throws -> [GradientCase] {
    var cases = [
      try GradientCase("cropping", [5, 6, 4]) { g, x in
        let a = g.cropping(x, EdgeInsets(top: 1, bottom: 0, left: 2, right: 1), "a")
        _ = g.concatenate(
          [
            g.convolution(x, filters: 2, kernel: 5, stride: 1, "b"),
            g.cropping(a, EdgeInsets(top: 3, bottom: 0, left: 0, right: 1), "c"),
          ], "y")
      },
      try GradientCase("an addition with a factor", [4, 3, 5]) { g, x in
        let a = g.scaledAddition(x, g.convolution(x, filters: 5, kernel: 1, "c"), scale: 0.3, "a")
        _ = g.scaledAddition(a, a, scale: -0.5, "y")
      },
      try GradientCase("layer scale", [4, 3, 9]) { g, x in
        _ = g.activation(g.layerScale(x, "a"), .relu, "y")
      },
      try GradientCase("normalizations by figures", [4, 3, 3]) { g, x in
        let a = g.normalization(x, by: .init(mean: [0.1, 0.2, 0.3], variance: [0.2, 1.5, 0.7]), "a")
        _ = g.normalization(a, "y")
      },
    ]
    for (scales, centers) in [(true, true), (false, true), (true, false), (false, false)] {
      cases.append(
        try GradientCase("layer normalization \(scales) \(centers)", [3, 4, 19]) { g, x in
          let attributes = LayerNormalization(epsilon: 0.01, scales: scales, centers: centers)
          _ = g.activation(g.layer(.layerNormalization(attributes), [x], "a"), .gelu, "y")
        })
    }
    return cases
  }

  private static func others() throws -> [GradientCase] {
    var cases = [
      try GradientCase("dense layers", [5]) { g, x in
        let y = g.dense(x, units: 300, activation: .relu, "a")
        _ = g.dense(y, units: 3, bias: false, "y")
      },
      try GradientCase("a dense layer over a picture", [3, 5, 7]) { g, x in
        _ = g.dense(x, units: 4, activation: .sigmoid, "y")
      },
      try GradientCase("zero padding", [3, 4, 5]) { g, x in
        _ = g.zeroPadding(x, EdgeInsets(top: 0, bottom: 2, left: 1, right: 3), "y")
      },
      try GradientCase("sums, of one with itself too", [3, 4, 5]) { g, x in
        let a = g.convolution(x, filters: 5, kernel: 1, "a")
        let b = g.layer(.add, [a, x, x], "b")
        _ = g.add(b, b, "y")
      },
      try GradientCase("products, of one with itself too", [3, 4, 5]) { g, x in
        let a = g.convolution(x, filters: 5, kernel: 1, "a")
        let b = g.multiply(a, x, "b")
        _ = g.multiply(b, b, "y")
      },
      try GradientCase("squeeze and excitation, the factor first and last", [3, 4, 5]) { g, x in
        let pooled = g.globalPooling(x, .average, keepsDimensions: true, "pooled")
        let factor = g.convolution(pooled, filters: 5, kernel: 1, activation: .hardSigmoid, "factor")
        let a = g.multiply(factor, x, "a")
        _ = g.multiply(a, factor, "y")
      },
      try GradientCase("joined channels, of one with itself too", [3, 4, 5]) { g, x in
        let a = g.convolution(x, filters: 3, kernel: 1, activation: .relu, "a")
        let b = g.concatenate([a, x, a], "b")
        _ = g.convolution(b, filters: 2, kernel: 3, "y")
      },
      try GradientCase("other shapes", [3, 4, 5]) { g, x in
        let flat = g.flatten(g.activation(x, .linear, "linear"), "flat")
        let a = g.reshape(flat, to: [2, 6, 5], "a")
        _ = g.rescaling(a, scale: -0.5, offset: 3, "y")
      },
      try GradientCase("a residual block", [5, 6, 4]) { g, x in
        var y = g.convolution(x, filters: 4, kernel: 3, padding: .same, bias: false, "c1")
        y = g.activation(g.batchNormalization(y, "b1"), .relu, "r1")
        y = g.convolution(y, filters: 4, kernel: 3, padding: .same, bias: false, "c2")
        y = g.add(g.batchNormalization(y, "b2"), x, "sum")
        y = g.activation(y, .relu, "r2")
        _ = g.globalPooling(y, .average, "y")
      },
    ]
    for kind in GlobalPooling.Kind.allCases {
      cases.append(
        try GradientCase("global \(kind)", [3, 5, 9]) { g, x in _ = g.globalPooling(x, kind, "y") })
    }
    for (window, stride) in [(2, 2), (3, 2), (3, 1), (1, 2)] {
      for padding in [Padding.same, .valid] {
        cases.append(
          try GradientCase("pooling \(window)/\(stride) \(padding)", [6, 7, 9]) { g, x in
            let a = g.maxPooling(x, Extent(window), stride: Extent(stride), padding: padding, "max")
            let b = g.averagePooling(x, Extent(window), stride: Extent(stride), padding: padding, "mean")
            _ = g.concatenate([a, b], "y")
          })
      }
    }
    return cases
  }

  private static func activations() throws -> [GradientCase] {
    try (Activation.basic + Self.functions.map(Activation.function)).map { activation in
      try GradientCase("\(activation)", [3, 4, 9], scale: 4) { g, x in
        let a = g.activation(x, activation, "a")
        _ = g.add(a, g.convolution(a, filters: 9, kernel: 1, "b"), "y")
      }
    }
  }

  private static func normalizations() throws -> [GradientCase] {
    var cases: [GradientCase] = []
    for (scales, centers) in [(true, true), (false, true), (true, false), (false, false)] {
      cases.append(
        try GradientCase("batch normalization \(scales) \(centers)", [3, 4, 9]) { g, x in
          let attributes = BatchNormalization(epsilon: 0.01, scales: scales, centers: centers)
          _ = g.activation(g.layer(.batchNormalization(attributes), [x], "a"), .relu, "y")
        })
    }
    cases.append(
      try GradientCase("batch statistics", [3, 4, 9]) { g, x in
        let a = g.activation(g.batchNormalization(x, epsilon: 0.01, "a"), .relu, "r")
        _ = g.batchNormalization(g.convolution(a, filters: 4, kernel: 3, "c"), "y")
      }.updating())
    return cases
  }

  /// Layers that a plan merges: padding, convolution, normalization, sum and activation; and neighbours of such that
  /// it must not merge.
  private static func merged() throws -> [GradientCase] {
    func block(
      _ g: inout GraphBuilder, _ x: GraphBuilder.Value, _ filters: Int, kernel: Int, stride: Int = 1,
      bias: Bool = false, _ activation: Activation, _ name: String
    ) -> GraphBuilder.Value {
      let y = g.convolution(
        x, filters: filters, kernel: Extent(kernel), stride: Extent(stride), padding: .same, bias: bias, name)
      return g.activation(g.batchNormalization(y, epsilon: 0.01, name + "_bn"), activation, name + "_out")
    }
    func depthwise(
      _ g: inout GraphBuilder, _ x: GraphBuilder.Value, stride: Int, _ activation: Activation, _ name: String
    ) -> GraphBuilder.Value {
      let padded = g.zeroPadding(x, EdgeInsets(top: 0, bottom: 1, left: 0, right: 1), name + "_pad")
      let attributes = DepthwiseConvolution(
        kernel: 3, stride: Extent(stride), padding: stride == 1 ? .same : .valid, usesBias: false)
      let y = g.layer(.depthwiseConvolution(attributes), [padded], name)
      return g.activation(g.batchNormalization(y, epsilon: 0.01, name + "_bn"), activation, name + "_out")
    }
    return [
      try GradientCase("blocks of a residual network", [9, 10, 16]) { g, x in
        let a = block(&g, x, 16, kernel: 3, .relu, "a")
        let short = g.batchNormalization(g.convolution(a, filters: 24, kernel: 1, stride: 2, "s"), "s_bn")
        let b = block(&g, a, 20, kernel: 1, stride: 2, .relu, "b")
        let c = g.batchNormalization(
          g.convolution(b, filters: 24, kernel: 3, padding: .same, bias: false, "c"), "c_bn")
        let d = g.activation(g.add(short, c, "d"), .relu, "d_out")
        let e = block(&g, d, 17, kernel: 3, bias: true, .relu6, "e")
        let f = g.batchNormalization(g.convolution(e, filters: 24, kernel: 1, "f"), "f_bn")
        _ = g.activation(g.add(f, d, "h"), .relu, "y")
      },
      try GradientCase("inverted residuals", [9, 8, 5], scale: 3) { g, x in
        let a = block(&g, x, 19, kernel: 1, .relu6, "a")
        let b = depthwise(&g, a, stride: 2, .relu6, "b")
        let c = block(&g, b, 6, kernel: 1, .linear, "c")
        let d = depthwise(&g, block(&g, c, 33, kernel: 1, .relu6, "d"), stride: 1, .hardSwish, "e")
        _ = g.add(
          c,
          g.zeroPadding(
            block(&g, d, 6, kernel: 2, stride: 2, .linear, "f"),
            EdgeInsets(top: 0, bottom: 1, left: 1, right: 0), "g"), "y")
      },
      try GradientCase("a padded stem", [11, 12, 3]) { g, x in
        let padded = g.zeroPadding(x, EdgeInsets(3), "pad")
        let a = g.convolution(padded, filters: 9, kernel: 7, stride: 2, padding: .valid, "a")
        let b = g.activation(g.batchNormalization(a, "a_bn"), .relu, "b")
        let c = g.zeroPadding(b, EdgeInsets(1), "c")
        _ = g.maxPooling(c, 3, stride: 2, padding: .valid, "y")
      },
      try GradientCase("results that several read", [6, 7, 16]) { g, x in
        let a = g.convolution(x, filters: 16, kernel: 3, padding: .same, "a")
        let b = g.activation(g.batchNormalization(a, "b"), .relu, "c")
        // Of a convolution that is read twice nothing may be left out; nor may a sum take in its own input.
        let d = g.add(a, b, "d")
        let e = g.activation(g.add(g.convolution(d, filters: 16, kernel: 1, "e"), d, "f"), .relu, "g")
        let h = g.convolution(e, filters: 16, kernel: 1, "h")
        _ = g.concatenate(
          [g.convolution(e, filters: 4, kernel: 3, "i"), g.convolution(h, filters: 3, kernel: 3, "j")], "y")
      },
    ]
  }
}
