/// Why a linear classifier could not be fitted, made or used.
public struct LinearError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kinds of failure; more may be added in later versions.
  public struct Code: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    /// The code's stable name.
    public let rawValue: String

    /// Makes a code of a name.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The code's stable name.
    public var description: String { rawValue }

    /// The rows have no classes: they come from a flat folder.
    public static let missingLabels = Self(rawValue: "missingLabels")
    /// There is only one class.
    public static let singleClass = Self(rawValue: "singleClass")
    /// There are fewer than two rows.
    public static let tooFewRows = Self(rawValue: "tooFewRows")
    /// A class has no rows to train on.
    public static let emptyClass = Self(rawValue: "emptyClass")
    /// A feature is infinite or not a number.
    public static let notFinite = Self(rawValue: "notFinite")
    /// The numbers of features, of rows or of classes do not agree.
    public static let widthMismatch = Self(rawValue: "widthMismatch")
    /// An option is outside its range.
    public static let invalidOption = Self(rawValue: "invalidOption")
    /// The rows cannot be divided for cross-validation.
    public static let cannotCrossValidate = Self(rawValue: "cannotCrossValidate")
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
