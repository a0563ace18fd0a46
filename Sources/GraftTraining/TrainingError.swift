/// Training that cannot start, or cannot go on.
public struct TrainingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of mistake it is.
  public struct Code: RawRepresentable, Hashable, Sendable {
    /// The code's name.
    public let rawValue: String
    /// A code with the given name.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Options, pictures and labels do not fit together or the network.
    public static let input = Code(rawValue: "input")
    /// The loss is no longer a number.
    public static let diverged = Code(rawValue: "diverged")
    /// A checkpoint is damaged, or belongs to another run.
    public static let checkpoint = Code(rawValue: "checkpoint")
  }

  /// What kind of mistake it is.
  public let code: Code
  /// What is wrong, what was expected and what to do.
  public let message: String

  /// An error.
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  /// The message.
  public var description: String { message }
}
