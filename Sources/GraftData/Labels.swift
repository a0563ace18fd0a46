/// The names of the classes in their order: class 0 is the first name, and so on.
///
/// The order is fixed once, where the data are read, and travels with every store and model made from them.
/// Names that differ only in how Unicode writes the same characters count as the same name.
public struct Labels: Sendable, Hashable {
  /// The names; at least one, none empty, all distinct.
  public let names: [String]
  private let indices: [String: Int]

  /// Takes the names in the given order.
  ///
  /// - Throws: `DataError` with the code `.invalidLabels` when there is none, or one is empty or occurs twice.
  public init(_ names: [String]) throws {
    guard !names.isEmpty else {
      throw DataError(.invalidLabels, "there are no class names; at least one is needed")
    }
    var indices: [String: Int] = [:]
    for (index, name) in names.enumerated() {
      guard !name.isEmpty else {
        throw DataError(.invalidLabels, "class \(index) of \(names.count) has an empty name")
      }
      if let first = indices.updateValue(index, forKey: name) {
        throw DataError(
          .invalidLabels, "classes \(first) and \(index) are both named \"\(name)\"; rename one of them")
      }
    }
    self.names = names
    self.indices = indices
  }

  /// How many classes there are.
  public var count: Int { names.count }

  /// The name of a class.
  ///
  /// - Precondition: `index` is in 0 ..< `count`.
  public subscript(index: Int) -> String {
    precondition(
      names.indices.contains(index), "there is no class \(index); there are \(names.count) classes")
    return names[index]
  }

  /// The class with this name, or nil.
  public func index(of name: String) -> Int? { indices[name] }

  /// Two sets of labels are equal when they have the same names in the same order.
  public static func == (left: Labels, right: Labels) -> Bool { left.names == right.names }

  /// Feeds the names to the hasher.
  public func hash(into hasher: inout Hasher) { hasher.combine(names) }
}

extension Labels: Codable {
  /// Reads an array of names and checks it.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    do {
      try self.init(try container.decode([String].self))
    } catch let error as DataError {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: error.message)
    }
  }

  /// Writes an array of names.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(names)
  }
}

extension Labels: CustomStringConvertible {
  /// The names, separated by commas.
  public var description: String { names.joined(separator: ", ") }
}
