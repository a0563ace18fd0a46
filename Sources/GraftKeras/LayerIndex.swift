/// The layers of a file that have weights, prepared for being looked up by name and by position.
struct LayerIndex {
  let layers: [KerasFile.Layer]
  /// The orders in which position counts, as indices of layers: one of all layers, or one for each class where
  /// the file numbers each class for itself.
  let sequences: [[Int]]
  /// Whether there is a sequence for each class.
  let countsByKind: Bool
  /// Whether kernels may be in Theano's order of axes.
  let mayBeTransposed: Bool

  private var exact: [String: [Int]] = [:]
  private var loose: [String: [Int]] = [:]
  private var paths: [String: [Int]] = [:]
  private var places: [(sequence: Int, place: Int)]

  init(_ file: KerasFile) {
    layers = file.weightedLayers
    countsByKind = layers.contains { $0.kind != nil }
    sequences = countsByKind ? Self.sequencesByKind(layers) : [Array(layers.indices)]
    mayBeTransposed = KernelConvention.mayBeTransposed(file)
    places = Array(repeating: (0, 0), count: layers.count)
    for (number, sequence) in sequences.enumerated() {
      for (place, layer) in sequence.enumerated() { places[layer] = (number, place) }
    }
    for (index, layer) in layers.enumerated() where layer.isNamed {
      let qualified = (layer.owners + [layer.name]).joined(separator: "/")
      // The layer of a nested model that has no other may go by the model's name.
      for path in Set([qualified] + layer.otherNames.map { "\(qualified)/\($0)" }) {
        paths[path, default: []].append(index)
      }
      for name in Set([layer.name, qualified]) { exact[name, default: []].append(index) }
      for name in Set(([layer.name, qualified] + layer.otherNames).map(LayerName.normalized)) {
        loose[name, default: []].append(index)
      }
    }
  }

  /// The layers of a name, spelled exactly so if there are such, else but for what generations of Keras
  /// spell differently.
  func layers(named name: String) -> [Int] { exact[name] ?? loose[LayerName.normalized(name)] ?? [] }

  /// The layers in the place that a configuration gives them.
  func layers(at path: String) -> [Int] { paths[path] ?? [] }

  /// The sequence that a layer is in, and its place there.
  func place(of layer: Int) -> (sequence: [Int], place: Int) {
    (sequences[places[layer].sequence], places[layer].place)
  }

  private static func sequencesByKind(_ layers: [KerasFile.Layer]) -> [[Int]] {
    // With a model inside a model, the larger one comes first: a network is looked for, not its neighbours.
    var sizes: [[String]: Int] = [:]
    for layer in layers { sizes[layer.owners, default: 0] += 1 }
    let byKind = Dictionary(grouping: layers.indices) { layers[$0].kind ?? "" }
    return byKind.keys.sorted().map { kind in
      (byKind[kind] ?? []).sorted { a, b in
        let (first, second) = (sizes[layers[a].owners] ?? 0, sizes[layers[b].owners] ?? 0)
        return first != second ? first > second : a < b
      }
    }
  }
}
