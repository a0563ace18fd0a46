internal import GraftSupport

extension KerasFile {
  /// Which of the candidates the file was made for: whole or its beginning, with or without classifier.
  ///
  /// Names and order of layers, and every shape, must fit. Where several candidates do, the one with more
  /// layers of the file's names comes first, then the one whose constants are those of the file's
  /// configuration, then the one listed first.
  ///
  /// - Throws: `ImportError` with code `.unknownArchitecture` naming the nearest candidate and the first layers
  ///   that differ; what a candidate throws when it is built.
  public func recognized(among candidates: [NetworkCandidate]) throws -> Recognition {
    let layers = LayerIndex(self)
    guard !layers.layers.isEmpty else {
      throw error(
        .unknownArchitecture, "no layer in the file has weights",
        advice: "Save the model again, with its weights")
    }
    let facts = ConfigurationFacts(configuration)
    let order = likeliestFirst(candidates)
    var fits: [CandidateFit] = []
    for places in Self.rounds(order) {
      fits += try Self.fits(of: candidates, places, layers)
      // No other network has layers of the same names and shapes, so that one which fits in all is it.
      if fits.contains(where: { isPerfect($0, facts) }) { break }
    }
    fits.sort { $0.index < $1.index }
    let complete = fits.filter(\.isComplete)
    let best =
      complete.min { rank($0, facts) < rank($1, facts) }
      ?? fits.filter(\.isPartial).min { rank($0, facts) < rank($1, facts) }
    guard let best else { throw unknown(fits) }
    return recognition(best, among: complete.isEmpty ? fits.filter(\.isPartial) : [], facts)
  }

  /// How many candidates are tried before more of them are: of a file that is named after its network usually the
  /// first is it, beside which a second takes no time on another core; then enough for one family.
  private static let (firstGuesses, family) = (2, 8)

  /// The candidates in the order in which they are tried, round by round.
  private static func rounds(_ order: [Int]) -> [ArraySlice<Int>] {
    [
      order.prefix(firstGuesses), order.prefix(family).dropFirst(firstGuesses), order.dropFirst(family),
    ]
  }

  /// The places of the candidates, those first whose name is most like the file's own or that of the model in it.
  private func likeliestFirst(_ candidates: [NetworkCandidate]) -> [Int] {
    /// Runs of three letters or digits, whatever the case; the names of networks are ASCII.
    func triples(_ text: some StringProtocol) -> Set<[UInt8]> {
      let letters = text.utf8.map { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 ? $0 | 0x20 : $0 }
        .filter { UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
      return Set(letters.indices.dropLast(2).map { Array(letters[$0..<$0 + 3]) })
    }
    let file = path.split(separator: "/").last ?? ""
    let own = triples(file).union(triples((configuration ?? "").prefix(200)))
    let likeness = candidates.map { candidate in
      let name = triples(candidate.name)
      return Double(name.intersection(own).count) / Double(max(name.count, 1))
    }
    return candidates.indices.sorted { (-likeness[$0], $0) < (-likeness[$1], $1) }
  }

  /// Whether every layer of the file is one of the network's, by name and shapes, and the other way round.
  private func isPerfect(_ fit: CandidateFit, _ facts: ConfigurationFacts) -> Bool {
    fit.isComplete && fit.whole.unused.isEmpty && fit.whole.named == fit.whole.layers.count
      && facts.differingEpsilons(fit).isEmpty
  }

  /// How well the file fits some of the candidates; networks are built for it, on all threads.
  private static func fits(
    of candidates: [NetworkCandidate], _ places: some RandomAccessCollection<Int>, _ layers: LayerIndex
  ) throws -> [CandidateFit] {
    let places = Array(places)
    var results = [Result<CandidateFit, any Error>?](repeating: nil, count: places.count)
    results.withUnsafeMutableBufferPointer { buffer in
      // Each call writes its own element.
      nonisolated(unsafe) let buffer = buffer
      ThreadPool.shared.forEach(places.count) { number in
        let index = places[number]
        buffer[number] = Result { try CandidateFit(index: index, candidate: candidates[index], layers) }
      }
    }
    return try results.compactMap { try $0?.get() }
  }

  /// What decides between candidates that all fit, the smallest first.
  private func rank(_ fit: CandidateFit, _ facts: ConfigurationFacts) -> (Int, Int, Int, Int) {
    (
      fit.whole.unused.count, -fit.whole.named, facts.differingEpsilons(fit).count, fit.index
    )
  }

  private func recognition(
    _ fit: CandidateFit, among others: [CandidateFit], _ facts: ConfigurationFacts
  ) -> Recognition {
    var warnings: [String] = []
    let differing = facts.differingEpsilons(fit)
    if let first = differing.first {
      warnings.append(
        "the file's configuration gives \(differing.count) normalizations another epsilon than "
          + "\(fit.candidate.name) has: \(first.layer) has \(first.found), not \(first.expected)")
    }
    let rival = others.filter { $0.index != fit.index && $0.whole.named == fit.whole.named }
    return Recognition(
      index: fit.index, name: fit.candidate.name, top: fit.classes.map { .classifier(classes: $0) } ?? .none,
      isPartial: !fit.isComplete,
      lastLayer: fit.isComplete ? nil : fit.trunk.slots[max(fit.trunk.fitting - 1, 0)].name,
      inputSize: facts.inputSize ?? fit.inputSize,
      unused: fit.whole.unused.map { fit.whole.layers[$0].qualifiedName },
      alternatives: rival.map(\.candidate.name), warnings: warnings)
  }

  /// The error for a file that fits no candidate.
  private func unknown(_ fits: [CandidateFit]) -> ImportError {
    let layers = weightedLayers.count
    func likeness(_ fit: CandidateFit) -> Double {
      2 * Double(fit.trunk.fitting) / Double(fit.trunk.slots.count + layers)
    }
    let nearest = fits.max { (likeness($0), -$0.index) < (likeness($1), -$1.index) }
    guard let nearest, nearest.trunk.fitting > 0 else {
      return error(
        .unknownArchitecture,
        (fits.count == 1
          ? "does not fit \(fits[0].candidate.name)" : "fits none of the \(fits.count) known networks")
          + ", not even in its first layers",
        found: weightedLayers.prefix(3).map { "\($0.qualifiedName) (\($0.shapes))" }.joined(separator: "; "),
        advice: "Save the whole model in Keras, with model.save(\"name.h5\"), to import a network of your own"
      )
    }
    let differences = Differences(nearest.trunk)
    return error(
      .unknownArchitecture,
      "fits no known network; nearest is \(nearest.candidate.name), of whose \(nearest.trunk.slots.count) layers "
        + "with weights \(nearest.trunk.fitting) fit",
      layer: differences.layer, expected: differences.expected, found: differences.found,
      advice: "Save the whole model in Keras, with model.save(\"name.h5\"), to import a network of your own")
  }
}

/// The first layers in which a file and a network differ, in words.
private struct Differences {
  private(set) var layer: String?
  private(set) var expected: String?
  private(set) var found: String?

  init(_ matching: LayerMatching) {
    let slots = matching.slots.indices.filter { matching.pairs[$0]?.fits != true }
    let unused = matching.unusedBetween + matching.unused.filter { !matching.unusedBetween.contains($0) }
    layer =
      slots.first.map { matching.slots[$0].name } ?? unused.first.map { matching.layers[$0].qualifiedName }
    if !slots.isEmpty {
      expected = slots.prefix(3).map { "\(matching.slots[$0].name) (\(matching.slots[$0].shapes))" }
        .joined(separator: "; ")
    } else {
      expected = "no such layers"
    }
    let paired = slots.compactMap { matching.pairs[$0]?.layer }
    let layers = (paired + unused).prefix(3)
    found =
      layers.isEmpty
      ? "the end of the file"
      : layers.map { "\(matching.layers[$0].qualifiedName) (\(matching.layers[$0].shapes))" }
        .joined(separator: "; ")
  }
}
