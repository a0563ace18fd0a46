/// A graph that cannot be built, cut or given parameters.
public struct GraphError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of mistake it is.
  public struct Code: RawRepresentable, Hashable, Sendable {
    /// The code's name.
    public let rawValue: String
    /// A code with the given name.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Shapes do not fit together.
    public static let shape = Code(rawValue: "shape")
    /// Two layers have one name, or a name is empty.
    public static let name = Code(rawValue: "name")
    /// There is no such layer.
    public static let unknownLayer = Code(rawValue: "unknownLayer")
    /// There is no such stage.
    public static let unknownStage = Code(rawValue: "unknownStage")
    /// A parameter is missing, left over, or has another shape.
    public static let parameters = Code(rawValue: "parameters")
    /// The nodes do not form a graph with an order.
    public static let structure = Code(rawValue: "structure")
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
