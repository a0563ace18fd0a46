/// A report that cannot be made or written.
public struct ReportError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kinds of failure; more may be added in later versions.
  public struct Code: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    /// The code's stable name.
    public let rawValue: String

    /// Makes a code of a name.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The code's stable name.
    public var description: String { rawValue }

    /// The file's name does not end in .html, or its folder is missing or cannot be written.
    public static let unsuitable = Code(rawValue: "unsuitable")
    /// The file cannot be written.
    public static let unwritable = Code(rawValue: "unwritable")
    /// A template inside the program is damaged.
    public static let template = Code(rawValue: "template")
  }

  /// The kind of failure.
  public let code: Code
  /// What was expected, what was found and what to do.
  public let message: String

  /// Makes an error.
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The message.
  public var description: String { message }
}
