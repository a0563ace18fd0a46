internal import GraftGraph

/// A graph as the configuration of a functional model, in the form that Keras 2 introduced and Keras 3 reads.
struct ModelConfigurationWriter {
  let graph: Graph
  /// The names that the layers get in the file, node by node.
  let names: [String]
  /// The names of layers that training leaves alone.
  let frozen: Set<String>

  init(_ graph: Graph, frozen: Set<String> = []) {
    self.graph = graph
    self.frozen = frozen
    names = Self.names(of: graph)
  }

  /// The configuration: Keras's attribute `model_config`.
  ///
  /// - Throws: `ImportError` with code `.cannotWrite` about `file` if a layer has an option that is not finite.
  func text(name: String, file: String) throws -> String {
    try text(
      [
        "class_name": "Functional",
        "config": model(name, input: [reference(0)], output: [reference(graph.outputIndex)]),
      ],
      file: file)
  }

  /// The configuration as it stands in a `.keras` archive, which says where the class is from.
  ///
  /// - Throws: `ImportError`, as `text(name:file:)` does.
  func archiveText(name: String, file: String) throws -> String {
    try text(
      [
        "module": "keras.src.models.functional", "class_name": "Functional",
        "registered_name": "Functional",
        "config": model(name, input: reference(0), output: reference(graph.outputIndex)),
      ], file: file)
  }

  /// - Parameter input: the input, in a list of its own or not: Keras 3 takes pictures as they are, without a warning, only
  ///   where it is not; Keras 2 wants one.
  private func model(_ name: String, input: JSON, output: JSON) -> JSON {
    [
      "name": .string(Self.modelName(name)), "trainable": true,
      "layers": .array(graph.nodes.indices.map(layer)),
      "input_layers": input, "output_layers": output,
    ]
  }

  private func text(_ model: JSON, file: String) throws -> String {
    if let node = graph.nodes.first(where: { !KerasLayer($0.operation).isWritable }) {
      throw ImportError(
        .cannotWrite, "Keras has no layer that computes this: \(node.operation)", file: file, layer: node.name
      )
    }
    guard model.isFinite else {
      throw ImportError(.cannotWrite, "a layer has an option that is not a finite number", file: file)
    }
    return model.text
  }

  private func layer(_ index: Int) -> JSON {
    let node = graph.nodes[index]
    let layer = KerasLayer(node.operation)
    var options = layer.options
    options["name"] = .string(names[index])
    options["dtype"] = "float32"
    if index > 0 { options["trainable"] = .bool(!frozen.contains(node.name)) }
    let inputs = node.inputs.map { JSON.array((reference($0).elements ?? []) + [[:]]) }
    var json: [String: JSON] = [
      "class_name": .string(layer.className), "name": .string(names[index]), "config": .object(options),
      "inbound_nodes": inputs.isEmpty ? [] : [.array(inputs)],
    ]
    // Without a module Keras 3 takes a layer for one of Keras 2, and forgets axes that are several.
    if options["axis"]?.elements?.count ?? 0 > 1 {
      json["module"] = "keras.layers"
      json["registered_name"] = .null
    }
    return .object(json)
  }

  /// The first result of the first call of a layer.
  private func reference(_ index: Int) -> JSON { [.string(names[index]), 0, 0] }

  /// A name that Keras 3 takes for a model: letters, digits and a few signs of ASCII; underscores stand for others.
  private static func modelName(_ name: String) -> String {
    let plain = String(
      name.map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? $0 : "_" })
    return plain.first.map { $0.isLetter || $0.isNumber } ?? false ? plain : "model\(plain)"
  }

  /// The layers' names without slashes, which Keras 3 refuses; underscores stand for them.
  private static func names(of graph: Graph) -> [String] {
    var taken = Set(graph.nodes.map(\.name))
    return graph.nodes.map { node in
      guard node.name.contains("/") else { return node.name }
      let plain = String(node.name.map { $0 == "/" ? "_" : $0 })
      var name = plain
      var number = 0
      while !taken.insert(name).inserted {
        number += 1
        name = "\(plain)_\(number)"
      }
      return name
    }
  }
}
