/// What went wrong with an HDF5 file, and where.
///
/// The text of ``message`` says what was expected and what was found; ``reason`` is the library's own word on it.
public struct HDF5Error: Error, Hashable, Sendable {
  /// The sort of failure.
  ///
  /// More may come; a `switch` needs a `default`.
  public struct Code: RawRepresentable, Hashable, Sendable {
    /// The name of the code, as in its declaration.
    public var rawValue: String

    /// Makes a code from its name.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The file is missing, is not a regular file, or may not be opened.
    public static let cannotOpen = Self(rawValue: "cannotOpen")
    /// The file is there but has no HDF5 signature.
    public static let notHDF5 = Self(rawValue: "notHDF5")
    /// The file is shorter than it says it is.
    public static let truncated = Self(rawValue: "truncated")
    /// What the file says contradicts itself or cannot be read.
    public static let damaged = Self(rawValue: "damaged")
    /// There is no such group, dataset or attribute.
    public static let notFound = Self(rawValue: "notFound")
    /// Something of this name is there already.
    public static let exists = Self(rawValue: "exists")
    /// A group was found where a dataset was wanted, or the other way round.
    public static let wrongKind = Self(rawValue: "wrongKind")
    /// The stored type does not fit what was asked for.
    public static let wrongType = Self(rawValue: "wrongType")
    /// The shape, a row range or a number of values does not fit the dataset.
    public static let wrongShape = Self(rawValue: "wrongShape")
    /// A link or dataset leads out of the place it stands in; Graft does not follow it.
    public static let refused = Self(rawValue: "refused")
    /// The declared size is beyond what the file can hold, or beyond reason.
    public static let tooLarge = Self(rawValue: "tooLarge")
    /// A value cannot be stored or represented as asked.
    public static let invalidValue = Self(rawValue: "invalidValue")
    /// Reading failed.
    public static let cannotRead = Self(rawValue: "cannotRead")
    /// Writing failed.
    public static let cannotWrite = Self(rawValue: "cannotWrite")
    /// The file was closed before.
    public static let closed = Self(rawValue: "closed")
  }

  /// The sort of failure.
  public var code: Code
  /// What was expected, what was found and what to do, in words.
  public var message: String
  /// The file as it was named when it was opened.
  public var file: String
  /// The object inside the file, such as `/conv1/kernel`, where there is one.
  public var object: String?
  /// What HDF5 itself gives as the cause, where it said anything.
  public var reason: String?

  package init(_ code: Code, _ message: String, file: String, object: String? = nil, reason: String? = nil) {
    self.code = code
    self.message = message
    self.file = file
    self.object = object
    self.reason = reason
  }
}

extension HDF5Error: CustomStringConvertible {
  /// File, object, message and HDF5's own reason in one line.
  public var description: String {
    var text = file
    if let object { text += ", " + object }
    text += ": " + message
    if let reason { text += " (HDF5: \(reason))" }
    return text
  }
}
