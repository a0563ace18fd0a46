extension ParameterSelection {
  /// The stage of this name and all that begin after it, or else the layer of this name and all after it.
  ///
  /// - Throws: `GraphError` with code `.unknownLayer` if the graph has neither.
  public static func from(_ name: String, in graph: Graph) throws -> ParameterSelection {
    if graph.stages.contains(name) { return .stages(from: name) }
    guard graph.index(of: name) != nil else {
      let error = graph.unknownLayer(name)
      throw GraphError(
        error.code, error.message + "; stages are \(graph.stages.joined(separator: ", "))", layer: name)
    }
    return .layers(from: name)
  }

  /// All layers that come after this one in the graph's order.
  ///
  /// - Throws: `GraphError` with code `.unknownLayer`.
  public static func after(_ layer: String, in graph: Graph) throws -> ParameterSelection {
    guard let index = graph.index(of: layer) else { throw graph.unknownLayer(layer) }
    return index + 1 < graph.nodes.count ? .layers(from: graph.nodes[index + 1].name) : .none
  }

  /// The parameters whose layer, or whose layer/parameter, matches one of some patterns: * stands for any characters,
  /// ? for one.
  ///
  /// - Throws: `GraphError` with code `.unknownLayer` for a pattern that matches nothing.
  public static func matching(patterns: [String], in graph: Graph) throws -> ParameterSelection {
    for pattern in patterns
    where !graph.trainableKeys.contains(where: { Pattern(pattern).matches($0) }) {
      let names = graph.trainableKeys.map(\.layer)
      let layers = names.indices.filter { $0 == 0 || names[$0] != names[$0 - 1] }.map { names[$0] }
      throw GraphError(
        .unknownLayer,
        "no parameter matches this pattern; the last layers with parameters are "
          + layers.suffix(3).joined(separator: ", "), layer: pattern)
    }
    let all = patterns.map(Pattern.init)
    return .matching { key in all.contains { $0.matches(key) } }
  }
}

/// A text in which * stands for any characters and ? for one.
private struct Pattern: Sendable {
  let characters: [Character]

  init(_ text: String) { characters = Array(text) }

  func matches(_ key: Parameters.Key) -> Bool {
    matches(Array(key.layer)[...], characters[...]) || matches(Array(key.description)[...], characters[...])
  }

  private func matches(_ text: ArraySlice<Character>, _ pattern: ArraySlice<Character>) -> Bool {
    guard let first = pattern.first else { return text.isEmpty }
    let rest = pattern.dropFirst()
    if first == "*" {
      return (text.startIndex...text.endIndex).contains { matches(text[$0...], rest) }
    }
    guard let character = text.first, first == "?" || first == character else { return false }
    return matches(text.dropFirst(), rest)
  }
}
