/// An element-wise function, or softmax.
public enum Activation: Hashable, Sendable {
  /// x
  case linear
  /// max(x, 0)
  case relu
  /// min(max(x, 0), 6)
  case relu6
  /// relu6(x + 3) / 6, the form of MobileNetV3.
  case hardSigmoid
  /// x relu6(x + 3) / 6
  case hardSwish
  /// 1 / (1 + exp(-x))
  case sigmoid
  /// x / (1 + exp(-x))
  case swish
  /// x (1 + erf(x / sqrt 2)) / 2, without approximation.
  case gelu
  /// exp(x) over its sum along the innermost axis.
  case softmax
  /// Another function of one number.
  case function(ScalarFunction)

  /// Those without parameters, which have kernels of their own.
  public static let basic: [Activation] = [
    .linear, .relu, .relu6, .hardSigmoid, .hardSwish, .sigmoid, .swish, .gelu, .softmax,
  ]

  /// The name of an activation without parameters; nil for other functions.
  public var basicName: String? {
    switch self {
    case .linear: "linear"
    case .relu: "relu"
    case .relu6: "relu6"
    case .hardSigmoid: "hardSigmoid"
    case .hardSwish: "hardSwish"
    case .sigmoid: "sigmoid"
    case .swish: "swish"
    case .gelu: "gelu"
    case .softmax: "softmax"
    case .function: nil
    }
  }

  /// The activation without parameters of the given name.
  public init?(basicName name: String) {
    guard let activation = Self.basic.first(where: { $0.basicName == name }) else { return nil }
    self = activation
  }
}

extension Activation: Codable {
  /// Reads a name, or a function with its parameters.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let name = try? container.decode(String.self) {
      guard let activation = Activation(basicName: name) else {
        throw DecodingError.dataCorruptedError(
          in: container, debugDescription: "no activation is named \(name)")
      }
      self = activation
    } else {
      self = .function(try container.decode(ScalarFunction.self))
    }
  }

  /// Writes a name, or a function with its parameters.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if case .function(let function) = self {
      try container.encode(function)
    } else {
      try container.encode(basicName)
    }
  }
}
