package import GraftTensor

extension Operation {
  /// The shape that the operation gives for inputs of the given shapes, all without batch axis.
  ///
  /// - Throws: `GraphError` with code `.shape`, in words about the shapes alone; the caller adds the layer.
  package func outputShape(for inputs: [Shape]) throws -> Shape {
    switch self {
    case .input(let shape):
      try expect(inputs.isEmpty, "an input takes nothing")
      return shape
    case .convolution(let c):
      let x = try picture(inputs)
      try expect(
        c.filters > 0 && c.groups > 0 && c.filters % c.groups == 0 && x[2] % c.groups == 0,
        "\(x[2]) channels and \(c.filters) filters cannot be split into \(c.groups) groups")
      let out = try Window(c.kernel, stride: c.stride, dilation: c.dilation, padding: c.padding).extent(
        over: x)
      return [out.height, out.width, c.filters]
    case .depthwiseConvolution(let c):
      let x = try picture(inputs)
      try expect(c.multiplier > 0, "a depth multiplier of \(c.multiplier) leaves no channels")
      let out = try Window(c.kernel, stride: c.stride, dilation: c.dilation, padding: c.padding).extent(
        over: x)
      return [out.height, out.width, x[2] * c.multiplier]
    case .separableConvolution(let c):
      return try Operation.convolution(c.pointwise).outputShape(
        for: [try Operation.depthwiseConvolution(c.depthwise).outputShape(for: inputs)])
    case .transposedConvolution(let c):
      let x = try picture(inputs)
      try expect(c.filters > 0, "a convolution of \(c.filters) filters gives nothing")
      let out = try c.outputExtent(over: x)
      return [out.height, out.width, c.filters]
    case .dense(let d):
      let x = try single(inputs)
      try expect(x.rank >= 1, "a dense layer needs at least one axis")
      try expect(d.units > 0, "a dense layer of \(d.units) units gives nothing")
      return Shape(x.dimensions.dropLast() + [d.units])
    case .maxPooling(let p), .averagePooling(let p):
      let x = try picture(inputs)
      let out = try Window(p.window, stride: p.stride, dilation: 1, padding: p.padding).extent(over: x)
      return [out.height, out.width, x[2]]
    case .globalPooling(let p):
      let x = try picture(inputs)
      return p.keepsDimensions ? [1, 1, x[2]] : [x[2]]
    case .zeroPadding(let insets):
      let x = try picture(inputs)
      let height = x[0] + insets.top + insets.bottom
      let width = x[1] + insets.left + insets.right
      try expect(
        min(insets.top, insets.bottom, insets.left, insets.right) >= 0, "padding cannot be negative")
      return [height, width, x[2]]
    case .cropping(let insets):
      let x = try picture(inputs)
      let height = x[0] - insets.top - insets.bottom
      let width = x[1] - insets.left - insets.right
      try expect(
        min(insets.top, insets.bottom, insets.left, insets.right) >= 0 && height > 0 && width > 0,
        "what is cut off must not be negative, and leave something of \(x)")
      return [height, width, x[2]]
    case .scaledAddition:
      try expect(inputs.count == 2, "an addition with a factor needs two inputs, not \(inputs.count)")
      return try Operation.add.outputShape(for: inputs)
    case .add:
      try expect(inputs.count >= 2, "an addition needs two inputs or more, not \(inputs.count)")
      try expect(
        inputs.allSatisfy { $0 == inputs[0] },
        "the inputs of an addition differ in shape: \(inputs.map(\.description).joined(separator: ", "))")
      return inputs[0]
    case .multiply:
      try expect(inputs.count == 2, "a multiplication needs two inputs, not \(inputs.count)")
      let (a, b) = (inputs[0], inputs[1])
      if a == b { return a }
      try expect(
        a.rank == 3 && b.rank == 3 && a[2] == b[2] && (b[0] == 1 && b[1] == 1 || a[0] == 1 && a[1] == 1),
        "shapes \(a) and \(b) cannot be multiplied: they must be the same, or one 1×1×C")
      return a[0] == 1 && a[1] == 1 ? b : a
    case .concatenate:
      try expect(inputs.count >= 1, "a concatenation needs inputs")
      let leading = inputs[0].dimensions.dropLast()
      try expect(
        inputs.allSatisfy { $0.rank >= 1 && $0.dimensions.dropLast() == leading },
        "shapes to join differ elsewhere than in channels: "
          + inputs.map(\.description).joined(separator: ", "))
      return Shape(leading + [inputs.reduce(0) { $0 + $1.channels }])
    case .reshape(let shape):
      let x = try single(inputs)
      try expect(x.count == shape.count, "\(x) cannot be reshaped to \(shape)")
      return shape
    case .flatten:
      return [try single(inputs).count]
    case .combination(let kind):
      try expect(
        kind.isBinary ? inputs.count == 2 : inputs.count >= 2,
        "\(inputs.count) inputs are not what a \(kind.rawValue) takes")
      guard let shape = Combination.shape(of: inputs) else {
        throw GraphError(
          .shape, "shapes do not fit: \(inputs.map(\.description).joined(separator: ", "))")
      }
      return shape
    case .stacking(let axis):
      try expect(inputs.count >= 1, "a concatenation needs inputs")
      try expect(
        inputs[0].dimensions.indices.contains(axis), "\(inputs[0]) has no axis \(axis) to be joined along")
      var lengths = inputs[0].dimensions
      lengths[axis] = inputs.reduce(0) { $0 + ($1.dimensions.indices.contains(axis) ? $1[axis] : 0) }
      for input in inputs {
        var other = input.dimensions
        if other.indices.contains(axis) { other[axis] = lengths[axis] }
        try expect(
          other == lengths,
          "shapes to join differ elsewhere than in axis \(axis): "
            + inputs.map(\.description).joined(separator: ", "))
      }
      return Shape(lengths)
    case .permutation(let order):
      let x = try single(inputs)
      try expect(order.sorted() == Array(0..<x.rank), "\(order) is no order of the axes of \(x)")
      return Shape(order.map { x[$0] })
    case .resampling(let r):
      let x = try picture(inputs)
      let extent = r.extent(over: x)
      try expect(extent.height > 0 && extent.width > 0, "a picture without pixels")
      return [extent.height, extent.width, x[2]]
    case .parametricRectifier(let axes):
      let x = try single(inputs)
      try expect(
        axes.allSatisfy(x.dimensions.indices.contains), "\(x) does not have the shared axes \(axes)")
      return x
    case .groupNormalization(let n):
      let x = try picture(inputs)
      try expect(
        n.groups > 0 && x[2] % n.groups == 0, "\(x[2]) channels cannot be split into \(n.groups) groups")
      try expect(n.scope == .channel || n.groups == 1, "factors for each element go with one group")
      return x
    case .layerScale:
      return try picture(inputs)
    case .normalization(let n):
      let x = try single(inputs)
      try expect(x.rank >= 1, "a normalization needs at least one axis")
      for count in [n.figures?.mean.count, n.figures?.variance.count] {
        try expect(
          count == nil || count == x.channels,
          "figures for \(count ?? 0) channels cannot normalize \(x.channels) channels")
      }
      return x
    case .batchNormalization, .layerNormalization, .unitNormalization, .activation, .dropout,
      .stochasticDepth,
      .rescaling:
      return try single(inputs)
    }
  }

  /// The names and shapes of the operation's parameters, in Keras's order (trainable, then not), for inputs
  /// of the given shapes.
  package func parameterShapes(for inputs: [Shape]) -> [(name: String, shape: Shape)] {
    let channels = inputs.first?.channels ?? 0
    switch self {
    case .convolution(let c):
      let kernel: Shape = [c.kernel.height, c.kernel.width, channels / c.groups, c.filters]
      return [("kernel", kernel)] + (c.usesBias ? [("bias", [c.filters])] : [])
    case .depthwiseConvolution(let c):
      let kernel: Shape = [c.kernel.height, c.kernel.width, channels, c.multiplier]
      return [("depthwise_kernel", kernel)] + (c.usesBias ? [("bias", [channels * c.multiplier])] : [])
    case .separableConvolution(let c):
      let depthwise: Shape = [c.kernel.height, c.kernel.width, channels, c.multiplier]
      let pointwise: Shape = [1, 1, channels * c.multiplier, c.filters]
      return [("depthwise_kernel", depthwise), ("pointwise_kernel", pointwise)]
        + (c.usesBias ? [("bias", [c.filters])] : [])
    case .transposedConvolution(let c):
      let kernel: Shape = [c.kernel.height, c.kernel.width, c.filters, channels]
      return [("kernel", kernel)] + (c.usesBias ? [("bias", [c.filters])] : [])
    case .groupNormalization(let n):
      let shape: Shape = n.scope == .channel ? [channels] : inputs.first ?? []
      return (n.scales ? [("gamma", shape)] : []) + (n.centers ? [("beta", shape)] : [])
    case .parametricRectifier(let axes):
      var lengths = inputs.first?.dimensions ?? []
      for axis in axes where lengths.indices.contains(axis) { lengths[axis] = 1 }
      return [("alpha", Shape(lengths))]
    case .dense(let d):
      return [("kernel", [channels, d.units])] + (d.usesBias ? [("bias", [d.units])] : [])
    case .batchNormalization(let b):
      return (b.scales ? [("gamma", [channels])] : []) + (b.centers ? [("beta", [channels])] : [])
        + [("moving_mean", [channels]), ("moving_variance", [channels])]
    case .layerNormalization(let n):
      return (n.scales ? [("gamma", [channels])] : []) + (n.centers ? [("beta", [channels])] : [])
    case .normalization(let n):
      return n.figures == nil ? [("mean", [channels]), ("variance", [channels]), ("count", [])] : []
    case .layerScale:
      return [("gamma", [channels])]
    case .input, .unitNormalization, .activation, .maxPooling, .averagePooling, .globalPooling, .zeroPadding,
      .cropping, .add, .scaledAddition, .multiply, .combination, .concatenate, .stacking, .permutation,
      .resampling, .reshape, .flatten, .dropout, .stochasticDepth, .rescaling:
      return []
    }
  }

  /// Whether the parameter `name` of this operation is a statistic of the data, which no gradient changes.
  package static func isStatistic(_ name: String) -> Bool {
    ["moving_mean", "moving_variance", "mean", "variance", "count"].contains(name)
  }

  private func single(_ inputs: [Shape]) throws -> Shape {
    try expect(inputs.count == 1, "one input is needed, not \(inputs.count)")
    return inputs[0]
  }

  private func picture(_ inputs: [Shape]) throws -> Shape {
    let x = try single(inputs)
    try expect(x.rank == 3, "a picture (height×width×channels) is needed, not \(x)")
    return x
  }

  private func expect(_ condition: Bool, _ message: @autoclosure () -> String) throws {
    if !condition { throw GraphError(.shape, message()) }
  }
}
