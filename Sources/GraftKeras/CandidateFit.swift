internal import GraftGraph
internal import GraftTensor

/// How well a file fits one candidate.
struct CandidateFit {
  /// The candidate's place in the list.
  let index: Int
  let candidate: NetworkCandidate
  /// The trunk against the file.
  let trunk: LayerMatching
  /// The classifier that the rest of the file is, if it is one.
  private(set) var classes: Int?
  /// The side of the pictures that a dense layer after the flattened picture calls for.
  private(set) var inputSize: Int?
  /// The matching of the whole, with the classifier if there is one.
  private(set) var whole: LayerMatching
  /// The normalizations of the network and their epsilons.
  let epsilons: [String: Float]

  init(index: Int, candidate: NetworkCandidate, _ layers: LayerIndex) throws {
    self.index = index
    self.candidate = candidate
    let graph = try candidate.graph(.none)
    trunk = LayerMatching.best(Slot.slots(of: graph), layers)
    whole = trunk
    var epsilons: [String: Float] = [:]
    for node in graph.nodes {
      if case .batchNormalization(let attributes) = node.operation {
        epsilons[node.name] = attributes.epsilon
      }
    }
    self.epsilons = epsilons
    if isComplete, !trunk.unused.isEmpty { try matchHead(graph, layers) }
  }

  /// Whether every layer of the trunk was found, and none between them is left over.
  var isComplete: Bool { trunk.fitting == trunk.slots.count && trunk.unusedBetween.isEmpty }

  /// Whether the file is the beginning of the trunk, by its names.
  var isPartial: Bool {
    let count = trunk.fitting
    return count < trunk.slots.count && count > 0 && trunk.unused.isEmpty && trunk.named * 2 > count
      && trunk.pairs.prefix(count).allSatisfy { $0?.fits == true }
  }

  /// Tries the candidate's classifier on what the trunk left over.
  private mutating func matchHead(_ graph: Graph, _ layers: LayerIndex) throws {
    let unused = trunk.unused
    guard unused.count <= 8, let last = unused.last.map({ layers.layers[$0] }),
      let classes = last.weights.map(\.shape.channels).max(), classes > 0,
      let full = try? candidate.graph(.classifier(classes: classes))
    else { return }
    var slots = Slot.slots(of: full)
    let size = Self.adapt(&slots, to: unused.map { layers.layers[$0] }, inputShape: graph.inputShape)
    let matching = LayerMatching.best(slots, layers)
    guard matching.fitting == slots.count, matching.unused.isEmpty else { return }
    // A dense layer that somebody set behind the trunk, with a name of Keras's making, or outside the model
    // that the trunk is, may come after another pooling or activation than the published classifier.
    let heads = matching.slots.indices.filter { matching.slots[$0].isHead }
    let owners = matching.pairs.first??.layer.owners(in: layers)
    let isPublished = heads.allSatisfy { index in
      guard let pair = matching.pairs[index] else { return false }
      let layer = layers.layers[pair.layer]
      return pair.rule == .name || !layer.isNamed
        || !LayerName.isAutomatic(layer.name) && layer.owners == owners
    }
    guard isPublished else { return }
    self.classes = classes
    whole = matching
    inputSize = size
  }

  /// Gives a dense layer after a flattened picture the number of rows that it has in the file, if pictures of
  /// another size explain it, and returns the side of those pictures.
  private static func adapt(
    _ slots: inout [Slot], to layers: [KerasFile.Layer], inputShape: Shape
  ) -> Int? {
    guard let index = slots.firstIndex(where: { $0.flattened != nil }),
      let flattened = slots[index].flattened,
      flattened[0] == flattened[1], flattened[0] > 0,
      let parameter = slots[index].parameters.firstIndex(where: { $0.name == "kernel" })
    else { return nil }
    let wanted = slots[index].parameters[parameter].shape
    for layer in layers {
      guard let kernel = layer.weights.first(where: { $0.shape.rank == 2 && $0.shape[1] == wanted[1] }) else {
        continue
      }
      let places = kernel.shape[0] / flattened[2]
      let side = Int(Double(places).squareRoot().rounded())
      guard side > 0, side * side * flattened[2] == kernel.shape[0] else { continue }
      slots[index].parameters[parameter].shape = kernel.shape
      // Pictures of several sizes may come to as many pixels; of these the usual one is meant.
      if side == flattened[0] { return inputShape[0] }
      return inputShape[0] / flattened[0] * side
    }
    return nil
  }
}

extension Int {
  fileprivate func owners(in layers: LayerIndex) -> [String] { layers.layers[self].owners }
}
