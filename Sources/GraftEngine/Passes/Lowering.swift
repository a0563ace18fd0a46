internal import GraftGraph
internal import GraftTensor

extension Program {
  /// The layers that the nodes `names` of a network need.
  ///
  /// Layers that do nothing at inference disappear here: dropout, linear activations and those that only change
  /// the shape.
  ///
  /// - Throws: `EngineError` with codes `.unknownLayer`, `.parameters` and `.outOfMemory`.
  init(_ network: Network, outputs names: [String]) throws {
    let graph = network.graph
    var ends: [Int] = []
    for name in names {
      guard let end = graph.index(of: name) else {
        throw EngineError(.unknownLayer, graph.unknownLayer(name).message, layer: name)
      }
      ends.append(end)
    }
    var needed = [Bool](repeating: false, count: graph.nodes.count)
    needed[0] = true
    for end in ends { needed[end] = true }
    for index in graph.nodes.indices.reversed() where needed[index] {
      for input in graph.nodes[index].inputs { needed[input] = true }
    }

    var places = [Int](repeating: 0, count: graph.nodes.count)
    for (index, node) in graph.nodes.enumerated() where needed[index] {
      try Self.check(node)
      places[index] = try lower(
        node, inputs: node.inputs.map { places[$0] }, shapes: node.inputs.map { graph.nodes[$0].shape }
      ) { name, shape in
        guard let tensor = network.parameters[node.name, name], tensor.shape == shape else {
          let found = network.parameters[node.name, name]?.shape.description ?? "nothing"
          throw EngineError(
            .parameters, "\(name) of shape \(shape) is needed, and there is \(found)", layer: node.name)
        }
        return tensor
      }
    }

    outputs = ends.map { places[$0] }
    uses = [Int](repeating: 0, count: layers.count)
    for layer in layers { for input in layer?.inputs ?? [] { uses[input] += 1 } }
    for output in outputs { uses[output] += 1 }
  }

  /// Bytes of one result that no machine has, and that can still be added up for all layers of a network.
  private static let largestResult = 1 << 46

  /// Refuses results without elements, and such as no memory could hold.
  private static func check(_ node: Graph.Node) throws {
    var count = MemoryLayout<Float>.stride
    for length in node.shape.dimensions {
      let (product, overflow) = count.multipliedReportingOverflow(by: length)
      guard !overflow, product <= Self.largestResult else {
        throw EngineError(
          .outOfMemory, "a result of \(node.shape) does not fit into memory", layer: node.name)
      }
      count = product
    }
    guard count > 0 else {
      throw EngineError(.shape, "a result of \(node.shape) has no elements", layer: node.name)
    }
  }

  private mutating func append(
    _ name: String, _ kind: Layer.Kind, _ inputs: [Int], _ inputShapes: [Shape], _ shape: Shape,
    _ activation: Activation = .linear
  ) -> Int {
    layers.append(
      Layer(
        name: name, kind: kind, inputs: inputs, inputShapes: inputShapes, shape: shape,
        activation: KernelActivation(applying: activation)))
    // What the kernels cannot apply is a layer of its own.
    let last = layers.count - 1
    return KernelActivation.applies(activation) ? last : activated(last, activation, name, shape)
  }

  /// Appends an activation by itself, and returns the layer that gives its result.
  private mutating func activated(
    _ input: Int, _ activation: Activation, _ name: String, _ shape: Shape
  ) -> Int {
    switch activation {
    case .linear: return input
    case .softmax: return append(name, .softmax, [input], [shape], shape)
    case .function(let function) where !KernelActivation.applies(activation):
      return append(ScalarFunctionOperation(function: function, shape: shape), name, [input])
    default: return append(name, .activation, [input], [shape], shape, activation)
    }
  }

  /// Appends plain loops.
  private mutating func append(
    _ operation: some PlainOperation, _ name: String, _ inputs: [Int], parameters: [[Float]?] = []
  ) -> Int {
    append(
      name, .plain(operation, parameters: parameters), inputs, operation.inputShapes, operation.shape)
  }

  /// Appends what a node computes, and returns the layer that gives its result.
  private mutating func lower(
    _ node: Graph.Node, inputs: [Int], shapes: [Shape], _ parameter: (String, Shape) throws -> Tensor
  ) throws -> Int {
    func weights(_ name: String, columns: Int) throws -> LinearWeights {
      var tensors: [String: Tensor] = [:]
      for (name, shape) in node.operation.parameterShapes(for: shapes) {
        tensors[name] = try parameter(name, shape)
      }
      guard let matrix = tensors[name] else {
        throw EngineError(.parameters, "\(name) is missing", layer: node.name)
      }
      return LinearWeights(
        layer: node.name, matrix: matrix, columns: columns, offset: tensors["bias"]?.scalars.map(Double.init))
    }
    /// The parameters that plain loops want, as far as the layer has them.
    func plainParameters(_ operation: some PlainOperation) throws -> [[Float]?] {
      let shapes = Dictionary(
        node.operation.parameterShapes(for: shapes).map { ($0.name, $0.shape) }, uniquingKeysWith: { $1 })
      return try operation.parameters.map { name in
        try shapes[name].map { try parameter(name, $0).scalars }
      }
    }
    let (name, shape) = (node.name, node.shape)

    switch node.operation {
    case .input:
      return append(name, .input, [], [], shape)
    case .convolution(let c):
      let window = SlidingWindow(
        Window(c.kernel, stride: c.stride, dilation: c.dilation, padding: c.padding), over: shapes[0])
      let weights = try weights("kernel", columns: c.filters)
      let isDepthwise = c.groups > 1 && c.groups == shapes[0].channels && c.groups == c.filters
      return append(
        name, isDepthwise ? .depthwise(weights, window) : .convolution(weights, window, groups: c.groups),
        inputs, shapes, shape, c.activation)
    case .depthwiseConvolution(let c):
      let window = SlidingWindow(
        Window(c.kernel, stride: c.stride, dilation: c.dilation, padding: c.padding), over: shapes[0])
      let weights = try weights("depthwise_kernel", columns: shape.channels)
      // With a multiplier it is a convolution in groups of one channel, whose weights lie in the same order.
      return append(
        name,
        c.multiplier == 1
          ? .depthwise(weights, window) : .convolution(weights, window, groups: shapes[0].channels),
        inputs, shapes, shape, c.activation)
    case .separableConvolution(let c):
      let window = SlidingWindow(
        Window(c.kernel, stride: c.stride, dilation: c.dilation, padding: c.padding), over: shapes[0])
      var middle = shape.dimensions
      middle[2] = shapes[0].channels * c.multiplier
      var weights = (
        try weights("depthwise_kernel", columns: middle[2]),
        try weights("pointwise_kernel", columns: c.filters)
      )
      weights.0.offset = nil
      let first = append(
        name,
        c.multiplier == 1
          ? .depthwise(weights.0, window) : .convolution(weights.0, window, groups: shapes[0].channels),
        inputs, shapes, Shape(middle))
      let pointwise = SlidingWindow(Window(1, stride: 1, dilation: 1, padding: .valid), over: Shape(middle))
      return append(
        name, .convolution(weights.1, pointwise, groups: 1), [first], [Shape(middle)], shape, c.activation)
    case .transposedConvolution(let c):
      let operation = TransposedConvolutionOperation(c, from: shapes[0], to: shape)
      let layer = append(operation, name, inputs, parameters: try plainParameters(operation))
      return activated(layer, c.activation, name, shape)
    case .dense(let d):
      return append(
        name, .product(try weights("kernel", columns: d.units)), inputs, shapes, shape,
        d.activation)
    case .batchNormalization(let b):
      let (scale, offset) = try Self.scaleAndOffset(b, channels: shape.channels) {
        try parameter($0, [shape.channels]).scalars.map(Double.init)
      }
      return append(name, .affine(scale: scale, offset: offset), inputs, shapes, shape)
    case .layerNormalization(let n):
      let gamma = n.scales ? try parameter("gamma", [shape.channels]).scalars : nil
      let beta = n.centers ? try parameter("beta", [shape.channels]).scalars : nil
      return append(
        name, .layerNormalization(gamma: gamma, beta: beta, epsilon: n.epsilon), inputs, shapes, shape)
    case .groupNormalization(let n):
      let operation = GroupNormalizationOperation(attributes: n, shape: shape)
      return append(operation, name, inputs, parameters: try plainParameters(operation))
    case .unitNormalization:
      return append(UnitNormalizationOperation(shape: shape), name, inputs)
    case .parametricRectifier:
      let alpha = node.operation.parameterShapes(for: shapes)[0].shape
      let operation = ParametricRectifierOperation(alpha: alpha, over: shape)
      return append(operation, name, inputs, parameters: try plainParameters(operation))
    case .normalization(let n):
      func figures(_ given: [Float]?, _ name: String) throws -> [Double] {
        try (given ?? parameter(name, [shape.channels]).scalars).map(Double.init)
      }
      let (scale, offset) = Normalization.scaleAndOffset(
        mean: try figures(n.figures?.mean, "mean"), variance: try figures(n.figures?.variance, "variance"))
      return append(name, .affine(scale: scale, offset: offset), inputs, shapes, shape)
    case .layerScale:
      let scale = try parameter("gamma", [shape.channels]).scalars.map(Double.init)
      return append(
        name, .affine(scale: scale, offset: scale.map { _ in 0 }), inputs, shapes, shape)
    case .activation(let activation):
      return activated(inputs[0], activation, name, shapes[0])
    case .maxPooling(let p), .averagePooling(let p):
      let window = SlidingWindow(
        Window(p.window, stride: p.stride, dilation: 1, padding: p.padding), over: shapes[0])
      var takesMax = false
      if case .maxPooling = node.operation { takesMax = true }
      return append(
        name, .pooling(window, takesMax: takesMax, paddingCounts: false), inputs, shapes, shape)
    case .globalPooling(let p):
      return append(name, .globalPooling(p.kind), inputs, shapes, shape)
    case .zeroPadding(let insets):
      return insets == .zero ? inputs[0] : append(name, .zeroPadding(insets), inputs, shapes, shape)
    case .cropping(let insets):
      return insets == .zero ? inputs[0] : append(name, .cropping(insets), inputs, shapes, shape)
    case .scaledAddition(let scale):
      let scaled = append(name, .rescaling(scale: scale, offset: 0), [inputs[1]], [shape], shape)
      return append(name, .add, [inputs[0], scaled], [shape, shape], shape)
    case .add:
      var sum = inputs[0]
      for input in inputs.dropFirst() { sum = append(name, .add, [sum, input], [shape, shape], shape) }
      return sum
    case .multiply:
      if shapes[0] == shapes[1] { return append(name, .multiply, inputs, shapes, shape) }
      let bigFirst = shapes[0] == shape
      return append(
        name, .channelScaling, bigFirst ? inputs : inputs.reversed(), bigFirst ? shapes : shapes.reversed(),
        shape)
    case .combination(let combination):
      var result = inputs[0]
      for (operation, input) in zip(combination.operations(shapes), inputs.dropFirst()) {
        result = append(operation, name, [result, input])
      }
      guard combination == .average else { return result }
      return append(
        name, .rescaling(scale: 1 / Float(inputs.count), offset: 0), [result], [shape], shape)
    case .stacking(let axis):
      if inputs.count == 1 { return inputs[0] }
      return append(
        name, .concatenation, inputs, shapes.map { $0.flattened(from: axis) }, shape.flattened(from: axis))
    case .permutation(let order):
      return append(PermutationOperation(order: order, of: shapes[0], to: shape), name, inputs)
    case .resampling(let resampling):
      return append(ResamplingOperation(resampling, of: shapes[0], to: shape), name, inputs)
    case .concatenate:
      return inputs.count == 1 ? inputs[0] : append(name, .concatenation, inputs, shapes, shape)
    case .reshape, .flatten, .dropout, .stochasticDepth:
      return inputs[0]
    case .rescaling(let scale, let offset):
      return append(name, .rescaling(scale: scale, offset: offset), inputs, shapes, shape)
    }
  }

  /// What a batch normalization comes to at inference, in Double.
  private static func scaleAndOffset(
    _ b: BatchNormalization, channels: Int, _ parameter: (String) throws -> [Double]
  ) rethrows -> (scale: [Double], offset: [Double]) {
    let (mean, variance) = (try parameter("moving_mean"), try parameter("moving_variance"))
    var scale = variance.map { 1 / ($0 + Double(b.epsilon)).squareRoot() }
    if b.scales { scale = zip(scale, try parameter("gamma")).map { $0 * $1 } }
    var offset = zip(mean, scale).map { -$0 * $1 }
    if b.centers { offset = zip(offset, try parameter("beta")).map { $0 + $1 } }
    return (scale, offset)
  }
}

extension KernelActivation {
  /// The kernels' form of an activation; softmax, which is not element-wise, becomes none.
  init(applying activation: Activation) {
    switch activation {
    case .linear, .softmax: self = .none
    case .relu: self = .relu
    case .relu6: self = .relu6
    case .hardSigmoid: self = KernelActivation(.hardSigmoid)
    case .hardSwish: self = KernelActivation(.hardSwish)
    case .sigmoid: self = KernelActivation(.sigmoid)
    case .swish: self = KernelActivation(.swish)
    case .gelu: self = KernelActivation(.gelu)
    case .function(let function): self = KernelActivation(function) ?? .none
    }
  }

  /// Whether the kernels can apply an activation to their results.
  static func applies(_ activation: Activation) -> Bool {
    switch activation {
    case .softmax: false
    case .function(let function): KernelActivation(function) != nil
    default: true
    }
  }

  /// The kernels' form of a function, or nil if they have none.
  init?(_ function: ScalarFunction) {
    switch function {
    case .tanh: self = KernelActivation(.tanh)
    case .rectifier(let slope, nil, threshold: 0): self = KernelActivation(.leaky, low: slope)
    case .rectifier(slope: 0, let maximum?, threshold: 0) where maximum >= 0:
      self = KernelActivation(.clamp, low: 0, high: maximum)
    case .ramp(scale: 1, offset: 0, let low, let high): self = KernelActivation(.clamp, low: low, high: high)
    default: return nil
    }
  }
}

extension Shape {
  /// The axes before `axis` as one, and the others as one.
  func flattened(from axis: Int) -> Shape {
    [dimensions[..<axis].reduce(1, *), dimensions[axis...].reduce(1, *)]
  }
}
