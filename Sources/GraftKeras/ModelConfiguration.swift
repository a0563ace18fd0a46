/// The configuration of a Keras model in one form for all versions of Keras: layers by name, each with the
/// calls that connect it to others. A sequential model is a chain of calls.
struct ModelConfiguration {
  /// The model's name, where it has one.
  let name: String?
  /// The layers in the order in which the configuration lists them.
  let layers: [Layer]
  /// What the model takes.
  let inputs: [Reference]
  /// What the model gives.
  let outputs: [Reference]

  /// The result of one call of a layer.
  struct Reference: Hashable {
    let layer: String
    /// Which of the layer's calls.
    let call: Int
    /// Which of the call's results.
    let tensor: Int
  }

  /// What a layer is called with.
  enum Argument: Hashable {
    case tensor(Reference)
    case constant(JSON)
  }

  /// One call of a layer.
  struct Call: Hashable {
    /// The arguments without a name, lists flattened.
    let positional: [Argument]
    /// The arguments with a name that are not null.
    let named: [String: Argument]

    /// The results of other layers that it needs, those without a name first.
    var references: [Reference] {
      (positional + named.sorted { $0.key < $1.key }.map(\.value)).compactMap {
        if case .tensor(let reference) = $0 { reference } else { nil }
      }
    }
  }

  /// One layer.
  struct Layer {
    let className: String
    let name: String
    let options: [String: JSON]
    let calls: [Call]
    /// The layer's own layers, if it is a model. An array, since a structure cannot hold itself: none or one.
    fileprivate let models: [ModelConfiguration]

    /// The layer's own layers, if it is a model.
    var model: ModelConfiguration? { models.first }
  }

  /// More layers than any network has.
  static let maximumLayers = 20_000
  /// Deeper than models are nested in practice.
  static let maximumDepth = 8
}

/// Reads configurations, for messages about `file`.
struct ModelConfigurationReader {
  let file: String

  /// The classes that are models.
  private static let functional: Set = ["Functional", "Model"]

  /// The configuration that a text holds.
  ///
  /// - Throws: `ImportError` with code `.configuration` or `.unsupported`.
  func model(_ text: [UInt8]) throws -> (model: ModelConfiguration, kerasVersion: String?) {
    let json: JSON
    do {
      json = try JSON(text)
    } catch {
      throw damaged("the model's configuration cannot be read as JSON", reason: "\(error)")
    }
    guard let model = try model(json, depth: 0) else {
      throw damaged(
        "the configuration is no model's", found: json["class_name"]?.string ?? json.description,
        expected: "class_name Functional, Model or Sequential, with a config")
    }
    return (model, json["keras_version"]?.string)
  }

  /// The model that `json` describes; nil if it is no model but a layer.
  private func model(_ json: JSON, depth: Int) throws -> ModelConfiguration? {
    guard let className = json["class_name"]?.string, let config = json["config"] else { return nil }
    guard Self.functional.contains(className) || className == "Sequential" else { return nil }
    guard depth < ModelConfiguration.maximumDepth else {
      throw ImportError(
        .unsupported, "models are nested more than \(ModelConfiguration.maximumDepth) deep", file: file)
    }
    let name = config["name"]?.string
    // Keras 2.2 and older kept a sequential model as a bare list.
    guard let list = config["layers"]?.elements ?? config.elements else {
      throw damaged("a model has no list of layers", layer: name, found: config.description)
    }
    guard list.count <= ModelConfiguration.maximumLayers else {
      throw ImportError(
        .unsupported, "a model has \(list.count) layers, more than any network", file: file, layer: name)
    }
    return Self.functional.contains(className)
      ? try functional(list, config, name, depth: depth) : try sequential(list, config, name, depth: depth)
  }

  private func functional(
    _ list: [JSON], _ config: JSON, _ name: String?, depth: Int
  ) throws -> ModelConfiguration {
    let layers = try list.map { json in
      let layer = try layer(json, depth: depth)
      guard let nodes = json["inbound_nodes"]?.elements else {
        throw damaged("a layer does not say what it reads (inbound_nodes)", layer: layer.name)
      }
      return ModelConfiguration.Layer(
        className: layer.className, name: layer.name, options: layer.options,
        calls: try nodes.map { try InboundNode(file: file, layer: layer.name).call($0) }, models: layer.models
      )
    }
    return ModelConfiguration(
      name: name, layers: layers, inputs: try ends(config, "input_layers", name),
      outputs: try ends(config, "output_layers", name))
  }

  private func sequential(
    _ list: [JSON], _ config: JSON, _ name: String?, depth: Int
  ) throws -> ModelConfiguration {
    var layers: [ModelConfiguration.Layer] = []
    for json in list {
      let layer = try layer(json, depth: depth)
      if layers.isEmpty, layer.className != "InputLayer" {
        layers.append(input(before: layer, config))
      }
      let calls = layers.last.map { [ModelConfiguration.Call($0.name)] } ?? []
      layers.append(
        ModelConfiguration.Layer(
          className: layer.className, name: layer.name, options: layer.options, calls: calls,
          models: layer.models))
    }
    guard let first = layers.first, let last = layers.last else {
      throw damaged("a sequential model has no layers", layer: name)
    }
    return ModelConfiguration(
      name: name, layers: layers, inputs: [.init(layer: first.name, call: 0, tensor: 0)],
      outputs: [.init(layer: last.name, call: 0, tensor: 0)])
  }

  /// The input that a sequential model without one takes: its first layer knows the shape, or the model that
  /// this layer is, or the model itself.
  private func input(before layer: ModelConfiguration.Layer, _ config: JSON) -> ModelConfiguration.Layer {
    var options = layer.options
    var first = layer
    while let inner = first.model?.layers.first {
      options = inner.options
      first = inner
    }
    let shape =
      ["batch_input_shape", "batch_shape"].lazy.compactMap { options[$0] }.first
      ?? config["build_input_shape"]
    return ModelConfiguration.Layer(
      className: "InputLayer", name: "\(layer.name)_input",
      options: shape.map { ["batch_input_shape": $0] } ?? [:], calls: [], models: [])
  }

  private func layer(_ json: JSON, depth: Int) throws -> ModelConfiguration.Layer {
    guard let className = json["class_name"]?.string, let config = json["config"] else {
      throw damaged("a layer has no class_name or no config", found: json.description)
    }
    guard let name = json["name"]?.string ?? config["name"]?.string, !name.isEmpty else {
      throw damaged("a layer has no name", found: className)
    }
    let model = try model(json, depth: depth + 1)
    return ModelConfiguration.Layer(
      className: className, name: name, options: config.members ?? [:], calls: [],
      models: model.map { [$0] } ?? [])
  }

  /// The references under `key`: a list of them, or only one, which Keras 3 does not put into a list.
  private func ends(_ config: JSON, _ key: String, _ model: String?) throws
    -> [ModelConfiguration.Reference]
  {
    let elements = config[key]?.elements ?? []
    let references =
      ModelConfiguration.Reference(.array(elements)).map { [$0] }
      ?? elements.compactMap { ModelConfiguration.Reference($0) }
    guard !references.isEmpty else {
      throw damaged(
        "a model does not say which are its \(key)", layer: model,
        found: config[key]?.description ?? "nothing")
    }
    return references
  }

  private func damaged(
    _ message: String, layer: String? = nil, found: String? = nil, expected: String? = nil,
    reason: String? = nil
  ) -> ImportError {
    ImportError(
      .configuration, message, file: file, layer: layer, expected: expected, found: found, reason: reason)
  }
}

extension ModelConfiguration.Call {
  /// A call with the result of the layer `name`.
  fileprivate init(_ name: String) {
    self.init(positional: [.tensor(.init(layer: name, call: 0, tensor: 0))], named: [:])
  }
}

extension ModelConfiguration.Reference {
  /// `["name", call, tensor]`, as all versions of Keras write it; with options behind it in Keras 2. Nil for
  /// anything else.
  init?(_ json: JSON) {
    guard let elements = json.elements, elements.count == 3 || elements.count == 4,
      let layer = elements[0].string, let call = elements[1].integer, let tensor = elements[2].integer,
      elements.count == 3 || elements[3].members != nil
    else { return nil }
    self.init(layer: layer, call: call, tensor: tensor)
  }
}
