internal import GraftGraph

extension LayerImporters {
  /// Arithmetic: Keras's layers that join tensors, and the functions that a line such as `x / 127.5 - 1` becomes:
  /// `TFOpLambda` in Keras 2, operations in Keras 3. With a number they rescale.
  static let arithmetic: [String: Importer] = [
    "Add": { try apply("add", &$0) },
    "Multiply": { try apply("multiply", &$0) },
    "Subtract": { try apply("subtract", &$0) },
    "Divide": { try apply("divide", &$0) },
    "TrueDivide": { try apply("divide", &$0) },
    "Maximum": { try apply("maximum", &$0) },
    "Minimum": { try apply("minimum", &$0) },
    "Average": { try apply("average", &$0) },
    "TFOpLambda": { options in
      guard let (name, value) = options.take(["function"]) else { throw options.missing("function") }
      guard let function = value.string.flatMap({ functions[$0] }) else {
        throw options.unsupported(name, value, functions.keys.sorted().joined(separator: ", "))
      }
      return try apply(function, &options)
    },
  ]

  /// TensorFlow's functions, without the `tf.` before them.
  private static let functions: [String: String] = [
    "__operators__.add": "add", "math.add": "add", "add": "add", "math.multiply": "multiply",
    "multiply": "multiply", "math.subtract": "subtract", "subtract": "subtract", "math.truediv": "divide",
    "truediv": "divide", "math.divide": "divide", "divide": "divide", "math.maximum": "maximum",
    "maximum": "maximum", "math.minimum": "minimum",
    "minimum": "minimum", "nn.tanh": "tanh", "math.tanh": "tanh", "tanh": "tanh", "nn.elu": "elu",
    "nn.selu": "selu", "nn.softplus": "softplus", "math.softplus": "softplus", "nn.relu": "relu",
    "nn.relu6": "relu6",
    "nn.softmax": "softmax", "math.sigmoid": "sigmoid", "sigmoid": "sigmoid", "nn.silu": "swish",
    "nn.swish": "swish", "cast": "cast", "identity": "cast",
  ]

  private static func apply(_ function: String, _ options: inout LayerOptions) throws -> Result {
    if let activation = Activation(basicName: function)
      ?? Activation.functions.first(where: { $0.name == function })?.function
    {
      return .operation(.activation(activation))
    }
    if function == "cast" { return .identity }
    let operands = options.operands
    let numbers = operands.compactMap(\.number)
    let tensors = operands.count(where: \.isTensor)
    guard numbers.count + tensors == operands.count else {
      throw ImportError(
        .unsupported, "\(function) with a list of numbers is not supported", file: options.file,
        layer: options.layer, expected: "one number, or results of other layers")
    }
    switch (function, tensors, numbers.first) {
    case ("add", 2..., nil):
      return .operation(options.inputsAgree ? .add : .combination(.sum))
    case ("multiply", 2..., nil):
      let fits =
        options.inputs.count == 2 && (try? Operation.multiply.outputShape(for: options.inputs)) != nil
      return .operation(fits ? .multiply : .combination(.product))
    case ("subtract", 2, nil): return .operation(.combination(.difference))
    case ("divide", 2, nil): return .operation(.combination(.quotient))
    case ("maximum", 2..., nil): return .operation(.combination(.maximum))
    case ("minimum", 2..., nil): return .operation(.combination(.minimum))
    case ("average", 2..., nil): return .operation(.combination(.average))
    case ("add", 1, let number?): return rescaling(1, number)
    case ("multiply", 1, let number?): return rescaling(number, 0)
    case ("subtract", 1, let number?):
      return operands[0].isTensor ? rescaling(1, -number) : rescaling(-1, number)
    case ("divide", 1, let number?) where operands[0].isTensor && number != 0:
      return rescaling(1 / number, 0)
    default:
      throw ImportError(
        .unsupported,
        "\(function) of \(tensors) tensors and \(numbers.count) numbers is not supported", file: options.file,
        layer: options.layer,
        expected: "a sum or a product of tensors, or a sum, difference, product or quotient with one number")
    }
  }

  private static func rescaling(_ scale: Double, _ offset: Double) -> Result {
    .operation(.rescaling(scale: Float(scale), offset: Float(offset)))
  }
}

extension ModelConfiguration.Argument {
  fileprivate var isTensor: Bool { if case .tensor = self { true } else { false } }

  fileprivate var number: Double? { if case .constant(let json) = self { json.double } else { nil } }
}

extension LayerOptions {
  /// Whether all inputs have one shape.
  fileprivate var inputsAgree: Bool { inputs.allSatisfy { $0 == inputs[0] } }

  /// What an arithmetic function is applied to, in order. Keras names the second operand.
  fileprivate var operands: [ModelConfiguration.Argument] {
    call.positional + ["x", "x1", "y", "x2"].compactMap { call.named[$0] }
  }
}
