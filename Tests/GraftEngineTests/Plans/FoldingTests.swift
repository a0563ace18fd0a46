import GraftEngine
import GraftGraph
import GraftTensor
import Testing
import _GraftTestSupport

@Suite("Layers merged into others")
struct FoldingTests {
  static let cases: [(String, Int, @Sendable (inout GraphBuilder, GraphBuilder.Value) -> Void)] = [
    (
      "convolution, normalization, activation", 1,
      { g, x in
        var x = g.convolution(x, filters: 9, kernel: 3, padding: .same, bias: false, "a")
        x = g.batchNormalization(x, "b")
        _ = g.activation(x, .relu6, "c")
      }
    ),
    (
      "depthwise convolution with padding, normalization, activation", 1,
      { g, x in
        var x = g.zeroPadding(x, EdgeInsets(top: 0, bottom: 1, left: 0, right: 1), "pad")
        x = g.depthwiseConvolution(x, kernel: 3, stride: 2, bias: false, "a")
        x = g.batchNormalization(x, "b")
        _ = g.activation(x, .hardSwish, "c")
      }
    ),
    (
      "dense layer and normalization, with a bias", 1,
      { g, x in _ = g.batchNormalization(g.dense(x, units: 5, "a"), "b") }
    ),
    (
      "two normalizations", 1,
      { g, x in _ = g.batchNormalization(g.batchNormalization(x, "a"), "b") }
    ),
    (
      "a normalization after an activation stays", 2,
      { g, x in _ = g.batchNormalization(g.convolution(x, filters: 4, kernel: 1, activation: .relu, "a"), "b")
      }
    ),
    (
      "a normalization of flattened channels stays", 2,
      { g, x in _ = g.batchNormalization(g.flatten(g.convolution(x, filters: 4, kernel: 1, "a"), "f"), "b") }
    ),
    (
      "an activation of flattened channels", 1,
      { g, x in _ = g.activation(g.flatten(g.convolution(x, filters: 4, kernel: 3, "a"), "f"), .relu, "b") }
    ),
    (
      "residual addition and activation", 2,
      { g, x in
        let a = g.batchNormalization(g.convolution(x, filters: 6, kernel: 1, "a"), "a_bn")
        let b = g.batchNormalization(g.convolution(a, filters: 6, kernel: 3, padding: .same, "b"), "b_bn")
        _ = g.activation(g.add(a, b, "sum"), .relu, "y")
      }
    ),
    (
      "branches of 3 x 3, of one pixel and of the picture itself, and activation", 2,
      { g, x in
        let x = g.convolution(x, filters: 6, kernel: 1, "before")
        let padded = g.zeroPadding(x, 1, "pad")
        let a = g.batchNormalization(g.convolution(padded, filters: 6, kernel: 3, "a"), "a_bn")
        let b = g.batchNormalization(g.convolution(x, filters: 6, kernel: 1, bias: false, "b"), "b_bn")
        let sum = g.layer(.add, [a, b, g.batchNormalization(x, "identity_bn")], "sum")
        _ = g.activation(sum, .relu, "y")
      }
    ),
    (
      "branches with a stride, the smaller one first", 1,
      { g, x in
        let a = g.convolution(x, filters: 5, kernel: 1, stride: 2, "a")
        let padded = g.zeroPadding(x, EdgeInsets(top: 2, bottom: 2, left: 1, right: 3), "pad")
        _ = g.add(a, g.convolution(padded, filters: 5, kernel: 5, stride: 2, "b"), "y")
      }
    ),
    (
      "branches of which neither kernel lies in the other stay", 2,
      { g, x in
        let wide = Extent(height: 1, width: 3)
        let high = Extent(height: 3, width: 1)
        let a = g.convolution(x, filters: 5, kernel: wide, padding: .same, "a")
        _ = g.add(a, g.convolution(x, filters: 5, kernel: high, padding: .same, "b"), "y")
      }
    ),
    (
      "branches at other places stay", 2,
      { g, x in
        let padded = g.zeroPadding(x, EdgeInsets(top: 0, bottom: 3, left: 0, right: 3), "pad")
        let shifted = g.zeroPadding(x, EdgeInsets(top: 1, bottom: 0, left: 1, right: 0), "shift")
        let a = g.convolution(padded, filters: 5, kernel: 3, stride: 2, "a")
        _ = g.add(a, g.convolution(shifted, filters: 5, kernel: 1, stride: 2, "b"), "y")
      }
    ),
    (
      "branches of which one is read elsewhere stay", 3,
      { g, x in
        let a = g.convolution(x, filters: 5, kernel: 3, padding: .same, "a")
        let sum = g.add(a, g.convolution(x, filters: 5, kernel: 1, "b"), "sum")
        _ = g.multiply(sum, a, "y")
      }
    ),
    (
      "a sum that is read twice", 5,
      { g, x in
        let a = g.convolution(x, filters: 6, kernel: 1, "a")
        let b = g.convolution(a, filters: 6, kernel: 3, padding: .same, "b")
        let sum = g.add(b, a, "sum")
        _ = g.add(g.activation(sum, .relu, "r"), g.batchNormalization(sum, "n"), "y")
      }
    ),
    (
      "a normalization after a residual addition stays", 3,
      { g, x in
        let a = g.convolution(x, filters: 6, kernel: 1, "a")
        let sum = g.add(g.convolution(a, filters: 6, kernel: 1, "b"), a, "sum")
        _ = g.activation(g.batchNormalization(sum, "n"), .relu, "y")
      }
    ),
    (
      "a sum of three", 4,
      { g, x in
        let a = g.convolution(x, filters: 6, kernel: 1, "a")
        let b = g.convolution(x, filters: 6, kernel: 3, padding: .same, "b")
        let c = g.depthwiseConvolution(b, kernel: 3, padding: .same, "c")
        _ = g.layer(.add, [a, c, b], "y")
      }
    ),
    (
      "a layer added to its own input", 2,
      { g, x in _ = g.add(x, g.depthwiseConvolution(x, kernel: 1, "a"), "y") }
    ),
    (
      "squeeze and excitation", 5,
      { g, x in
        let x = g.convolution(x, filters: 20, kernel: 1, activation: .hardSwish, "a")
        var s = g.globalPooling(x, .average, keepsDimensions: true, "s")
        s = g.activation(g.convolution(s, filters: 8, kernel: 1, "down"), .relu, "r")
        s = g.convolution(s, filters: 20, kernel: 1, "up")
        s = g.rescaling(s, scale: 1, offset: 3, "plus")
        s = g.activation(s, .relu6, "limit")
        s = g.rescaling(s, scale: 1.0 / 6, offset: 0, "sixth")
        _ = g.activation(g.multiply(x, s, "m"), .relu, "y")
      }
    ),
    (
      "padding before a maximum, whose zeros may win", 1,
      { g, x in _ = g.maxPooling(g.zeroPadding(x, 1, "p"), 3, stride: 2, "y") }
    ),
    (
      "padding before a mean, whose zeros count", 1,
      { g, x in _ = g.averagePooling(g.zeroPadding(x, 1, "p"), 3, stride: 2, "y") }
    ),
    (
      "padding before a pooling layer with its own", 2,
      { g, x in _ = g.maxPooling(g.zeroPadding(x, 1, "p"), 4, stride: 2, padding: .same, "y") }
    ),
    (
      "padding read by several layers", 4,
      { g, x in
        let p = g.zeroPadding(x, 2, "p")
        let a = g.convolution(p, filters: 4, kernel: 5, "a")
        _ = g.concatenate([a, g.maxPooling(p, 5, stride: 1, "m")], "y")
      }
    ),
    (
      "padding before a convolution with its own", 1,
      { g, x in
        let p = g.zeroPadding(x, EdgeInsets(top: 2, bottom: 0, left: 1, right: 3), "p")
        _ = g.convolution(p, filters: 4, kernel: 3, stride: 2, padding: .same, "y")
      }
    ),
    (
      "softmax is not merged", 2,
      { g, x in _ = g.activation(g.convolution(x, filters: 4, kernel: 1, "a"), .softmax, "y") }
    ),
  ]
  @Test("give the results of the layers one by one, and are merged")
  func merged() throws {
    for (name, steps, body) in Self.cases {
      for (number, size) in [(7, 6), (12, 13)].enumerated() {
        let network = try network([size.0, size.1, 6], seed: UInt64(number), body)
        #expect(try InferencePlan(network).stepCount == steps, "\(name)")
        for set in instructionSets { try expectPlan(network, kernels: kernels(set), name) }
      }
    }
  }

  @Test("any layer may be an output, alone or with others")
  func outputsInside() throws {
    for (name, _, body) in Self.cases {
      let network = try network([7, 9, 6], body)
      let names = network.graph.nodes.map(\.name)
      try expectPlan(network, outputs: names, name)
      for layer in names { try expectPlan(network, outputs: [layer], name) }
      for layer in names {
        try expectPlan(network, outputs: [layer, network.graph.output.name, layer], name)
      }
    }
  }

  @Test(
    "large dense layers, which run on all pictures at once, take residuals and what comes before and after")
  func batchSteps() throws {
    let residual = try network([400]) { g, x in
      let a = g.dense(x, units: 700, activation: .relu, "a")
      let sum = g.add(a, g.batchNormalization(g.dense(x, units: 700, "b"), "b_bn"), "sum")
      _ = g.dense(g.activation(sum, .sigmoid, "s"), units: 9, activation: .softmax, "y")
    }
    let crossing = try network([5, 6, 3]) { g, x in
      let a = g.convolution(x, filters: 20, kernel: 3, padding: .same, activation: .relu, "a")
      let d = g.dense(g.flatten(a, "f"), units: 600, "d")
      let r = g.reshape(d, to: [5, 6, 20], "r")
      let m = g.multiply(a, r, "m")
      _ = g.convolution(g.add(m, a, "sum"), filters: 3, kernel: 3, "y")
    }
    for set in instructionSets {
      for network in [residual, crossing] {
        try expectPlan(network, on: pictures(5, network.graph.inputShape), kernels: kernels(set))
        try expectPlan(
          network, outputs: network.graph.nodes.map(\.name), on: pictures(3, network.graph.inputShape),
          kernels: kernels(set))
      }
    }
  }

  @Test("weights far from one lose nothing but their last bits in a normalization")
  func roundedOnce() throws {
    // Variances over eight orders of magnitude; the fold happens in Double and rounds once.
    var graph = GraphBuilder()
    var x = graph.input([4, 4, 8], "input")
    x = graph.convolution(x, filters: 16, kernel: 3, padding: .same, "a")
    _ = graph.batchNormalization(x, epsilon: 1e-12, "b")
    let built = try graph.graph()
    var parameters = livelyParameters(for: built, seed: 3)
    parameters["b", "moving_variance"] = Tensor(
      shape: [16], scalars: (0..<16).map { Float(1e-4) * Float($0 + 1) * ($0 % 2 == 0 ? 1 : 1e4) })
    try expectPlan(Network(graph: built, parameters: parameters), tolerance: 3e-6)
  }
}
