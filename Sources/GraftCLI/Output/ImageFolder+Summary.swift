import Graft

extension ImageFolder {
  /// The classes with their pictures, as many as fit a line: "2: cat (150), dog (150)"; nil for a flat folder.
  var classSummary: String? {
    guard let labels, task != .boxes else { return nil }
    var counts = [Int](repeating: 0, count: labels.count)
    for item in items {
      for label in item.marks ?? [item.label].compactMap(\.self) { counts[label] += 1 }
    }
    let shown = zip(labels.names, counts).prefix(8)
      .map { "\(Format.printable($0)) (\(Format.count($1)))" }.joined(separator: ", ")
    return "\(Format.count(labels.count)): \(shown)\(labels.count > 8 ? ", …" : "")"
  }
}
