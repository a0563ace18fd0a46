internal import GraftTensor

/// Which layer of a file belongs to which layer of a network.
///
/// Names decide where they are the network's. What they leave open is paired in Keras's own order, in which
/// both sides list their layers, and only where shapes agree. Nothing here fails; the callers judge the result.
struct LayerMatching {
  /// A layer of the network and the layer of the file that was found for it.
  struct Pair: Hashable {
    /// The index among the file's layers.
    let layer: Int
    let rule: Rule
    /// Whether the weights have the shapes wanted; a pair by name may lack it.
    let fits: Bool
  }

  enum Rule: Hashable { case name, position }

  let slots: [Slot]
  let index: LayerIndex
  /// For each layer of the network, what was found.
  private(set) var pairs: [Pair?]
  /// For each layer of the file, the layer of the network that it went to.
  private(set) var users: [Int?]
  /// Whether convolutions were compared in Theano's order of axes.
  let transposed: Bool

  /// The layers of the file that have weights.
  var layers: [KerasFile.Layer] { index.layers }

  init(_ slots: [Slot], _ index: LayerIndex, transposed: Bool = false) {
    self.slots = slots
    self.index = index
    self.transposed = transposed
    pairs = Array(repeating: nil, count: slots.count)
    users = Array(repeating: nil, count: index.layers.count)
    matchOrigins()
    matchNames()
    matchPositions()
  }

  /// The matching in either order of axes that finds more.
  static func best(_ slots: [Slot], _ index: LayerIndex) -> LayerMatching {
    let plain = LayerMatching(slots, index)
    guard index.mayBeTransposed, plain.fitting < min(slots.count, index.layers.count) else { return plain }
    let transposed = LayerMatching(slots, index, transposed: true)
    return transposed.fitting > plain.fitting ? transposed : plain
  }

  /// The number of layers of the network for which a layer of the right shapes was found.
  var fitting: Int { pairs.reduce(0) { $0 + ($1?.fits == true ? 1 : 0) } }

  /// The number of those that were found by name.
  var named: Int { pairs.reduce(0) { $0 + ($1?.fits == true && $1?.rule == .name ? 1 : 0) } }

  /// Whether any pair rests on position, or nothing was found at all.
  var restsOnPosition: Bool { named == 0 || pairs.contains { $0?.rule == .position } }

  /// The indices of the layers of the file that the network has no use for.
  var unused: [Int] { users.indices.filter { users[$0] == nil } }

  /// The indices of unused layers that stand between used ones of the same model, where a network that is
  /// merely shorter leaves none.
  var unusedBetween: [Int] {
    index.sequences.flatMap { sequence in
      var last: [[String]: Int] = [:]
      for (place, layer) in sequence.enumerated() where users[layer] != nil {
        last[layers[layer].owners] = place
      }
      var begun: Set<[String]> = []
      return sequence.enumerated().compactMap { place, layer -> Int? in
        let owners = layers[layer].owners
        if users[layer] != nil { begun.insert(owners) }
        return users[layer] == nil && begun.contains(owners) && place < last[owners] ?? 0 ? layer : nil
      }
    }
  }

  private mutating func pair(_ slot: Int, _ layer: Int, _ rule: Rule) {
    pairs[slot] = Pair(layer: layer, rule: rule, fits: fits(slot, layer))
    users[layer] = slot
  }

  private func fits(_ slot: Int, _ layer: Int) -> Bool {
    slots[slot].fits(layers[layer], transposed: transposed)
  }
}

// MARK: - By name

extension LayerMatching {
  /// Layers where the file's configuration says that they are. Several of the network may share one of the file.
  private mutating func matchOrigins() {
    for (place, slot) in slots.enumerated() {
      guard let origin = slot.origin else { continue }
      let found = index.layers(at: origin)
      if found.count == 1 { pair(place, found[0], .name) }
    }
  }

  private mutating func matchNames() {
    var found = namedPairs()
    let fitting = found.filter { fits($0.slot, $0.layer) }.count
    let open = (slots: pairs.count { $0 == nil }, layers: users.count { $0 == nil })
    let isComplete = fitting == open.slots || fitting == open.layers && fitting > 0
    if !isComplete {
      // conv2d_3 of one process is conv2d_7 of another: such names count only if all of them fit.
      found.removeAll { LayerName.isAutomatic(slots[$0.slot].name) }
    }
    // Where most layers of a known name have other shapes, the names are not this network's, or it is
    // another network of the family.
    guard found.filter({ fits($0.slot, $0.layer) }).count * 2 >= found.count else { return }
    for match in found { pair(match.slot, match.layer, .name) }
  }

  /// Layers of the same name, each at most once. Names that several layers share are left to position.
  private func namedPairs() -> [(slot: Int, layer: Int)] {
    var matches: [(slot: Int, layer: Int)] = []
    var taken: Set<Int> = []
    for (place, slot) in slots.enumerated() where pairs[place] == nil {
      let candidates = index.layers(named: slot.name).filter { users[$0] == nil }
      let fitting = candidates.count > 1 ? candidates.filter { fits(place, $0) } : candidates
      if fitting.count == 1, taken.insert(fitting[0]).inserted { matches.append((place, fitting[0])) }
    }
    return matches
  }
}

// MARK: - By position

extension LayerMatching {
  private mutating func matchPositions() {
    guard index.countsByKind else { return matchPositions(Array(slots.indices), index.sequences[0]) }
    let byKind = Dictionary(grouping: slots.indices) { slots[$0].kind }
    for sequence in index.sequences {
      guard let first = sequence.first, let slots = byKind[layers[first].kind ?? ""] else { continue }
      matchPositions(slots, sequence)
    }
  }

  /// Pairs what lies between two neighbours that names have paired.
  private mutating func matchPositions(_ slots: [Int], _ layers: [Int]) {
    var place: [Int: Int] = [:]
    for (index, layer) in layers.enumerated() { place[layer] = index }
    var start = 0
    var from = 0
    while start < slots.count {
      if let pair = pairs[slots[start]] {
        from = place[pair.layer].map { $0 + 1 } ?? from
        start += 1
        continue
      }
      var end = start
      while end < slots.count, pairs[slots[end]] == nil { end += 1 }
      let gap = slots[start..<end]
      if end < slots.count {
        let to = pairs[slots[end]].flatMap { place[$0.layer] } ?? from
        let open = from <= to ? layers[from..<to].filter { users[$0] == nil } : []
        if open.count == gap.count, zip(gap, open).allSatisfy({ fits($0, $1) }) {
          for (slot, layer) in zip(gap, open) { pair(slot, layer, .position) }
        }
      } else if from <= layers.count {
        // The end is open: the file may go on behind the network, or the network behind the file.
        for (slot, layer) in zip(gap, layers[from...].filter { users[$0] == nil }) {
          guard fits(slot, layer) else { break }
          pair(slot, layer, .position)
        }
      }
      start = end
    }
  }
}

// MARK: - Hints

extension LayerMatching {
  /// How far names speak for a pair that rests on position.
  enum Hint: Hashable {
    /// The names of the two have more in common than those of neighbours of equal shape, if there are such.
    case confirmed
    /// The names say nothing, and no neighbour has the same shapes.
    case none
    /// The names say nothing, and a neighbour has the same shapes.
    case ambiguous
    /// Exchanging the layer with a neighbour of equal shape would make both names fit better.
    case contradicted(by: Int)
  }

  func hint(of slot: Int) -> Hint {
    guard let pair = pairs[slot], pair.rule == .position else { return .confirmed }
    let own = likeness(slot, pair.layer)
    var hint: Hint = own > 0 ? .confirmed : .none
    for neighbour in neighbours(of: slot, pair.layer) where shapes(neighbour) == shapes(pair.layer) {
      let other = likeness(slot, neighbour)
      if other > own, let user = users[neighbour], likeness(user, pair.layer) > likeness(user, neighbour) {
        return .contradicted(by: neighbour)
      }
      if other >= own { hint = .ambiguous }
    }
    return hint
  }

  private func likeness(_ slot: Int, _ layer: Int) -> Double {
    layers[layer].isNamed ? LayerName.likeness(slots[slot].name, layers[layer].name) : 0
  }

  private func shapes(_ layer: Int) -> [Shape] { layers[layer].weights.map(\.shape) }

  /// The layers that could be mistaken for the one of `slot`: those of the network's layers before and after it in
  /// Keras's order, and unused ones beside it in the file.
  private func neighbours(of slot: Int, _ layer: Int) -> [Int] {
    let (sequence, place) = index.place(of: layer)
    let beside = [place - 1, place + 1].filter(sequence.indices.contains).map { sequence[$0] }
    return [slot - 1, slot + 1].filter(pairs.indices.contains).compactMap { pairs[$0]?.layer }
      + beside.filter { users[$0] == nil }
  }
}
