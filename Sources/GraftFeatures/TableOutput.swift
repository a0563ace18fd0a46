internal import GraftTensor

/// Writing features as comma-separated text (RFC 4180, with plain line feeds).
enum TableOutput {
  static func write(
    _ source: some FeatureSource, _ rows: [FeatureRow], classes: [String], to path: String
  ) throws {
    let file = try OutputFile(path)
    let width = source.layers[0].shape.count
    try file.write(
      (["path", "label", "class"] + (0..<width).map { "f\($0)" }).joined(separator: ",").utf8)
    try file.write("\n".utf8)
    try source.forEachBlock(layer: 0, of: rows) { block, values in
      for (index, row) in rows[block].enumerated() {
        let label = row.label.map { "\($0)" } ?? ""
        let name = row.label.map { classes[$0] } ?? ""
        try file.write("\(quoted(row.path)),\(label),\(quoted(name))".utf8)
        for value in values[index * width..<(index + 1) * width] {
          // The shortest decimal from which the same single-precision number is read back.
          try file.write(",\(value)".utf8)
        }
        try file.write("\n".utf8)
      }
    }
    try file.flush()
  }

  /// A field in quotes where it needs them, with quotes inside doubled.
  private static func quoted(_ field: String) -> String {
    let special = Set(",\"\r\n".utf8)
    guard field.utf8.contains(where: special.contains) else { return field }
    return "\"" + field.replacing("\"", with: "\"\"") + "\""
  }
}
