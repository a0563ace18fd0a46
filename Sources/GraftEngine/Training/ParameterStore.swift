internal import GraftGraph
internal import GraftSupport
internal import GraftTensor

/// The weights of the layers that a training plan runs: those that train and their gradients, and the others.
final class ParameterStore {
  let layout: ParameterLayout
  let values: AlignedBuffer
  let gradients: AlignedBuffer
  private let constants: AlignedBuffer
  private var places: [Parameters.Key: (base: UnsafeMutablePointer<Float>, shape: Shape)] = [:]
  private var gradientPlaces: [Parameters.Key: UnsafeMutablePointer<Float>] = [:]

  /// Copies the parameters of some nodes of a network.
  ///
  /// - Throws: `EngineError` with code `.parameters` or `.outOfMemory`.
  init(_ network: Network, nodes: [Graph.Node], trainable: Set<Parameters.Key>) throws {
    var trained: [(key: Parameters.Key, shape: Shape)] = []
    var others: [(key: Parameters.Key, shape: Shape)] = []
    for node in nodes {
      for (name, shape) in network.graph.parameterShapes(of: node) {
        let key = Parameters.Key(node.name, name)
        if trainable.contains(key) { trained.append((key, shape)) } else { others.append((key, shape)) }
      }
    }
    layout = ParameterLayout(trained)
    values = try AlignedBuffer(count: layout.count, for: "the weights that train")
    gradients = try AlignedBuffer(count: layout.count, for: "the gradients of the weights")
    gradients.base.update(repeating: 0, count: layout.count)
    let rest = ParameterLayout(others)
    constants = try AlignedBuffer(count: rest.count, for: "weights")
    for entry in layout.entries {
      places[entry.key] = (values.base + entry.range.lowerBound, entry.shape)
      gradientPlaces[entry.key] = gradients.base + entry.range.lowerBound
    }
    for entry in rest.entries {
      places[entry.key] = (constants.base + entry.range.lowerBound, entry.shape)
    }
    for (key, place) in places {
      guard let tensor = network.parameters[key], tensor.shape == place.shape else {
        throw EngineError(
          .parameters, "\(key.name) of shape \(place.shape) is needed", layer: key.layer)
      }
      tensor.withUnsafeScalars { scalars in
        for (index, value) in scalars.enumerated() { place.base[index] = value }
      }
    }
  }

  /// The parameters as they stand, as arrays of their own.
  var tensors: [(key: Parameters.Key, tensor: Tensor)] {
    places.map { key, place in
      (
        key,
        Tensor(
          shape: place.shape,
          scalars: Array(UnsafeBufferPointer(start: place.base, count: place.shape.count)))
      )
    }
  }

  /// Values of parameters, one behind the other: those that train from `trained` if it is given, those that are not here
  /// from `original`.
  func values(of keys: [Parameters.Key], trained: [Float]?, original: Parameters) -> [Float] {
    let ranges = Dictionary(
      layout.entries.map { ($0.key, $0.range) }, uniquingKeysWith: { first, _ in first })
    var ends: [Int] = []
    for key in keys {
      ends.append((ends.last ?? 0) + (places[key]?.shape.count ?? original[key]?.count ?? 0))
    }
    let total = ends.last ?? 0
    return [Float](unsafeUninitializedCapacity: total) { buffer, count in
      count = total
      // Other threads write parts of it that nobody else touches.
      nonisolated(unsafe) let target = buffer
      func copy(_ source: UnsafeBufferPointer<Float>, _ number: Int) {
        let place = (number == 0 ? 0 : ends[number - 1])..<ends[number]
        _ = UnsafeMutableBufferPointer(rebasing: target[place]).update(fromContentsOf: source)
      }
      ThreadPool.shared.forEach(keys.count) { number in
        let key = keys[number]
        if let trained, let range = ranges[key] {
          trained.withUnsafeBufferPointer { copy(UnsafeBufferPointer(rebasing: $0[range]), number) }
        } else if let place = places[key] {
          copy(UnsafeBufferPointer(start: place.base, count: place.shape.count), number)
        } else {
          original[key]?.withUnsafeScalars { copy($0, number) }
        }
      }
    }
  }

  /// The parameters of one layer.
  func layer(_ name: String) -> LayerParameters { LayerParameters(store: self, layer: name) }

  fileprivate func place(_ key: Parameters.Key) -> (base: UnsafeMutablePointer<Float>, shape: Shape)? {
    places[key]
  }

  fileprivate func gradient(_ key: Parameters.Key) -> UnsafeMutablePointer<Float>? { gradientPlaces[key] }
}

/// The parameters of one layer in a store.
struct LayerParameters {
  fileprivate let store: ParameterStore
  let layer: String
  /// What the layer calls the parameters that go by other names here; those that are not in it are not seen. Nil
  /// where all go by their own names.
  private var names: [String: String]?

  fileprivate init(store: ParameterStore, layer: String) {
    self.store = store
    self.layer = layer
  }

  /// The parameters that `names` gives the layer's own names of, under its keys.
  func renamed(_ names: [String: String]) -> LayerParameters {
    var copy = self
    copy.names = names
    return copy
  }

  private func key(_ name: String) -> Parameters.Key? {
    guard let names else { return Parameters.Key(layer, name) }
    return names[name].map { Parameters.Key(layer, $0) }
  }

  /// The parameters of another layer of the same store.
  func sibling(_ name: String) -> LayerParameters { LayerParameters(store: store, layer: name) }

  /// The elements of a parameter, or nil if the layer has none of that name.
  func values(_ name: String) -> UnsafeMutablePointer<Float>? {
    key(name).flatMap { store.place($0) }?.base
  }

  /// The place for the gradient of a parameter, or nil if it does not train.
  func gradient(_ name: String) -> UnsafeMutablePointer<Float>? {
    key(name).flatMap { store.gradient($0) }
  }

  /// Whether a parameter trains.
  func trains(_ name: String) -> Bool { gradient(name) != nil }

  /// A copy of a parameter; empty if the layer has none of that name.
  func tensor(_ name: String) -> Tensor {
    guard let (base, shape) = key(name).flatMap({ store.place($0) }) else {
      return Tensor(shape: [0], scalars: [])
    }
    return Tensor(shape: shape, scalars: Array(UnsafeBufferPointer(start: base, count: shape.count)))
  }

  /// A copy of a parameter in Double, or nil.
  func doubles(_ name: String) -> [Double]? {
    guard let (base, shape) = key(name).flatMap({ store.place($0) }) else { return nil }
    return UnsafeBufferPointer(start: base, count: shape.count).map(Double.init)
  }
}
