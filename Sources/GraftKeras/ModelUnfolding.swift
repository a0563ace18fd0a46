internal import GraftGraph
internal import GraftTensor

/// Turns a configuration into a graph: puts calls into an order, unfolds nested models, names and checks every
/// node. Hostile configurations end in an error: sizes, depth and number of nodes are bounded, and nothing is
/// done recursively but nested models.
struct ModelUnfolding {
  let file: String
  let kerasMajor: Int
  let inputSize: Extent?

  private struct Node {
    let name: String
    let operation: Operation
    let inputs: [Int]
    let shape: Shape
    let model: String?
    var layout = TensorLayout.channelsLast
  }

  /// Which layer of the configuration each node is.
  private(set) var origins = LayerOrigins()

  private var nodes: [Node] = []
  /// The names of the model's own layers, which those of models inside it do not get.
  private var outerNames: Set<String> = []
  private var names: Set<String> = []
  private var copies: [String: Int] = [:]
  private var calls = 0
  private var usesChannelsFirst = false

  init(file: String, kerasMajor: Int, inputSize: Extent?) {
    self.file = file
    self.kerasMajor = kerasMajor
    self.inputSize = inputSize
  }

  /// More values than fit into memory, few enough to be counted.
  private static let maximumCount = 1 << 40

  /// The graph of a model.
  mutating func graph(of model: ModelConfiguration) throws -> Graph {
    guard model.inputs.count == 1 else {
      throw ImportError(
        .unsupported, "the model has \(model.inputs.count) inputs; that is not supported", file: file,
        expected: "one", found: model.inputs.prefix(6).map(\.layer).joined(separator: ", "))
    }
    usesChannelsFirst = model.usesChannelsFirst
    outerNames = Set(model.layers.map(\.name))
    let output = try unfold(model, arguments: nil, path: [])
    return try assemble(output: output)
  }

  /// Adds the nodes of a model and gives the one that is its output.
  ///
  /// - Parameter arguments: The nodes that a nested model is called with.
  private mutating func unfold(
    _ model: ModelConfiguration, arguments: [Int]?, path: [String]
  ) throws -> Int {
    guard model.outputs.count == 1, let end = model.outputs.first else {
      throw ImportError(
        .unsupported,
        "\(path.last.map { "the model \($0)" } ?? "the model") has \(model.outputs.count) outputs; "
          + "that is not supported",
        file: file, expected: "one", found: model.outputs.prefix(6).map(\.layer).joined(separator: ", "),
        advice: "Save a model of one of them: keras.Model(model.input, model.get_layer(name).output)")
    }
    let plan = try CallPlan(model, file: file)
    var results: [CallPlan.Unit: Int] = [:]
    for unit in try plan.order(for: end) {
      calls += 1
      guard calls <= ModelConfiguration.maximumLayers else {
        throw unsupported("the model has more than \(ModelConfiguration.maximumLayers) layers", expected: nil)
      }
      let layer = model.layers[unit.layer]
      let inputs = try plan.inputs(of: unit).compactMap { results[$0] }
      if let argument = model.inputs.firstIndex(where: { $0.layer == layer.name }), let arguments {
        guard arguments.indices.contains(argument) else {
          throw unsupported(
            "the model is called with \(arguments.count) tensors", layer: path.last,
            expected: "\(model.inputs.count)")
        }
        results[unit] = arguments[argument]
      } else if let inner = layer.model {
        results[unit] = try unfold(inner, arguments: inputs, path: path + [layer.name])
      } else {
        results[unit] = try add(layer, call: unit.call, inputs: inputs, path: path)
      }
    }
    guard let output = try results[plan.unit(end)] else {
      throw unsupported("the model has no output", expected: nil)
    }
    return output
  }

  // MARK: - Nodes

  private mutating func add(
    _ layer: ModelConfiguration.Layer, call: Int, inputs: [Int], path: [String]
  ) throws -> Int {
    if layer.className == "InputLayer" {
      guard nodes.isEmpty else {
        throw unsupported("the model has several inputs", layer: layer.name, expected: "one")
      }
      let shape = try inputShape(layer)
      // Pictures have few channels: they show where these are.
      guard usesChannelsFirst, shape.rank == 3, shape[0] <= shape[2] else {
        return try add(.input(shape), layer, inputs: [], path: path, .channelsLast)
      }
      return try add(.input([shape[1], shape[2], shape[0]]), layer, inputs: [], path: path, .channelsFirst)
    }
    guard layer.calls.indices.contains(call) else {
      throw ImportError(.configuration, "reads nothing, and is no input", file: file, layer: layer.name)
    }
    let come =
      inputs.contains { nodes[$0].layout == .channelsFirst } ? TensorLayout.channelsFirst : .channelsLast
    let layout = layer.layout(for: come)
    let inputs = try inputs.map { try converted($0, to: layout, for: layer, path: path) }
    let options = LayerOptions(
      layer, call: layer.calls[call], inputs: inputs.map { nodes[$0].shape }, kerasMajor: kerasMajor,
      layout: layout, file: file)
    switch try LayerImporters.result(for: options) {
    case .operation(let operation): return try add(operation, layer, inputs: inputs, path: path, layout)
    case .identity:
      guard let input = inputs.first else {
        throw ImportError(.configuration, "reads nothing", file: file, layer: layer.name)
      }
      return input
    }
  }

  /// A node that gives what the node `index` does, as Keras's tensor of this layout stands in the graph.
  private mutating func converted(
    _ index: Int, to layout: TensorLayout, for layer: ModelConfiguration.Layer, path: [String]
  ) throws -> Int {
    guard nodes[index].shape.rank == 3, nodes[index].layout != layout else { return index }
    let order = layout == .channelsLast ? [2, 0, 1] : [1, 2, 0]
    let shape = nodes[index].shape
    nodes.append(
      Node(
        name: unusedName("\(nodes[index].name)_permuted", path: path), operation: .permutation(order: order),
        inputs: [index], shape: Shape(order.map { shape[$0] }), model: path.first, layout: layout))
    return nodes.count - 1
  }

  private mutating func add(
    _ operation: Operation, _ layer: ModelConfiguration.Layer, inputs: [Int], path: [String],
    _ layout: TensorLayout
  ) throws -> Int {
    let shapes = inputs.map { nodes[$0].shape }
    let shape: Shape
    do {
      shape = try operation.outputShape(for: shapes)
    } catch let error as GraphError {
      throw ImportError(.configuration, "\(layer.className): \(error.message)", file: file, layer: layer.name)
    }
    let parameters = operation.parameterShapes(for: shapes)
    for shape in parameters.map(\.shape) + [shape] {
      let count = shape.dimensions.reduce(1) { count, length in
        let (product, overflow) = count.multipliedReportingOverflow(by: length)
        return overflow ? .max : product
      }
      guard (1...Self.maximumCount).contains(count) else {
        throw unsupported(
          "\(layer.className) of \(shape) is beyond all sizes", layer: layer.name,
          expected: "at most \(Self.maximumCount) values")
      }
    }
    // A layer that is called twice becomes two, with the same weights.
    let name = unusedName(layer.name, path: path)
    if !parameters.isEmpty { origins[name] = (path + [layer.name]).joined(separator: "/") }
    nodes.append(
      Node(
        name: name, operation: operation, inputs: inputs, shape: shape, model: path.first,
        layout: shape.rank == 3 ? layout : .channelsLast))
    return nodes.count - 1
  }

  /// The layer's own name; if that is taken, with the model's before it, and then with a number behind it.
  private mutating func unusedName(_ name: String, path: [String]) -> String {
    if path.isEmpty || !outerNames.contains(name), names.insert(name).inserted { return name }
    let stem = (path.suffix(1) + [name]).joined(separator: "_")
    var candidate = stem
    while outerNames.contains(candidate) || !names.insert(candidate).inserted {
      copies[stem, default: 0] += 1
      candidate = "\(stem)_\(copies[stem] ?? 0)"
    }
    return candidate
  }

  private func inputShape(_ layer: ModelConfiguration.Layer) throws -> Shape {
    let value = layer.options["batch_input_shape"] ?? layer.options["batch_shape"]
    guard let value, let axes = value.elements, (2...4).contains(axes.count) else {
      throw unsupported(
        "the shape of the input", layer: layer.name, found: value?.description ?? "none",
        expected: "[null, height, width, channels]")
    }
    var lengths = axes.dropFirst().map(\.integer)
    if lengths.count == 3, let inputSize {
      lengths[0] = lengths[0] ?? inputSize.height
      lengths[1] = lengths[1] ?? inputSize.width
    }
    if lengths.count == 3, lengths[0] == nil || lengths[1] == nil, lengths[2] != nil {
      throw ImportError(
        .unsupported, "the model leaves the size of pictures open", file: file, layer: layer.name,
        found: value.description, advice: "Say which size is wanted")
    }
    let known = lengths.compactMap(\.self)
    guard known.count == lengths.count, known.allSatisfy({ (1...1 << 16).contains($0) }) else {
      throw unsupported(
        "the shape of the input", layer: layer.name, found: value.description,
        expected: "lengths from 1 to 65536")
    }
    return Shape(known)
  }

  // MARK: - Graph

  private func assemble(output: Int) throws -> Graph {
    let head = headStart(output: output)
    var builder = GraphBuilder()
    var values: [GraphBuilder.Value] = []
    for (index, node) in nodes.enumerated() {
      if index == 1 || index > 0 && node.model != nodes[index - 1].model && index < head {
        builder.begin(stage: node.model ?? "trunk")
      }
      if index == head { builder.begin(stage: Graph.headStage) }
      values.append(builder.layer(node.operation, node.inputs.map { values[$0] }, node.name))
    }
    do {
      let graph = try builder.graph()
      return output == nodes.count - 1 ? graph : try graph.truncated(at: nodes[output].name)
    } catch let error as GraphError {
      throw ImportError(.configuration, error.message, file: file, layer: error.layer)
    }
  }

  /// The first pooling over the whole picture or flattening that no path goes around; the number of nodes where
  /// there is none.
  private func headStart(output: Int) -> Int {
    var lastReader = [Int](repeating: 0, count: nodes.count)
    for (index, node) in nodes.enumerated() { for input in node.inputs { lastReader[input] = index } }
    var reach = 0
    for (index, node) in nodes.enumerated() {
      switch node.operation {
      case .globalPooling, .flatten: if reach <= index { return index }
      default: break
      }
      reach = max(reach, lastReader[index])
    }
    return nodes.count
  }

  private func unsupported(
    _ message: String, layer: String? = nil, found: String? = nil, expected: String?
  ) -> ImportError {
    ImportError(
      .unsupported, message + (found == nil ? "; that is not supported" : " is not supported"), file: file,
      layer: layer, expected: expected, found: found)
  }
}
