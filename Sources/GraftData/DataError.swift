/// What is wrong with class names or with a division of data.
public struct DataError: Error, Sendable, Hashable, CustomStringConvertible {
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

    /// Class names are missing, empty or not distinct.
    public static let invalidLabels = Code(rawValue: "invalidLabels")
    /// Data come without classes where classes are needed.
    public static let missingClasses = Code(rawValue: "missingClasses")
    /// The share to hold out is not a share.
    public static let invalidFraction = Code(rawValue: "invalidFraction")
    /// The data have a class that the model does not know.
    public static let unknownClass = Code(rawValue: "unknownClass")
    /// Two things that belong to the same pictures are of different ones.
    public static let differentPictures = Code(rawValue: "differentPictures")
    /// Numbers are missing, or not finite where they have to be.
    public static let invalidValues = Code(rawValue: "invalidValues")
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
