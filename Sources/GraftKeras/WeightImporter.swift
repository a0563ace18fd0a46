public import GraftGraph
internal import GraftTensor

/// Takes the weights of a network out of a Keras file.
///
/// Layers are matched by name where the file's names are the network's, else by position in Keras's own order,
/// confirmed by every shape and by the hints that names give. Every shape is checked; a layer that the file
/// lacks, and one that it has too many, are errors that name it.
public struct WeightImporter: Sendable {
  /// The file.
  public let file: KerasFile
  /// Whether the file is a published one of the network to be loaded, known by its digest. Position then needs
  /// no further proof. Asked only where names leave something to position.
  private let isKnown: @Sendable () throws -> Bool

  /// An importer of a file.
  ///
  /// - Parameter isKnown: whether the file is a published one of the network to be loaded, known by its digest.
  ///   Position then needs no further proof. Only evaluated where names leave something to position.
  public init(file: KerasFile, isKnown: @autoclosure @escaping @Sendable () throws -> Bool = false) {
    self.file = file
    self.isKnown = isKnown
  }

  /// The parameters of all layers of a graph, with the account of where each came from.
  ///
  /// The graph may end before the file does: without the classifier, or cut at a layer of the trunk. To load a
  /// part of a network that was cut inside a branch from a file with other names, give the whole network to
  /// `load(into:cutAt:)`, since a cut inside a branch changes Keras's order.
  ///
  /// - Throws: `ImportError` with code `.missing` for layers that the file lacks, `.shape` for other shapes,
  ///   `.leftover` for layers of the file between those that were used, `.order` where names contradict
  ///   position, `.values` for values that are not finite or a negative variance, `.damaged` for what cannot
  ///   be read.
  public func load(into graph: Graph) throws -> (parameters: Parameters, matches: MatchTable) {
    let matching = LayerMatching.best(Slot.slots(of: graph), LayerIndex(file))
    return try load(matching, needed: nil)
  }

  /// The parameters of the layers of a whole network that the layers `names` need; see
  /// `Graph.truncated(at:)`. The file may lack the others.
  ///
  /// - Parameter origins: where the file's own configuration says that the weights are; see
  ///   `KerasModelFile.layers(of:inputSize:)`.
  /// - Throws: `ImportError` as `load(into:)` does; `GraphError` if the network has no layer of a name.
  public func load(
    into graph: Graph, cutAt names: [String], origins: LayerOrigins = LayerOrigins()
  ) throws -> (parameters: Parameters, matches: MatchTable) {
    let needed = Set(try graph.truncated(at: names).nodes.map(\.name))
    let matching = LayerMatching.best(Slot.slots(of: graph, origins), LayerIndex(file))
    return try load(matching, needed: needed)
  }

  private func load(
    _ matching: LayerMatching, needed: Set<String>?
  ) throws -> (parameters: Parameters, matches: MatchTable) {
    let isKnown = try matching.restsOnPosition && self.isKnown()
    try MatchingCheck(matching, file: file, needed: needed).throwIfUnsound(trustingOrder: isKnown)
    let convention = KernelConvention(of: file, isTransposed: matching.transposed)
    var parameters = Parameters()
    var rows: [MatchTable.Row] = []
    for (index, slot) in matching.slots.enumerated() where needed?.contains(slot.name) ?? true {
      guard let pair = matching.pairs[index], let weights = slot.weights(in: matching.layers[pair.layer])
      else { continue }
      for (parameter, weight) in zip(slot.parameters, weights) {
        parameters[slot.name, parameter.name] = try tensor(weight, of: slot, parameter, convention)
      }
      rows.append(row(slot, index, pair, weights, matching, isKnown: isKnown))
    }
    let table = MatchTable(
      rows: rows, unused: matching.unused.map { matching.layers[$0].qualifiedName },
      warnings: warnings(matching, convention, needed: needed, isKnown: isKnown))
    return (parameters, table)
  }

  private func row(
    _ slot: Slot, _ index: Int, _ pair: LayerMatching.Pair, _ weights: [KerasFile.Weight],
    _ matching: LayerMatching, isKnown: Bool
  ) -> MatchTable.Row {
    MatchTable.Row(
      layer: slot.name, fileLayer: matching.layers[pair.layer].qualifiedName,
      rule: pair.rule == .name ? .name : isKnown ? .digest : .position,
      isHinted: matching.hint(of: index) == .confirmed,
      parameters: zip(slot.parameters, weights).map { parameter, weight in
        MatchTable.Parameter(name: parameter.name, shape: parameter.shape, path: weight.path)
      })
  }

  /// The values of a weight in the network's layout.
  private func tensor(
    _ weight: KerasFile.Weight, of slot: Slot, _ parameter: Slot.Parameter, _ convention: KernelConvention
  ) throws -> Tensor {
    var tensor = try file.tensor(weight)
    if parameter.name == "kernel" {
      if slot.kind == "conv2d" {
        tensor = convention.kernel(tensor, shape: parameter.shape)
      } else if let flattened = slot.flattened {
        tensor = convention.denseKernel(tensor, flattened: flattened)
      }
    }
    let isVariance = parameter.name == "moving_variance" || parameter.name == "variance"
    if !tensor.scalars.allFinite || isVariance && tensor.scalars.contains(where: { $0 < 0 }) {
      let unusable = tensor.scalars.first { !($0.isFinite && (!isVariance || $0 >= 0)) } ?? .nan
      throw file.error(
        .values, "holds a value that no trained network has", layer: "\(slot.name), \(parameter.name)",
        expected: isVariance ? "finite values from 0 on" : "finite values",
        found: "\(unusable)", advice: "The file is damaged, or the training went astray; get it again")
    }
    return tensor
  }

  private func warnings(
    _ matching: LayerMatching, _ convention: KernelConvention, needed: Set<String>?, isKnown: Bool
  ) -> [String] {
    var warnings: [String] = []
    let ambiguous = matching.slots.indices.filter {
      needed?.contains(matching.slots[$0].name) ?? true && matching.pairs[$0] != nil
        && matching.hint(of: $0) == .ambiguous
    }
    if !ambiguous.isEmpty && !isKnown {
      warnings.append(
        "\(ambiguous.count) layers rest on position alone, beside layers of the same shape: "
          + ambiguous.listed { matching.slots[$0].name })
    }
    if matching.named == 0 && !isKnown {
      warnings.append("no layer has the network's name; all were matched by position and shape")
    }
    let uses = Dictionary(grouping: matching.slots.indices) { matching.pairs[$0]?.layer }
    let shared = uses.filter { $0.key != nil && $0.value.count > 1 }.values.map { matching.slots[$0[0]].name }
    if !shared.isEmpty {
      warnings.append(
        "\(shared.count) layers are used several times with the same weights; each use is a layer of its own here, "
          + "and training would part them: " + shared.sorted().listed { $0 })
    }
    if convention.isGuessed {
      warnings.append(
        "kernels are in Theano's order of axes and the file does not name its backend; they were turned by "
          + "half a circle, as Theano's are")
    }
    let head = matching.slots.indices.filter {
      matching.slots[$0].isHead && matching.pairs[$0]?.rule == .position
    }
    if matching.named > 0, !head.isEmpty, matching.hint(of: head[0]) != .confirmed {
      warnings.append(
        "the classifier has other names in the file: " + head.listed { matching.slots[$0].name })
    }
    return warnings
  }
}

extension KerasFile.Layer {
  /// The name with the nested models that the layer is in before it.
  var qualifiedName: String { (owners + [name]).joined(separator: "/") }

  /// The shapes of the weights, for messages.
  var shapes: String { weights.map { "\($0.parameter ?? "") \($0.shape)".trimmed }.joined(separator: ", ") }
}

extension String {
  fileprivate var trimmed: String { hasPrefix(" ") ? String(dropFirst()) : self }
}

extension Collection {
  /// The first few elements in words, and how many there are in all.
  func listed(_ word: (Element) -> String) -> String {
    prefix(6).map(word).joined(separator: ", ") + (count > 6 ? ", … (\(count) in all)" : "")
  }
}

extension [Float] {
  /// Whether no element is infinite or not a number. Without a branch an element, so that the compiler makes
  /// vectors of it.
  fileprivate var allFinite: Bool {
    withUnsafeBufferPointer { values in
      var found: UInt32 = 0
      // The exponent of all ones, plus one, carries into the bit of the sign, which is masked off before.
      for value in values { found |= (value.bitPattern & 0x7fff_ffff) &+ 0x0080_0000 }
      return found & 0x8000_0000 == 0
    }
  }
}
