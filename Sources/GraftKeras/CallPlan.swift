/// The calls of a model's layers, and the order in which they can be made.
struct CallPlan {
  /// One call of one layer.
  struct Unit: Hashable {
    /// The layer's index in the model.
    let layer: Int
    let call: Int
  }

  private let model: ModelConfiguration
  private let file: String
  private let indices: [String: Int]
  /// What the calls of a nested model are counted from: 1 in Keras 2, where its own construction is call 0; in
  /// Keras 3 that depends on the class.
  private let firstCalls: [String: Int]

  /// - Throws: `ImportError` if two layers have one name.
  init(_ model: ModelConfiguration, file: String) throws {
    self.model = model
    self.file = file
    var indices: [String: Int] = [:]
    for (index, layer) in model.layers.enumerated() {
      guard indices.updateValue(index, forKey: layer.name) == nil else {
        throw ImportError(.configuration, "two layers have this name", file: file, layer: layer.name)
      }
    }
    self.indices = indices
    var firstCalls: [String: Int] = [:]
    for reference in model.layers.flatMap(\.calls).flatMap(\.references) + model.outputs {
      guard let index = indices[reference.layer], model.layers[index].model != nil else { continue }
      if reference.call == model.layers[index].calls.count { firstCalls[reference.layer] = 1 }
    }
    self.firstCalls = firstCalls
  }

  /// The call that a reference means.
  func unit(_ reference: ModelConfiguration.Reference) throws -> Unit {
    guard let index = indices[reference.layer] else {
      throw ImportError(
        .configuration, "a layer reads it, but it is not there", file: file, layer: reference.layer)
    }
    guard reference.tensor == 0 else {
      throw ImportError(
        .unsupported, "layers with several results are not supported", file: file, layer: reference.layer)
    }
    let layer = model.layers[index]
    let call = reference.call - (firstCalls[reference.layer] ?? 0)
    guard (0..<max(layer.calls.count, 1)).contains(call) else {
      throw ImportError(
        .configuration, "a layer reads its call \(reference.call), but there are \(layer.calls.count)",
        file: file, layer: reference.layer)
    }
    return Unit(layer: index, call: call)
  }

  /// The calls whose results a call needs, in the order of its arguments.
  func inputs(of unit: Unit) throws -> [Unit] {
    let calls = model.layers[unit.layer].calls
    guard calls.indices.contains(unit.call) else { return [] }
    return try calls[unit.call].references.map(self.unit)
  }

  /// The calls that `end` needs, each after those it needs itself, and otherwise as the layers are listed.
  ///
  /// - Throws: `ImportError` if there is a cycle.
  func order(for end: ModelConfiguration.Reference) throws -> [Unit] {
    var inputs: [Unit: [Unit]] = [:]
    var pending = [try unit(end)]
    while let unit = pending.popLast() {
      if inputs[unit] != nil { continue }
      let needed = try self.inputs(of: unit)
      inputs[unit] = needed
      pending += needed
    }
    var order: [Unit] = []
    var finished: Set<Unit> = []
    var open: Set<Unit> = []
    for start in inputs.keys.sorted(by: { ($0.layer, $0.call) < ($1.layer, $1.call) }) {
      var stack = [(unit: start, next: 0)]
      while let (unit, next) = stack.last {
        if finished.contains(unit) {
          stack.removeLast()
        } else if let input = inputs[unit].flatMap({ $0.indices.contains(next) ? $0[next] : nil }) {
          stack[stack.count - 1].next += 1
          open.insert(unit)
          guard !open.contains(input) else {
            throw ImportError(
              .configuration, "the layer needs its own result", file: file,
              layer: model.layers[input.layer].name)
          }
          if !finished.contains(input) { stack.append((input, 0)) }
        } else {
          open.remove(unit)
          finished.insert(unit)
          order.append(unit)
          stack.removeLast()
        }
      }
    }
    return order
  }
}

extension ModelConfiguration {
  /// Whether calls are written as Keras 3 writes them; nothing is known of a model without calls.
  var usesKeras3Calls: Bool {
    layers.contains { $0.options["dtype"]?["class_name"] == "DTypePolicy" }
  }
}
