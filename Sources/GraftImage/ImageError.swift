/// What went wrong with a picture or a folder of pictures: a code, a sentence for people, and the file.
public struct ImageError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kinds of failure; more may be added in later versions.
  public struct Code: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    /// The code's stable name.
    public let rawValue: String

    /// Makes a code of a name.
    public init(rawValue: String) {
      self.rawValue = rawValue
    }

    /// The code's stable name.
    public var description: String { rawValue }

    /// The file or folder is not there, or the system refuses to read it.
    public static let unreadable = Code(rawValue: "unreadable")
    /// The file is a picture of a kind that Graft does not read, or no picture at all.
    public static let unsupportedFormat = Code(rawValue: "unsupportedFormat")
    /// The file cannot be written.
    public static let unwritable = Code(rawValue: "unwritable")
    /// The bytes break the rules of their own format.
    public static let corrupt = Code(rawValue: "corrupt")
    /// The file ends before the picture does.
    public static let truncated = Code(rawValue: "truncated")
    /// The picture has more pixels, or the file more bytes, than allowed.
    public static let tooLarge = Code(rawValue: "tooLarge")
    /// The system had no memory for the picture.
    public static let outOfMemory = Code(rawValue: "outOfMemory")
    /// There is nothing to work on.
    public static let noPictures = Code(rawValue: "noPictures")
    /// The folder can be read as classes or as a flat collection, and neither is safe to assume.
    public static let ambiguousFolder = Code(rawValue: "ambiguousFolder")
    /// The names of the class folders cannot be told apart.
    public static let invalidClasses = Code(rawValue: "invalidClasses")
    /// The text of an augmentation cannot be understood.
    public static let invalidAugmentation = Code(rawValue: "invalidAugmentation")
  }

  /// The kind of failure.
  public let code: Code
  /// The file or folder as its reader was given it.
  public let path: String
  /// What was expected, what was found and what to do, without the path.
  public let reason: String

  /// Makes an error about a file or folder.
  public init(_ code: Code, path: String, reason: String) {
    self.code = code
    self.path = path
    self.reason = reason
  }

  /// The whole sentence: path and reason.
  public var message: String { "\(path): \(reason)" }

  /// The whole sentence: path and reason.
  public var description: String { message }
}
