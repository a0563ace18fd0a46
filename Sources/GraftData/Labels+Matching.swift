extension Labels {
  /// Where each of these classes stands in `other`, by identifier or else by name: for data whose classes are some of
  /// a model's, perhaps in another order.
  ///
  /// - Parameters:
  ///   - other: the classes of a model.
  ///   - used: the classes that matter, as indices into these labels; nil for all. One that `other` lacks and
  ///     that is not used has no place.
  /// - Returns: for each of these classes its index in `other`, nil where it is not used and not there.
  /// - Throws: `DataError` with the code `.unknownClass` when `other` lacks a class that is used.
  public func indices(in other: Labels, used: Set<Int>? = nil) throws -> [Int?] {
    let places = identifiers.map { other.index(of: $0) }
    let unknown = names.indices.filter { places[$0] == nil && used?.contains($0) != false }
    guard unknown.isEmpty else {
      throw DataError(
        .unknownClass,
        """
        the model does not know \(Self.list(unknown.map { names[$0] }, noun: "class", plural: "classes")) of the \
        data; it knows \(Self.list(other.names, noun: "class", plural: "classes")). Rename or leave out what it \
        does not know, or fit a model on these data
        """)
    }
    return places
  }

  /// "the class "a"" or "the 12 classes "a", "b", "c", "d", "e", ...".
  private static func list(_ names: [String], noun: String, plural: String) -> String {
    let shown = names.prefix(5).map { "\"\($0)\"" }.joined(separator: ", ")
    return names.count == 1
      ? "the \(noun) \(shown)" : "the \(names.count) \(plural) \(shown)\(names.count > 5 ? ", ..." : "")"
  }
}
