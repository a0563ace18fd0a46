extension Architecture {
  /// The architecture of a name, given as people write it.
  ///
  /// Case, spaces, hyphens and underscores do not matter. A name without a width multiplier means the full
  /// width: "MobileNetV2" is "mobilenetv2_1.0". The names of Keras's models ("mobilenetv2_0.50_160") are
  /// understood too, without the size at their end.
  ///
  /// - Throws: `ArchitectureError` with code `.unknownName`, listing the nearest names.
  public static func named(_ name: String) throws -> Architecture {
    let words = name.lowercased().split { " -_".contains($0) }
    if let found = byKey[words.joined()] { return found }
    if words.count > 1, let size = words.last.flatMap({ Int($0) }), size >= 32,
      let found = byKey[words.dropLast().joined()]
    {
      return found
    }
    let nearest = all.map { ($0, distance($0.name, name.lowercased())) }
      .sorted { ($0.1, $0.0.name) < ($1.1, $1.0.name) }
      .prefix(5).map(\.0.name)
    throw ArchitectureError(
      .unknownName,
      "there is no architecture \"\(name.prefix(64))\"; near it are \(nearest.joined(separator: ", "))")
  }

  /// Architectures by what is left of their names without separators.
  private static let byKey: [String: Architecture] = {
    var byKey: [String: Architecture] = [:]
    for architecture in all {
      for key in architecture.keys { byKey[key] = architecture }
    }
    return byKey
  }()

  /// The spellings of the name, without separators.
  private var keys: [String] {
    let words = name.split(separator: "_")
    guard let alpha, let width = words.last else { return [words.joined()] }
    let base = words.dropLast().joined()
    return [base + width, width.count == 3 ? base + width + "0" : nil, alpha == 1 ? base : nil].compactMap(
      \.self)
  }

  /// The number of letters to add, remove or change to make `a` of `b`.
  private static func distance(_ a: String, _ b: String) -> Int {
    let b = Array(b.prefix(64))
    var row = Array(0...b.count)
    for (i, letter) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for j in b.indices {
        let changed = diagonal + (b[j] == letter ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(changed, row[j] + 1, row[j + 1] + 1)
      }
    }
    return row[b.count]
  }
}
