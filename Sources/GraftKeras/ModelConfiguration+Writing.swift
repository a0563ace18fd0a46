internal import GraftGraph

/// A graph as the configuration of a functional model, in the form that Keras 2 introduced and Keras 3 reads.
struct ModelConfigurationWriter {
  let graph: Graph
  /// The names that the layers get in the file, node by node.
  let names: [String]

  init(_ graph: Graph) {
    self.graph = graph
    names = Self.names(of: graph)
  }

  /// The configuration: Keras's attribute `model_config`.
  ///
  /// - Throws: `ImportError` with code `.cannotWrite` about `file` if a layer has an option that is not finite.
  func text(name: String, file: String) throws -> String {
    let layers = graph.nodes.indices.map(layer)
    let model: JSON = [
      "class_name": "Functional",
      "config": [
        "name": .string(name), "trainable": true, "layers": .array(layers),
        "input_layers": [reference(0)], "output_layers": [reference(graph.outputIndex)],
      ],
    ]
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
    if index > 0 { options["trainable"] = true }
    let inputs = node.inputs.map { JSON.array((reference($0).elements ?? []) + [[:]]) }
    return [
      "class_name": .string(layer.className), "name": .string(names[index]), "config": .object(options),
      "inbound_nodes": inputs.isEmpty ? [] : [.array(inputs)],
    ]
  }

  /// The first result of the first call of a layer.
  private func reference(_ index: Int) -> JSON { [.string(names[index]), 0, 0] }

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
