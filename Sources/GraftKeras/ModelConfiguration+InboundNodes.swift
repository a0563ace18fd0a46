/// Reads one element of `inbound_nodes`: one call of a layer.
///
/// Keras 1: `[["a", 0, 0], ["b", 0, 0]]`. Keras 2: the same with the arguments that have a name at the end of
/// each, `[["a", 0, 0, {"y": 3.0}]]`; without the outer list where a function takes one tensor; with
/// `["_CONSTANT_VALUE", -1, 3.0, {}]` where the first argument is a number. Keras 3:
/// `{"args": [...], "kwargs": {...}}` with objects of class `__keras_tensor__`.
struct InboundNode {
  let file: String
  let layer: String

  typealias Call = ModelConfiguration.Call
  typealias Argument = ModelConfiguration.Argument
  typealias Reference = ModelConfiguration.Reference

  func call(_ json: JSON) throws -> Call {
    if let arguments = json["args"]?.elements {
      return try Call(
        positional: arguments.flatMap { try keras3(positional: $0) },
        named: (json["kwargs"]?.members ?? [:]).compactMapValues(keras3(named:)))
    }
    guard let elements = json.elements, !elements.isEmpty else {
      throw unreadable(json)
    }
    let isSingle = elements[0].string != nil
    var positional: [Argument] = []
    var named: [String: Argument] = [:]
    for element in isSingle ? [json] : elements {
      let (argument, options) = try keras2(element)
      positional.append(argument)
      named.merge(options) { first, _ in first }
    }
    return Call(positional: positional, named: named)
  }

  private func keras2(_ json: JSON) throws -> (Argument, [String: Argument]) {
    guard let elements = json.elements, elements.count >= 3, let name = elements[0].string else {
      throw unreadable(json)
    }
    let options = elements.count > 3 ? elements[3].members ?? [:] : [:]
    let named: [String: Argument] = options.compactMapValues { value in
      if value.isNull { return nil }
      if let reference = Reference(value) { return .tensor(reference) }
      return .constant(value)
    }
    if name == "_CONSTANT_VALUE" { return (.constant(elements[2]), named) }
    guard let reference = Reference(json) else { throw unreadable(json) }
    return (.tensor(reference), named)
  }

  private func keras3(positional json: JSON) throws -> [Argument] {
    if let reference = try tensor(json) { return [.tensor(reference)] }
    if let elements = json.elements, !elements.isEmpty {
      // A list of tensors for a layer that joins them; a list of numbers is a constant.
      let tensors = try elements.compactMap(tensor)
      return tensors.count == elements.count ? tensors.map { .tensor($0) } : [.constant(json)]
    }
    return [.constant(json)]
  }

  private func keras3(named json: JSON) throws -> Argument? {
    if json.isNull { return nil }
    return try tensor(json).map { .tensor($0) } ?? .constant(json)
  }

  private func tensor(_ json: JSON) throws -> Reference? {
    guard json["class_name"] == "__keras_tensor__" else { return nil }
    guard let history = json["config"]?["keras_history"], let reference = Reference(history) else {
      throw unreadable(json)
    }
    return reference
  }

  private func unreadable(_ json: JSON) -> ImportError {
    ImportError(
      .configuration, "what the layer reads cannot be understood", file: file, layer: layer,
      found: json.description)
  }
}
