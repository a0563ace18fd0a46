/// The names of the classes in their order: class 0 is the first name, and so on.
///
/// The order is fixed once, where the data are read, and travels with every store and model made from them.
/// Names that differ only in how Unicode writes the same characters count as the same name.
public struct Labels: Sendable, Hashable {
  /// The names; at least one, none empty. Distinct, unless identifiers tell them apart.
  public let names: [String]
  /// A word a class that stands for no other: the names themselves, or what a data set numbers its classes by, as
  /// ImageNet does with its synsets ("n02012849" and "n03126707" are both named "crane").
  public let identifiers: [String]
  private let indices: [String: Int]

  /// Takes the names in the given order.
  ///
  /// - Throws: `DataError` with the code `.invalidLabels` when there is none, or one is empty or occurs twice.
  public init(_ names: [String]) throws { try self.init(names, identifiers: names) }

  /// Takes the names in the given order, with a word for each that stands for no other class.
  ///
  /// - Throws: `DataError` with the code `.invalidLabels` when there is no name, one is empty, or an identifier is
  ///   missing or occurs twice.
  public init(_ names: [String], identifiers: [String]) throws {
    guard !names.isEmpty else {
      throw DataError(.invalidLabels, "there are no class names; at least one is needed")
    }
    guard names.count == identifiers.count else {
      throw DataError(
        .invalidLabels, "\(identifiers.count) identifiers do not fit \(names.count) class names")
    }
    var indices: [String: Int] = [:]
    for (index, name) in identifiers.enumerated() {
      guard !name.isEmpty, !names[index].isEmpty else {
        throw DataError(.invalidLabels, "class \(index) of \(names.count) has an empty name")
      }
      if let first = indices.updateValue(index, forKey: name) {
        throw DataError(
          .invalidLabels, "classes \(first) and \(index) are both named \"\(name)\"; rename one of them")
      }
    }
    // A name that several classes share stands for none of them.
    var counts: [String: Int] = [:]
    for name in names { counts[name, default: 0] += 1 }
    for (index, name) in names.enumerated() where counts[name] == 1 && indices[name] == nil {
      indices[name] = index
    }
    self.names = names
    self.identifiers = identifiers
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

  /// The class with this identifier, or with this name if no other class has it; else nil.
  public func index(of name: String) -> Int? { indices[name] }

  /// Two sets of labels are equal when they have the same names and identifiers in the same order.
  public static func == (left: Labels, right: Labels) -> Bool {
    left.names == right.names && left.identifiers == right.identifiers
  }

  /// Feeds the identifiers to the hasher.
  public func hash(into hasher: inout Hasher) { hasher.combine(identifiers) }
}

extension Labels: Codable {
  private struct Entry: Codable {
    let name: String
    let identifier: String

    enum CodingKeys: String, CodingKey {
      case name = "class"
      case identifier = "id"
    }
  }

  /// Reads an array of names, or of names with identifiers, and checks it.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    do {
      if let entries = try? container.decode([Entry].self) {
        try self.init(entries.map(\.name), identifiers: entries.map(\.identifier))
      } else {
        try self.init(try container.decode([String].self))
      }
    } catch let error as DataError {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: error.message)
    }
  }

  /// Writes an array of names; of `{"class": ..., "id": ...}` where identifiers differ from names.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if identifiers == names {
      try container.encode(names)
    } else {
      try container.encode(zip(names, identifiers).map { Entry(name: $0, identifier: $1) })
    }
  }
}

extension Labels: CustomStringConvertible {
  /// The names, separated by commas.
  public var description: String { names.joined(separator: ", ") }
}
