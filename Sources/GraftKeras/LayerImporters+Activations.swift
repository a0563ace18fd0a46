internal import GraftGraph
internal import GraftTensor

extension LayerImporters {
  /// Activations as layers.
  static let activations: [String: Importer] = {
    var table: [String: Importer] = [
      "Activation": { options in
        guard let (name, value) = options.take(["activation"]) else { throw options.missing("activation") }
        return .operation(.activation(try options.activation(value, of: name)))
      },
      "Softmax": { options in
        try options.requireInnermostAxis("axis")
        return .operation(.activation(.softmax))
      },
      "PReLU": { options in
        var axes: [Int] = []
        if let (name, value) = options.take(["shared_axes"]) {
          let rank = options.inputs.first?.rank ?? 0
          axes = (value.elements ?? [value]).compactMap(\.integer).map { $0 - 1 }
          guard axes.count == value.elements?.count ?? 1, axes.allSatisfy((0..<rank).contains) else {
            throw options.invalid(name, value, "axes from 1 to \(rank)")
          }
        }
        return .operation(.parametricRectifier(sharedAxes: axes.sorted()))
      },
    ]
    for className in ["ReLU", "LeakyReLU", "ELU", "ThresholdedReLU"] {
      table[className] = { .operation(.activation(try $0.function(of: className))) }
    }
    // What a line such as `keras.ops.tanh(x)` becomes.
    for (className, name) in [
      ("Relu", "relu"), ("Relu6", "relu6"), ("Sigmoid", "sigmoid"), ("Silu", "silu"),
      ("Softplus", "softplus"),
      ("Softsign", "softsign"), ("Tanh", "tanh"), ("Exp", "exponential"), ("HardSigmoid", "hard_sigmoid"),
      ("HardSilu", "hard_silu"), ("HardTanh", "hard_tanh"), ("Selu", "selu"), ("Mish", "mish"),
      ("LogSigmoid", "log_sigmoid"),
    ] {
      table[className] = { .operation(.activation(try $0.activation(.string(name), of: "name"))) }
    }
    table["Elu"] = { .operation(.activation(try $0.function(of: "ELU"))) }
    table["LeakyRelu"] = { options in
      let slope = try options.float("negative_slope") ?? 0.2
      return .operation(.activation(.function(.leakyRectifier(slope))))
    }
    table["Gelu"] = { options in
      let isApproximate = try options.flag("approximate", default: true)
      return .operation(.activation(isApproximate ? .function(.approximateGELU) : .gelu))
    }
    return table
  }()
}

extension LayerOptions {
  /// The function of a layer that is nothing but one, with the options of its class.
  mutating func function(of className: String) throws -> Activation {
    switch className {
    case "LeakyReLU":
      return .function(.leakyRectifier(try float("negative_slope", "alpha") ?? 0.3))
    case "ELU":
      return .function(.elu(try float("alpha") ?? 1))
    case "ThresholdedReLU":
      return .function(.rectifier(slope: 0, maximum: nil, threshold: try float("theta") ?? 1))
    default:
      let maximum = try float("max_value")
      let slope = try float("negative_slope", "alpha") ?? 0
      let threshold = try float("threshold") ?? 0
      switch (slope, maximum, threshold) {
      case (0, nil, 0): return .relu
      case (0, 6, 0): return .relu6
      default: return .function(.rectifier(slope: slope, maximum: maximum, threshold: threshold))
      }
    }
  }

  /// The function that is applied to a layer's result.
  mutating func activation() throws -> Activation {
    guard let (name, value) = take(["activation"]) else { return .linear }
    return try activation(value, of: name)
  }

  /// The function that `value`, the value of an option, names.
  func activation(_ value: JSON, of option: String) throws -> Activation {
    // A layer may stand for a function, with options of its own.
    if let className = value["class_name"]?.string, let config = value["config"]?.members {
      var inner = self
      inner.replaceOptions(by: config)
      switch className {
      case "ReLU", "LeakyReLU", "ELU", "ThresholdedReLU": return try inner.function(of: className)
      case "Softmax":
        try inner.requireInnermostAxis("axis")
        return .softmax
      case "Activation":
        guard let named = config["activation"] else { throw missing("activation") }
        return try activation(named, of: option)
      default: break
      }
    }
    // Keras 3 may write {"class_name": "function", "config": "relu6"}.
    guard let name = value.string ?? value["config"]?.string else {
      throw unsupported(option, value, Self.activationNames)
    }
    // Keras 2's has another slope than Keras 3's.
    if name == "hard_sigmoid", kerasMajor < 3 { return .function(.oldHardSigmoid) }
    guard let activation = Self.activations[name] else {
      throw unsupported(option, value, Self.activationNames)
    }
    return activation
  }

  private static let activations: [String: Activation] = {
    var table: [String: Activation] = [
      "linear": .linear, "relu": .relu, "relu6": .relu6, "sigmoid": .sigmoid, "softmax": .softmax,
      "swish": .swish, "silu": .swish, "gelu": .gelu, "hard_sigmoid": .hardSigmoid, "hard_swish": .hardSwish,
      "hard_silu": .hardSwish,
    ]
    for (name, function) in Activation.functions { table[name] = function }
    return table
  }()

  private static let activationNames = activations.keys.sorted().joined(separator: ", ")
}
