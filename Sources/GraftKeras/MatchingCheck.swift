internal import GraftTensor

/// Whether a matching is complete and sound enough to load weights by.
struct MatchingCheck {
  private let matching: LayerMatching
  private let file: KerasFile
  private let needed: Set<String>?

  init(_ matching: LayerMatching, file: KerasFile, needed: Set<String>?) {
    self.matching = matching
    self.file = file
    self.needed = needed
  }

  /// The indices of the network's layers that must be found.
  private var wanted: [Int] {
    matching.slots.indices.filter { needed?.contains(matching.slots[$0].name) ?? true }
  }

  func throwIfUnsound(trustingOrder: Bool) throws {
    guard !matching.layers.isEmpty || wanted.isEmpty else {
      throw file.error(
        .missing, "no layer in the file has weights", advice: "Save the model again, with its weights")
    }
    if let index = wanted.first(where: { matching.pairs[$0]?.fits == false }) { throw misshapen(index) }
    let missing = wanted.filter { matching.pairs[$0] == nil }
    if !missing.isEmpty { throw gap(missing) }
    let between = matching.unusedBetween
    // A file that is complete for the network has no more layers than it; a cut one may leave some in branches.
    if !between.isEmpty {
      throw file.error(
        .leftover, "the file has layers between those of the network, which is therefore another one",
        layer: matching.layers[between[0]].qualifiedName,
        found: between.listed { matching.layers[$0].qualifiedName },
        advice:
          "Choose the network that the file was made for; if this one was cut inside a branch, load the "
          + "whole network and cut it afterwards")
    }
    guard !trustingOrder else { return }
    for index in wanted {
      guard case .contradicted(let other) = matching.hint(of: index), let pair = matching.pairs[index] else {
        continue
      }
      throw file.error(
        .order, "the order of the layers and their names contradict each other",
        layer: matching.slots[index].name, expected: matching.layers[other].qualifiedName,
        found: matching.layers[pair.layer].qualifiedName,
        advice: "Load and save the file with the Keras that wrote it, as a whole model")
    }
  }

  private func misshapen(_ index: Int) -> ImportError {
    let slot = matching.slots[index]
    let layer = matching.pairs[index].map { matching.layers[$0.layer] }
    return shapeError(slot, layer)
  }

  private func shapeError(_ slot: Slot, _ layer: KerasFile.Layer?) -> ImportError {
    let advice =
      slot.isHead
      ? "The file's classifier is another one: build the network with as many classes and the same size of "
        + "pictures, or without classifier"
      : "Choose the network that the file was made for; graft inspect names it"
    return file.error(
      .shape, "the weights have other shapes than the network's", layer: slot.name, expected: slot.shapes,
      found: layer.map { "\($0.shapes) in \($0.qualifiedName)" }, advice: advice)
  }

  /// Says why layers of the network were not found.
  private func gap(_ missing: [Int]) -> ImportError {
    let slots = matching.slots
    let names = missing.listed { slots[$0].name }
    let found = wanted.filter { matching.pairs[$0] != nil }
    let unused = matching.unused
    if missing.allSatisfy({ slots[$0].isHead }), !found.isEmpty {
      guard let next = unused.first(where: { ($0, matching.layers[$0]).1.owners.isEmpty }) else {
        return file.error(
          .missing, "the file has no classifier, and the network wants one", layer: slots[missing[0]].name,
          expected: names, found: "a file that ends with \(matching.layers.last?.qualifiedName ?? "nothing")",
          advice: "Use the file with top, or the network without classifier for features")
      }
      return shapeError(slots[missing[0]], matching.layers[next])
    }
    if unused.isEmpty, let last = found.last, missing.allSatisfy({ $0 > last }) {
      return file.error(
        .missing, "the file ends before the network does", layer: slots[missing[0]].name, expected: names,
        found: "\(found.count) layers, the last \(slots[last].name)",
        advice: "Cut the network at \(slots[last].name), or use a complete file")
    }
    if found.isEmpty || !unused.isEmpty && matching.named == 0 {
      let slot = slots[missing[0]]
      return shapeError(slot, counterpart(of: slot).map { matching.layers[$0] })
    }
    return file.error(
      .missing, "the file lacks layers of the network", layer: slots[missing[0]].name, expected: names,
      found: unused.isEmpty
        ? "no others" : "others instead: \(unused.listed { matching.layers[$0].qualifiedName })",
      advice: "Choose the network that the file was made for; graft inspect names it")
  }

  /// The unused layer that stands where `slot` was looked for.
  private func counterpart(of slot: Slot) -> Int? {
    matching.unused.first { matching.layers[$0].kind == nil || matching.layers[$0].kind == slot.kind }
  }
}
