/// Weights that cannot be found, fetched or trusted.
public struct WeightError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What went wrong.
  public struct Code: RawRepresentable, Hashable, Sendable {
    /// The code's name.
    public let rawValue: String
    /// A code with the given name.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Nothing is known under that name.
    public static let unknown = Code(rawValue: "unknown")
    /// A download failed.
    public static let download = Code(rawValue: "download")
    /// A file differs from what was published, or from what a store was made with.
    public static let digest = Code(rawValue: "digest")
    /// The file has no use here.
    public static let unsuitable = Code(rawValue: "unsuitable")
  }

  /// What went wrong.
  public let code: Code
  /// What is wrong, what was expected and what to do.
  public let message: String

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The message.
  public var description: String { message }
}
