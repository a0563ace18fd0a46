import GraftEngine
import GraftGraph
import GraftTensor
import Testing
import _GraftTestSupport

@Suite("Every operation through a plan")
struct OperationTests {
  static let sizes: [(Int, Int)] = [(1, 1), (1, 7), (5, 4), (9, 13)]

  @Test("a convolution equals its definition", arguments: instructionSets)
  func convolution(_ set: KernelTable.InstructionSet) throws {
    let table = try kernels(set)
    for (height, width) in Self.sizes {
      for channels in [1, 3, 17, 33] {
        for (kernel, stride, dilation) in [(1, 1, 1), (3, 1, 1), (3, 2, 1), (2, 3, 1), (3, 1, 2), (7, 2, 1)] {
          for (activation, filters) in [(Activation.linear, 17), (.relu6, 3), (.hardSwish, 33)] {
            let network = try network([height, width, channels]) { g, x in
              _ = g.convolution(
                x, filters: filters, kernel: Extent(kernel), stride: Extent(stride), padding: .same,
                dilation: Extent(dilation), bias: activation != .relu6, activation: activation, "y")
            }
            try expectPlan(
              network, kernels: table, "\(height)x\(width)x\(channels) \(kernel)/\(stride)/\(dilation)")
          }
        }
      }
    }
  }

  @Test("a convolution may have unequal sides, groups and no padding", arguments: instructionSets)
  func unusualConvolution(_ set: KernelTable.InstructionSet) throws {
    let table = try kernels(set)
    try expectPlan(
      network([9, 8, 6]) { g, x in
        _ = g.convolution(
          x, filters: 5, kernel: Extent(height: 3, width: 2), stride: Extent(height: 1, width: 3), "y")
      }, kernels: table)
    for (channels, filters, groups) in [(6, 4, 2), (33, 66, 3), (8, 8, 8), (8, 16, 8)] {
      for padding in [Padding.valid, .same] {
        try expectPlan(
          network([7, 5, channels]) { g, x in
            _ = g.convolution(
              x, filters: filters, kernel: 3, padding: padding, groups: groups, activation: .sigmoid, "y")
          }, kernels: table, "\(channels) \(filters) \(groups)")
      }
    }
    // The window is the picture: a dense layer in disguise, small and large.
    for filters in [3, 700] {
      try expectPlan(
        network([5, 6, 17]) { g, x in
          _ = g.convolution(
            x, filters: filters, kernel: Extent(height: 5, width: 6), activation: .swish, "y")
        }, kernels: table)
    }
  }

  @Test("a depthwise convolution equals its definition", arguments: instructionSets)
  func depthwise(_ set: KernelTable.InstructionSet) throws {
    let table = try kernels(set)
    for (height, width) in Self.sizes {
      for channels in [1, 3, 17, 33] {
        for (kernel, stride, dilation, multiplier) in [
          (3, 1, 1, 1), (3, 2, 1, 1), (5, 1, 1, 1), (5, 2, 1, 1), (3, 3, 1, 1), (3, 1, 2, 1), (3, 1, 1, 2),
        ] {
          for activation in [Activation.relu6, .swish] {
            let network = try network([height, width, channels]) { g, x in
              let attributes = DepthwiseConvolution(
                kernel: Extent(kernel), stride: Extent(stride), padding: .same, dilation: Extent(dilation),
                multiplier: multiplier, usesBias: stride == 1, activation: activation)
              _ = g.layer(.depthwiseConvolution(attributes), [x], "y")
            }
            try expectPlan(
              network, kernels: table, "\(height)x\(width)x\(channels) \(kernel)/\(stride)/\(multiplier)")
          }
        }
      }
    }
  }

  @Test(
    "a dense layer equals its definition, small and large, over vectors and pictures",
    arguments: instructionSets)
  func dense(_ set: KernelTable.InstructionSet) throws {
    let table = try kernels(set)
    for (inputs, units) in [(1, 1), (17, 33), (33, 3), (600, 500)] {
      for activation in [Activation.linear, .relu, .softmax, .hardSigmoid] {
        try expectPlan(
          network([inputs]) { g, x in _ = g.dense(x, units: units, activation: activation, "y") },
          on: pictures(3, [inputs]), kernels: table, "\(inputs) \(units)")
      }
    }
    try expectPlan(
      network([3, 5, 17]) { g, x in _ = g.dense(x, units: 9, bias: false, activation: .softmax, "y") },
      kernels: table)
  }

  @Test("pooling equals its definition, with and without padding", arguments: instructionSets)
  func pooling(_ set: KernelTable.InstructionSet) throws {
    let table = try kernels(set)
    for (height, width) in [(1, 1), (3, 7), (9, 13)] {
      for channels in [1, 3, 17, 33] {
        for (window, stride) in [(2, 2), (3, 2), (3, 1), (1, 2), (5, 3)] {
          let network = try network([height, width, channels]) { g, x in
            let a = g.maxPooling(x, Extent(window), stride: Extent(stride), padding: .same, "max")
            let b = g.averagePooling(x, Extent(window), stride: Extent(stride), padding: .same, "mean")
            _ = g.concatenate([a, b], "both")
          }
          // All below zero, so that a padding that took part would win.
          try expectPlan(
            network, on: pictures(2, [height, width, channels], -2 ... -1), kernels: table,
            "\(height)x\(width)x\(channels) \(window)/\(stride)")
        }
      }
    }
    for channels in [1, 17, 200] {
      let network = try network([6, 5, channels]) { g, x in
        _ = g.globalPooling(x, .average, "mean")
        _ = g.globalPooling(x, .max, "max")
        _ = g.globalPooling(x, .average, keepsDimensions: true, "mean_kept")
      }
      try expectPlan(network, outputs: ["mean", "max", "mean_kept"], kernels: table)
    }
  }

  @Test("element-wise layers equal their definitions", arguments: instructionSets)
  func elementwise(_ set: KernelTable.InstructionSet) throws {
    let table = try kernels(set)
    for channels in [1, 3, 17, 33] {
      for (height, width) in [(1, 1), (5, 4), (40, 41)] {
        let network = try network([height, width, channels]) { g, x in
          let a = g.batchNormalization(x, epsilon: 0.01, "normalized")
          let b = g.layer(
            .batchNormalization(BatchNormalization(scales: false, centers: false)), [x], "plain")
          let sum = g.layer(.add, [a, b, x], "sum")
          let product = g.multiply(a, b, "product")
          let factors = g.globalPooling(x, .max, keepsDimensions: true, "factors")
          let scaled = g.multiply(factors, x, "scaled")
          let padded = g.zeroPadding(scaled, EdgeInsets(top: 1, bottom: 0, left: 2, right: 3), "padded")
          _ = g.activation(padded, .softmax, "shares")
          _ = g.rescaling(product, scale: 0.5, offset: -3, "rescaled")
          _ = g.concatenate([sum, x, product], "joined")
          _ = g.concatenate([x], "alone")
          _ = g.add(x, x, "twice")
          _ = g.multiply(x, x, "squared")
          for activation in Activation.basic { _ = g.activation(x, activation, activation.basicName ?? "") }
          for (number, function) in GradientCase.functions.enumerated() {
            _ = g.activation(x, .function(function), "function_\(number)")
          }
          let flat = g.flatten(sum, "flat")
          _ = g.reshape(g.dropout(flat, rate: 0.5, "dropped"), to: [width, height, channels], "reshaped")
        }
        let names = network.graph.nodes.map(\.name)
        // Each alone, and all at once.
        for name in names { try expectPlan(network, outputs: [name], kernels: table, tolerance: 2e-6) }
        try expectPlan(network, outputs: names, kernels: table, tolerance: 2e-6)
      }
    }
  }

  @Test("layers by plain loops equal their definitions", arguments: instructionSets)
  func rarer(_ set: KernelTable.InstructionSet) throws {
    let table = try kernels(set)
    for (height, width, channels) in [(1, 1, 6), (5, 4, 12), (23, 31, 6)] {
      let network = try network([height, width, channels]) { g, x in
        let c = TransposedConvolution(
          filters: 7, kernel: Extent(height: 3, width: 2), stride: 2, padding: .same,
          activation: .function(.mish))
        _ = g.layer(.transposedConvolution(c), [x], "transposed")
        let wide = TransposedConvolution(filters: 17, kernel: 2, stride: 3, activation: .softmax)
        _ = g.layer(.transposedConvolution(wide), [x], "wide")
        let group = g.layer(.groupNormalization(GroupNormalization(groups: 3, epsilon: 0.01)), [x], "groups")
        let whole = GroupNormalization(groups: 1, epsilon: 0.01, scope: .element)
        _ = g.layer(.groupNormalization(whole), [x], "whole")
        _ = g.layer(.unitNormalization, [x], "unit")
        let rectified = g.layer(.parametricRectifier(sharedAxes: [0, 1]), [x], "rectified")
        _ = g.layer(.parametricRectifier(sharedAxes: []), [x], "elements")
        let row = g.globalPooling(x, .average, keepsDimensions: true, "row")
        for kind in Combination.allCases where kind != .quotient {
          let others = kind == .difference ? [] : [group]
          _ = g.layer(.combination(kind), [x, rectified] + others, "\(kind)")
          _ = g.layer(.combination(kind), [row, rectified] + others, "\(kind)_repeated")
        }
        _ = g.layer(.stacking(axis: 0), [x, group], "below")
        _ = g.layer(.stacking(axis: 1), [x, group, x], "beside")
        _ = g.layer(.permutation(order: [2, 0, 1]), [x], "first")
        _ = g.layer(.permutation(order: [1, 0, 2]), [x], "turned")
        let twice = Resampling(.factor(Extent(height: 2, width: 3)), .nearest)
        _ = g.layer(.resampling(twice), [x], "larger")
        _ = g.layer(.resampling(Resampling(.size(Extent(height: 4, width: 9)), .bilinear)), [x], "resized")
      }
      let names = network.graph.nodes.map(\.name)
      for name in names { try expectPlan(network, outputs: [name], kernels: table, tolerance: 4e-6) }
      try expectPlan(network, outputs: names, kernels: table, tolerance: 4e-6)
    }
  }

  @Test(
    "normalizations, separable convolutions and crops equal their definitions", arguments: instructionSets)
  func others(_ set: KernelTable.InstructionSet) throws {
    let table = try kernels(set)
    for channels in [1, 3, 17, 33] {
      for (height, width) in [(3, 2), (5, 4), (23, 31)] {
        let network = try network([height, width, channels]) { g, x in
          let a = g.layerNormalization(x, epsilon: 0.01, "a")
          let plain = LayerNormalization(epsilon: 0.1, scales: false, centers: false)
          let b = g.layer(.layerNormalization(plain), [g.rescaling(x, scale: 2, offset: 3, "r")], "b")
          let figures = Normalization.Figures(
            mean: (0..<channels).map { Float($0) * 0.1 }, variance: (0..<channels).map { Float($0 + 1) * 0.3 }
          )
          _ = g.normalization(g.rescaling(x, scale: 0.5, offset: 1, "s"), by: figures, "n")
          _ = g.normalization(x, "m")
          let dense = g.dense(a, units: channels, "dense")
          _ = g.layerScale(dense, "scaled")
          _ = g.layerScale(g.activation(x, .gelu, "gelu"), "scaled_gelu")
          _ = g.scaledAddition(a, b, scale: 0.17, "sum")
          _ = g.scaledAddition(x, g.convolution(x, filters: channels, kernel: 1, "c"), scale: 0.2, "d")
          _ = g.cropping(x, EdgeInsets(top: 1, bottom: 0, left: 0, right: 1), "cropped")
          _ = g.stochasticDepth(x, rate: 0.3, "kept")
          _ = g.separableConvolution(
            x, filters: 7, kernel: 3, stride: 2, padding: .same, activation: .swish, "separable")
          let doubled = SeparableConvolution(filters: 20, kernel: 2, padding: .same, multiplier: 2)
          _ = g.layer(.separableConvolution(doubled), [x], "doubled")
        }
        let names = network.graph.nodes.map(\.name)
        for name in names { try expectPlan(network, outputs: [name], kernels: table, tolerance: 4e-6) }
        try expectPlan(network, outputs: names, kernels: table, tolerance: 4e-6)
      }
    }
  }
}
