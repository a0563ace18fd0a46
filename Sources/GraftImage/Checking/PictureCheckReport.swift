/// What was found in a data set.
public struct PictureCheckReport: Sendable, Encodable {
  /// A part of the data set in figures.
  public struct Part: Sendable, Hashable, Encodable {
    /// Its name; nil where the data set is not divided.
    public let name: String?
    /// Its pictures.
    public let pictures: Int
    /// Its classes with their pictures, in their order; empty for a flat folder.
    public let classes: [Class]
  }

  /// A class in figures.
  public struct Class: Sendable, Hashable, Encodable {
    /// Its name.
    public let name: String
    /// Its pictures.
    public let pictures: Int
  }

  /// The number of pictures.
  public let pictures: Int
  /// Those that can be decoded.
  public let readable: Int
  /// The smallest and the largest shorter side, in pixels; nil where nothing can be decoded.
  public let shorterSides: ClosedRange<Int>?
  /// The parts.
  public let parts: [Part]
  /// What was found, the gravest first, each kind in the order of the pictures.
  public let findings: [PictureFinding]

  /// Whether nothing was found but remarks.
  public var isClean: Bool { findings.allSatisfy(\.kind.isRemark) }

  init(data: PictureParts, facts: [PictureFacts], findings: [PictureFinding]) {
    pictures = data.count
    readable = facts.count { $0.failure == nil }
    let sides = facts.compactMap(\.size).map { min($0.width, $0.height) }
    shorterSides = sides.min().flatMap { low in sides.max().map { low...$0 } }
    parts = data.parts.map { part in
      Part(
        name: part.name, pictures: part.folder.items.count,
        classes: part.folder.classCounts.map { Class(name: $0.label, pictures: $0.count) })
    }
    let order = PictureFinding.Kind.allCases
    self.findings = order.flatMap { kind in findings.filter { $0.kind == kind } }
  }

  private enum CodingKeys: CodingKey {
    case pictures
    case readable
    case smallestSide
    case largestSide
    case parts
    case counts
    case clean
    case findings
  }

  /// Writes the figures, how often each kind was found, and the findings.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(pictures, forKey: .pictures)
    try values.encode(readable, forKey: .readable)
    try values.encodeIfPresent(shorterSides?.lowerBound, forKey: .smallestSide)
    try values.encodeIfPresent(shorterSides?.upperBound, forKey: .largestSide)
    try values.encode(parts, forKey: .parts)
    let counts = Dictionary(grouping: findings, by: \.kind.rawValue).mapValues(\.count)
    try values.encode(counts, forKey: .counts)
    try values.encode(isClean, forKey: .clean)
    try values.encode(findings, forKey: .findings)
  }
}
