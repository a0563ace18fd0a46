/// What went wrong with features on disk, and where.
public struct FeatureError: Error, Sendable {
  /// The sort of failure.
  ///
  /// More may come; a `switch` needs a `default`.
  public struct Code: RawRepresentable, Hashable, Sendable {
    /// The name of the code, as in its declaration.
    public var rawValue: String

    /// Makes a code from its name.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The features there were made with other weights, layers or preprocessing.
    public static let otherOrigin = Self(rawValue: "otherOrigin")
    /// Another process is writing these features.
    public static let busy = Self(rawValue: "busy")
    /// The file is something else.
    public static let notFeatures = Self(rawValue: "notFeatures")
    /// What the file says contradicts itself or cannot be read.
    public static let damaged = Self(rawValue: "damaged")
    /// The file was made by a version of Graft that this one does not know.
    public static let unknownVersion = Self(rawValue: "unknownVersion")
    /// There is no such layer, or several where one was expected.
    public static let wrongLayer = Self(rawValue: "wrongLayer")
    /// A value cannot be stored as asked.
    public static let invalidValue = Self(rawValue: "invalidValue")
    /// A row was asked for whose features were never computed.
    public static let missingFeatures = Self(rawValue: "missingFeatures")
    /// Reading failed.
    public static let cannotRead = Self(rawValue: "cannotRead")
    /// Writing failed.
    public static let cannotWrite = Self(rawValue: "cannotWrite")
  }

  /// The sort of failure.
  public let code: Code
  /// What was expected, what was found, the cause and what to do, in words.
  public let message: String
  /// The file.
  public let file: String
  /// What caused it, where something else did.
  public let underlying: (any Error)?

  init(_ code: Code, _ message: String, file: String, underlying: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.file = file
    self.underlying = underlying
  }
}

extension FeatureError: CustomStringConvertible {
  /// File and message, which says the cause too, in one line.
  public var description: String { "\(file): \(message)" }
}
