/// Something about a data set that a person should see.
public struct PictureFinding: Sendable, Hashable, Encodable {
  /// What was found; more may be added in later versions.
  public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    /// The file is not there, or the system refuses to read it.
    case unreadable
    /// The file is no picture, or one of a kind that Graft does not read.
    case unsupported
    /// The bytes end before the picture does.
    case truncated
    /// The bytes break the rules of their format, so that nothing can be decoded or the decoder had to guess.
    case damaged
    /// A file or folder that was left out when the pictures were listed.
    case leftOut
    /// The same picture is in two parts: what is learnt by heart passes for skill.
    case leak
    /// The same picture is in two classes; one of them is wrong.
    case conflict
    /// A class is held out that the training part does not have.
    case untrainedClass
    /// Nothing of a class is held out, so nothing is known of how well it is recognised.
    case unjudgedClass
    /// A class has so few pictures that cross-validation cannot judge what is learnt of it.
    case smallClass
    /// The largest class has many times as many pictures as the smallest.
    case imbalance
    /// The same picture several times in one class and part.
    case duplicate
    /// The name's ending says JPEG and the bytes PNG, or the other way round.
    case wrongExtension
    /// The picture is much smaller than what networks look at.
    case tiny
    /// The picture shows one colour, or nearly so.
    case blank
    /// The picture is stored otherwise than as colours of 8 bits: CMYK, 16 bits, transparency, grey.
    case mode
    /// The picture is stored turned, and its EXIF orientation says so.
    case turned

    /// Whether it is merely worth knowing: everything else makes results worse or figures doubtful.
    public var isRemark: Bool { self == .mode || self == .turned }
  }

  /// How equal pictures are.
  public enum Sameness: String, Sendable, Hashable, Codable, Comparable {
    /// Byte for byte.
    case bytes
    /// Pixel for pixel, in files that differ.
    case pixels
    /// To the eye: saved again, made smaller, cropped a little, or taken a moment later.
    case near
    /// As `near`, after one was mirrored.
    case mirrored

    /// Whether one is the more exact.
    public static func < (a: Sameness, b: Sameness) -> Bool { a.rank < b.rank }

    private var rank: Int {
      switch self {
      case .bytes: 0
      case .pixels: 1
      case .near: 2
      case .mirrored: 3
      }
    }
  }

  /// A picture that a finding is about.
  public struct Picture: Sendable, Hashable, Encodable {
    /// Its path, starting with the data set as it was given.
    public let path: String
    /// The part that it is in; nil where the data set is not divided.
    public let part: String?
    /// Its class; nil in a flat folder.
    public let label: String?

    private enum CodingKeys: String, CodingKey {
      case path
      case part
      case label = "class"
    }
  }

  /// What was found.
  public let kind: Kind
  /// The particulars, in words.
  public let detail: String
  /// The pictures; none where it is about classes.
  public let pictures: [Picture]
  /// How equal the pictures are, where that is what was found.
  public let sameness: Sameness?
  /// The smallest correlation of two pictures that are alike to the eye, from -1 to 1.
  public let likeness: Double?

  init(
    _ kind: Kind, _ detail: String, pictures: [Picture] = [], sameness: Sameness? = nil,
    likeness: Double? = nil
  ) {
    self.kind = kind
    self.detail = detail
    self.pictures = pictures
    self.sameness = sameness
    self.likeness = likeness
  }
}
