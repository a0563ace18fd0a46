/// An architecture that does not exist, or cannot be built as asked.
public struct ArchitectureError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of mistake it is.
  public struct Code: RawRepresentable, Hashable, Sendable {
    /// The code's name.
    public let rawValue: String
    /// A code with the given name.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// There is no architecture of that name.
    public static let unknownName = Code(rawValue: "unknownName")
    /// The pictures are too small or too large.
    public static let inputSize = Code(rawValue: "inputSize")
    /// The number of classes is not positive, or absurd.
    public static let classes = Code(rawValue: "classes")
  }

  /// What kind of mistake it is.
  public let code: Code
  /// What was asked for, what is possible and what to do.
  public let message: String

  /// An error.
  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The message.
  public var description: String { message }
}
