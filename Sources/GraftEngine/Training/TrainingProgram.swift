internal import GraftGraph
internal import GraftTensor

/// The operations that a training plan runs, in order, on numbered values.
struct TrainingProgram {
  /// One operation, and the values that it reads and gives.
  struct Layer {
    var name: String
    var operation: any TrainingOperation
    var inputs: [Int]
    var output: Int
    /// Whether the gradient with respect to the result is needed, and thus this operation's backward pass.
    var hasGradient: Bool
    /// Whether a parameter of it trains.
    var trains: Bool
    /// The activation that the operation's own pass applies, because the next layer's result stands in its place.
    var activation = KernelActivation.none
    /// Whether the operation before it does its work.
    var isDone = false
    /// What it does to the gradient with respect to its first input, instead of the layer that gave that.
    var gate: Gate?
    /// Whether the gradient with respect to its result is that with respect to its input already.
    var isTransparent = false
  }

  /// A result, or an array that the program is given.
  struct Value {
    /// Floats for one picture.
    var count: Int
    /// Whether a gradient with respect to it leads to a parameter that trains.
    var hasGradient: Bool
    /// The memory that it lies in; values that follow each other in one place share a number.
    var storage: Int
    /// Layers that read it.
    var readers = 0
  }

  var layers: [Layer] = []
  var values: [Value] = []
  /// The nodes whose results the program is given, with their values.
  var boundary: [(node: Int, value: Int)] = []
  /// The value of the result.
  var output = 0
  /// The activation of the network's end, which is left to the loss.
  var finalActivation = Activation.linear
  /// Number of separate memories.
  var storages = 0
  /// Nodes that run in training.
  private(set) var nodes: [Int] = []

  /// The part of a network that trains, or follows what trains.
  ///
  /// Layers of which no parameter trains and that follow none that does are left to a plan for inference; so are
  /// dropouts, unless a parameter of their stage trains.
  init(_ graph: Graph, trainable: Set<Parameters.Key>, updatesStatistics: Bool) {
    let needed = Self.ancestors(of: graph.outputIndex, in: graph)
    func trains(_ node: Graph.Node) -> Bool {
      graph.parameterShapes(of: node).contains { trainable.contains(Parameters.Key(node.name, $0.name)) }
    }
    let trainingStages = Set(graph.nodes.filter(trains).map(\.stage))
    var isLive = [Bool](repeating: false, count: graph.nodes.count)
    for (index, node) in graph.nodes.enumerated() where needed[index] {
      var drops = false
      switch node.operation {
      case .dropout(let rate) where rate > 0, .stochasticDepth(let rate) where rate > 0:
        drops = trainingStages.contains(node.stage)
      default: break
      }
      isLive[index] = trains(node) || drops || node.inputs.contains { isLive[$0] }
    }

    var places = [Int?](repeating: nil, count: graph.nodes.count)
    for (index, node) in graph.nodes.enumerated() where isLive[index] {
      nodes.append(index)
      let inputs = node.inputs.map { input -> Int in
        if let place = places[input] { return place }
        let value = addValue(graph.nodes[input].shape, hasGradient: false)
        boundary.append((input, value))
        places[input] = value
        return value
      }
      let isEnd = index == graph.outputIndex
      places[index] = lower(
        node, inputs, node.inputs.map { graph.nodes[$0].shape }, trains: trains(node), isEnd: isEnd,
        trainsGamma: trainable.contains(Parameters.Key(node.name, "gamma")),
        updatesStatistics: updatesStatistics)
    }
    output = places[graph.outputIndex] ?? 0
    for index in layers.indices.reversed() { foldPadding(into: index) }
    layers.removeAll { $0.inputs.isEmpty }
    fuse(trainable)
    shareMemory()
    moveGates()
  }

  private static func ancestors(of end: Int, in graph: Graph) -> [Bool] {
    var needed = [Bool](repeating: false, count: graph.nodes.count)
    needed[end] = true
    for index in graph.nodes.indices.reversed() where needed[index] {
      for input in graph.nodes[index].inputs { needed[input] = true }
    }
    return needed
  }

  private mutating func addValue(_ shape: Shape, hasGradient: Bool) -> Int {
    values.append(Value(count: shape.count, hasGradient: hasGradient, storage: values.count))
    return values.count - 1
  }

  private mutating func add(
    _ name: String, _ operation: any TrainingOperation, _ inputs: [Int], trains: Bool = false
  ) -> Int {
    let hasGradient = trains || inputs.contains { values[$0].hasGradient }
    for input in inputs { values[input].readers += 1 }
    let output = addValue(operation.shape, hasGradient: hasGradient)
    layers.append(
      Layer(
        name: name, operation: operation, inputs: inputs, output: output, hasGradient: hasGradient,
        trains: trains))
    return output
  }

  /// Adds what a node computes, and returns its value.
  private mutating func lower(
    _ node: Graph.Node, _ inputs: [Int], _ shapes: [Shape], trains: Bool, isEnd: Bool, trainsGamma: Bool,
    updatesStatistics: Bool
  ) -> Int {
    let (name, shape) = (node.name, node.shape)

    func activated(_ value: Int, _ activation: Activation, _ program: inout TrainingProgram) -> Int {
      if isEnd && (activation == .softmax || activation == .sigmoid) {
        program.finalActivation = activation
        return value
      }
      if activation == .linear { return value }
      return program.add(name, ActivationTraining(name, activation, over: shape), [value])
    }

    /// Adds plain loops.
    func plain(
      _ operation: some PlainOperation, _ inputs: [Int], _ program: inout TrainingProgram
    ) -> Int {
      let counts = Dictionary(
        node.operation.parameterShapes(for: shapes).map { ($0.name, $0.shape.count) },
        uniquingKeysWith: { $1 })
      return program.add(
        name, PlainTraining(operation, parameterCounts: operation.parameters.map { counts[$0] ?? 0 }), inputs,
        trains: trains)
    }

    switch node.operation {
    case .input, .reshape, .flatten:
      return inputs.first ?? 0
    case .convolution(let c):
      let y = add(name, ConvolutionTraining(name, c, from: shapes[0], to: shape), inputs, trains: trains)
      return activated(y, c.activation, &self)
    case .depthwiseConvolution(let c):
      let y = add(
        name, DepthwiseConvolutionTraining(name, c, from: shapes[0], to: shape), inputs, trains: trains)
      return activated(y, c.activation, &self)
    case .separableConvolution(let c):
      var middle = shape.dimensions
      middle[2] = shapes[0].channels * c.multiplier
      let depthwise = RenamingTraining(
        base: DepthwiseConvolutionTraining(name, c.depthwise, from: shapes[0], to: Shape(middle)),
        names: ["depthwise_kernel": "depthwise_kernel"])
      let pointwise = RenamingTraining(
        base: ConvolutionTraining(name, c.pointwise, from: Shape(middle), to: shape),
        names: ["kernel": "pointwise_kernel", "bias": "bias"])
      let y = add(name, depthwise, inputs, trains: trains)
      return activated(add(name, pointwise, [y], trains: trains), c.activation, &self)
    case .transposedConvolution(let c):
      let y = plain(TransposedConvolutionOperation(c, from: shapes[0], to: shape), inputs, &self)
      return activated(y, c.activation, &self)
    case .groupNormalization(let n):
      return plain(GroupNormalizationOperation(attributes: n, shape: shape), inputs, &self)
    case .unitNormalization:
      return plain(UnitNormalizationOperation(shape: shape), inputs, &self)
    case .parametricRectifier:
      let alpha = node.operation.parameterShapes(for: shapes)[0].shape
      return plain(ParametricRectifierOperation(alpha: alpha, over: shape), inputs, &self)
    case .combination(let combination):
      var result = inputs[0]
      for (operation, input) in zip(combination.operations(shapes), inputs.dropFirst()) {
        result = plain(operation, [result, input], &self)
      }
      guard combination == .average else { return result }
      let mean = RescalingTraining(
        name: name, scale: 1 / Float(inputs.count), offset: 0, inputShapes: [shape], shape: shape)
      return add(name, mean, [result])
    case .stacking(let axis):
      if inputs.count == 1 { return inputs[0] }
      let joined = ConcatenationTraining(
        name: name, inputShapes: shapes.map { $0.flattened(from: axis) }, shape: shape.flattened(from: axis))
      return add(name, joined, inputs)
    case .permutation(let order):
      return plain(PermutationOperation(order: order, of: shapes[0], to: shape), inputs, &self)
    case .resampling(let resampling):
      return plain(ResamplingOperation(resampling, of: shapes[0], to: shape), inputs, &self)
    case .dense(let d):
      let y = add(
        name, DenseTraining(name, units: d.units, from: shapes[0], to: shape), inputs, trains: trains)
      return activated(y, d.activation, &self)
    case .batchNormalization(let b):
      let operation: any TrainingOperation =
        trains && updatesStatistics
        ? BatchStatisticsTraining(name, b, shape: shape)
        : BatchNormalizationTraining(
          name: name, attributes: b, inputShapes: shapes, shape: shape, trainsGamma: trainsGamma)
      return add(name, operation, inputs, trains: trains)
    case .layerNormalization(let n):
      let operation = LayerNormalizationTraining(
        name: name, attributes: n, inputShapes: shapes, shape: shape)
      return add(name, operation, inputs, trains: trains)
    case .normalization(let n):
      return add(
        name, NormalizationTraining(name: name, attributes: n, inputShapes: shapes, shape: shape), inputs)
    case .layerScale:
      let operation = LayerScaleTraining(
        name: name, inputShapes: shapes, shape: shape, trainsGamma: trainsGamma)
      return add(name, operation, inputs, trains: trains)
    case .activation(let activation):
      return activated(inputs[0], activation, &self)
    case .maxPooling(let p):
      return add(name, PoolingTraining(name, p, takesMax: true, from: shapes[0], to: shape), inputs)
    case .averagePooling(let p):
      return add(name, PoolingTraining(name, p, takesMax: false, from: shapes[0], to: shape), inputs)
    case .globalPooling(let p):
      return add(
        name, GlobalPoolingTraining(name: name, kind: p.kind, inputShapes: shapes, shape: shape), inputs)
    case .zeroPadding(let insets):
      return add(
        name, ZeroPaddingTraining(name: name, insets: insets, inputShapes: shapes, shape: shape), inputs)
    case .cropping(let insets):
      return add(
        name, CroppingTraining(name: name, insets: insets, inputShapes: shapes, shape: shape), inputs)
    case .scaledAddition(let scale):
      let scaled = add(
        name, RescalingTraining(name: name, scale: scale, offset: 0, inputShapes: [shape], shape: shape),
        [inputs[1]])
      return add(
        name, AdditionTraining(name: name, inputShapes: [shape, shape], shape: shape), [inputs[0], scaled])
    case .add:
      var sum = inputs[0]
      for input in inputs.dropFirst() {
        sum = add(
          name, AdditionTraining(name: name, inputShapes: [shape, shape], shape: shape), [sum, input])
      }
      return sum
    case .multiply:
      if shapes[0] == shapes[1] {
        return add(name, MultiplicationTraining(name: name, inputShapes: shapes, shape: shape), inputs)
      }
      let bigFirst = shapes[0] == shape
      return add(
        name,
        ChannelScalingTraining(
          name: name, inputShapes: bigFirst ? shapes : shapes.reversed(), shape: shape),
        bigFirst ? inputs : inputs.reversed())
    case .concatenate:
      return add(name, ConcatenationTraining(name: name, inputShapes: shapes, shape: shape), inputs)
    case .dropout(let rate):
      guard rate > 0 else { return inputs[0] }
      return add(name, DropoutTraining(name: name, rate: rate, inputShapes: shapes, shape: shape), inputs)
    case .stochasticDepth(let rate):
      guard rate > 0 else { return inputs[0] }
      return add(
        name, StochasticDepthTraining(name: name, rate: rate, inputShapes: shapes, shape: shape), inputs)
    case .rescaling(let scale, let offset):
      return add(
        name,
        RescalingTraining(name: name, scale: scale, offset: offset, inputShapes: shapes, shape: shape), inputs
      )
    }
  }

  /// Lets results take the place of what nobody reads any more, and operations apply the activations that follow.
  private mutating func shareMemory() {
    let given = Set(boundary.map(\.value))
    var makers: [Int: Int] = [:]
    for (index, layer) in layers.enumerated() {
      makers[layer.output] = index
      let input = layer.inputs[0]
      guard layer.operation.mayOverwrite, !given.contains(input), values[input].readers == 1,
        !(layer.hasGradient && layer.operation.gradientReads.inputs), let maker = makers[input],
        !(layers[maker].hasGradient && layers[maker].operation.gradientReads.output)
      else { continue }
      values[layer.output].storage = values[input].storage
      if let operation = layer.operation as? ActivationTraining, operation.activation != .softmax,
        layers[maker].operation.appliesActivation, layers[maker].activation == .none, !layers[maker].isDone
      {
        layers[maker].activation = KernelActivation(applying: operation.activation)
        layers[index].isDone = true
      }
    }
    var numbers: [Int: Int] = [:]
    for index in values.indices {
      let storage = values[index].storage
      if numbers[storage] == nil { numbers[storage] = numbers.count }
      values[index].storage = numbers[storage] ?? 0
    }
    storages = numbers.count
  }
}
