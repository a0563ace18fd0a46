/// A network that cannot be compiled, or input that a plan cannot run on.
public struct EngineError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of mistake it is.
  public struct Code: RawRepresentable, Hashable, Sendable {
    /// The code's name.
    public let rawValue: String
    /// A code with the given name.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// There is no such layer to take an output from.
    public static let unknownLayer = Code(rawValue: "unknownLayer")
    /// A parameter is missing, or does not have the shape that its layer wants.
    public static let parameters = Code(rawValue: "parameters")
    /// The input or the room for an output has another shape than the network's.
    public static let shape = Code(rawValue: "shape")
    /// There is not enough memory.
    public static let outOfMemory = Code(rawValue: "outOfMemory")
  }

  /// What kind of mistake it is.
  public let code: Code
  /// What is wrong, what was expected and what to do.
  public let message: String
  /// The layer concerned, if one is.
  public let layer: String?

  /// An error about `layer`.
  public init(_ code: Code, _ message: String, layer: String? = nil) {
    self.code = code
    self.message = message
    self.layer = layer
  }

  /// The message, with the layer before it.
  public var description: String { layer.map { "layer \($0): \(message)" } ?? message }
}
