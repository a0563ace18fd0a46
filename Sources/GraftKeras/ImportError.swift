internal import GraftHDF5
internal import GraftSupport

/// A file that cannot be imported or written, in words for the person who reads them.
public struct ImportError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of failure it is.
  public struct Code: RawRepresentable, Hashable, Sendable {
    /// The code's name.
    public let rawValue: String
    /// A code with the given name.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The file cannot be opened, or is not HDF5.
    public static let cannotOpen = Code(rawValue: "cannotOpen")
    /// The file is HDF5, but not one that Keras writes.
    public static let notKeras = Code(rawValue: "notKeras")
    /// The file is incomplete or inconsistent with itself.
    public static let damaged = Code(rawValue: "damaged")
    /// The file is sound, but of a kind that is not read.
    public static let unsupported = Code(rawValue: "unsupported")
    /// A tensor of the file does not have the shape that the network wants.
    public static let shape = Code(rawValue: "shape")
    /// The file lacks layers of the network.
    public static let missing = Code(rawValue: "missing")
    /// The file has layers where the network has none.
    public static let leftover = Code(rawValue: "leftover")
    /// The order of the file's layers contradicts their names.
    public static let order = Code(rawValue: "order")
    /// A tensor holds values that no network can have.
    public static let values = Code(rawValue: "values")
    /// The model's configuration cannot be understood.
    public static let configuration = Code(rawValue: "configuration")
    /// The file fits no known architecture.
    public static let unknownArchitecture = Code(rawValue: "unknownArchitecture")
    /// The file cannot be written.
    public static let cannotWrite = Code(rawValue: "cannotWrite")
  }

  /// What kind of failure it is.
  public let code: Code
  /// What is wrong, in a sentence.
  public let message: String
  /// The file concerned.
  public let file: String
  /// The layer concerned, with the parameter after a comma, if there is one.
  public let layer: String?
  /// What was expected, for example a shape.
  public let expected: String?
  /// What was found instead.
  public let found: String?
  /// What the reader can do about it.
  public let advice: String?
  /// What the layer below said, if it caused the failure.
  public let reason: String?

  package init(
    _ code: Code, _ message: String, file: String, layer: String? = nil, expected: String? = nil,
    found: String? = nil, advice: String? = nil, reason: String? = nil
  ) {
    self.code = code
    self.message = message
    self.file = file
    self.layer = layer
    self.expected = expected
    self.found = found
    self.advice = advice
    self.reason = reason
  }

  /// File, layer, message, expectation, finding and advice in one text.
  public var description: String {
    var text = file
    if let layer { text += ", layer \(layer)" }
    text += ": \(message)"
    switch (found, expected) {
    case (let found?, let expected?): text += " (found \(found), expected \(expected))"
    case (let found?, nil): text += " (found \(found))"
    case (nil, let expected?): text += " (expected \(expected))"
    case (nil, nil): break
    }
    if let advice { text += ". \(advice)" }
    if let reason { text += " [\(reason)]" }
    return text
  }
}

extension ImportError {
  /// The same error with other advice.
  func advising(_ advice: String) -> ImportError {
    ImportError(
      code, message, file: file, layer: layer, expected: expected, found: found, advice: advice,
      reason: reason)
  }

  /// Runs `body`, turning the errors of the layers below into import errors about `file`.
  static func wrapping<Result>(_ file: String, layer: String? = nil, _ body: () throws -> Result) throws
    -> Result
  {
    do {
      return try body()
    } catch let error as HDF5Error {
      let place = [error.object.map { "at \($0)" }, error.reason].compactMap { $0 }.joined(separator: ": ")
      throw ImportError(
        code(of: error), error.message, file: file, layer: layer, advice: advice(on: error),
        reason: place.isEmpty ? nil : place)
    } catch let error as FileError {
      throw ImportError(
        error.action == "read" || error.action == "open" ? .cannotOpen : .cannotWrite,
        "cannot \(error.action): \(error.reason)", file: file)
    }
  }

  private static func code(of error: HDF5Error) -> Code {
    switch error.code {
    case .cannotOpen, .notHDF5: .cannotOpen
    case .refused, .tooLarge, .wrongType: .unsupported
    case .cannotWrite, .exists, .invalidValue: .cannotWrite
    default: .damaged
    }
  }

  private static func advice(on error: HDF5Error) -> String? {
    switch error.code {
    case .truncated: "The file is incomplete; download or copy it again"
    case .damaged, .cannotRead, .notFound: "The file is damaged or not from Keras; download or save it again"
    default: nil
    }
  }
}
