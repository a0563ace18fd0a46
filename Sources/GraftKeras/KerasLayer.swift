internal import GraftGraph
internal import GraftTensor

/// Operations as Keras layers: the class, and the options that differ from one layer to the next.
///
/// Only options that Keras 2 and Keras 3 both understand in the same sense are used. Two functions are known to
/// Keras 3 alone or mean something else in Keras 2: `hard_silu` and `hard_sigmoid`.
struct KerasLayer {
  /// The class, as `Conv2D`.
  let className: String
  /// The class's own options.
  let options: [String: JSON]

  private init(_ className: String, _ options: [String: JSON] = [:]) {
    self.className = className
    self.options = options
  }

  /// Whether Keras has a layer for it; where not, this is only a name.
  private(set) var isWritable = true

  /// A name for what Keras has no layer for.
  private init(unwritable name: String) {
    self.init(name)
    isWritable = false
  }

  /// The layer that computes what `operation` does.
  init(_ operation: Operation) {
    switch operation {
    case .input(let shape):
      self.init("InputLayer", ["batch_input_shape": .array([.null] + shape.dimensions.map(JSON.integer))])
    case .convolution(let c):
      self.init(
        "Conv2D",
        Self.window(c.kernel, "kernel_size", c.stride, c.padding).merging([
          "filters": .integer(c.filters), "dilation_rate": Self.pair(c.dilation),
          "groups": .integer(c.groups), "use_bias": .bool(c.usesBias), "activation": Self.name(c.activation),
        ]) { $1 })
    case .depthwiseConvolution(let c):
      self.init(
        "DepthwiseConv2D",
        Self.window(c.kernel, "kernel_size", c.stride, c.padding).merging([
          "dilation_rate": Self.pair(c.dilation), "depth_multiplier": .integer(c.multiplier),
          "use_bias": .bool(c.usesBias), "activation": Self.name(c.activation),
        ]) { $1 })
    case .separableConvolution(let c):
      self.init(
        "SeparableConv2D",
        Self.window(c.kernel, "kernel_size", c.stride, c.padding).merging([
          "filters": .integer(c.filters), "dilation_rate": Self.pair(c.dilation),
          "depth_multiplier": .integer(c.multiplier), "use_bias": .bool(c.usesBias),
          "activation": Self.name(c.activation),
        ]) { $1 })
    case .transposedConvolution(let c):
      self.init(
        "Conv2DTranspose",
        Self.window(c.kernel, "kernel_size", c.stride, c.padding).merging([
          "filters": .integer(c.filters), "dilation_rate": Self.pair(c.dilation),
          "output_padding": c.outputPadding.map(Self.pair) ?? .null, "use_bias": .bool(c.usesBias),
          "activation": Self.name(c.activation),
        ]) { $1 })
    case .dense(let d):
      self.init(
        "Dense",
        ["units": .integer(d.units), "use_bias": .bool(d.usesBias), "activation": Self.name(d.activation)])
    case .batchNormalization(let b):
      self.init(
        "BatchNormalization",
        [
          "axis": -1, "epsilon": JSON(b.epsilon), "momentum": JSON(b.momentum), "scale": .bool(b.scales),
          "center": .bool(b.centers),
        ])
    case .layerNormalization(let n):
      self.init(
        "LayerNormalization",
        ["axis": -1, "epsilon": JSON(n.epsilon), "scale": .bool(n.scales), "center": .bool(n.centers)])
    case .groupNormalization(let n):
      var options: [String: JSON] = [
        "epsilon": JSON(n.epsilon), "scale": .bool(n.scales), "center": .bool(n.centers),
      ]
      options["axis"] = n.scope == .channel ? -1 : [1, 2, 3]
      if n.scope == .channel { options["groups"] = .integer(n.groups) }
      self.init(n.scope == .channel ? "GroupNormalization" : "LayerNormalization", options)
    case .unitNormalization: self.init("UnitNormalization", ["axis": -1])
    case .parametricRectifier(let axes):
      self.init("PReLU", ["shared_axes": axes.isEmpty ? .null : .array(axes.map { .integer($0 + 1) })])
    case .normalization(let n):
      var options: [String: JSON] = ["axis": -1]
      if let figures = n.figures {
        options["mean"] = .array(figures.mean.map { JSON($0) })
        options["variance"] = .array(figures.variance.map { JSON($0) })
      }
      self.init("Normalization", options)
    case .layerScale: self.init("LayerScale")
    case .activation(.relu6):
      self.init("ReLU", ["max_value": .number(6), "negative_slope": .number(0), "threshold": .number(0)])
    case .activation(.function(.rectifier(let slope, let maximum, let threshold))):
      self.init(
        "ReLU",
        [
          "max_value": maximum.map { JSON($0) } ?? .null, "negative_slope": JSON(slope),
          "threshold": JSON(threshold),
        ])
    case .activation(.function(.exponentialLinear(let alpha, scale: 1, width: 1))):
      self.init("ELU", ["alpha": JSON(alpha)])
    case .activation(let activation) where activation.kerasName == nil:
      self.init(unwritable: "activation")
    case .activation(let activation):
      self.init("Activation", ["activation": Self.name(activation)])
    case .maxPooling(let p):
      self.init("MaxPooling2D", Self.window(p.window, "pool_size", p.stride, p.padding))
    case .averagePooling(let p):
      self.init("AveragePooling2D", Self.window(p.window, "pool_size", p.stride, p.padding))
    case .globalPooling(let p):
      self.init(
        p.kind == .average ? "GlobalAveragePooling2D" : "GlobalMaxPooling2D",
        ["keepdims": .bool(p.keepsDimensions), "data_format": "channels_last"])
    case .zeroPadding(let i):
      self.init("ZeroPadding2D", ["padding": Self.sides(i), "data_format": "channels_last"])
    case .cropping(let i):
      self.init("Cropping2D", ["cropping": Self.sides(i), "data_format": "channels_last"])
    case .scaledAddition(let scale): self.init("CustomScaleLayer", ["scale": JSON(scale)])
    case .add: self.init("Add")
    case .multiply: self.init("Multiply")
    case .combination(let kind):
      switch kind {
      case .sum: self.init("Add")
      case .difference: self.init("Subtract")
      case .product: self.init("Multiply")
      case .quotient: self.init(unwritable: "Divide")
      case .maximum: self.init("Maximum")
      case .minimum: self.init("Minimum")
      case .average: self.init("Average")
      }
    case .stacking(let axis): self.init("Concatenate", ["axis": .integer(axis + 1)])
    case .permutation(let order):
      self.init("Permute", ["dims": .array(order.map { .integer($0 + 1) })])
    case .resampling(let r):
      switch r.target {
      case .factor(let factor):
        self.init(
          "UpSampling2D",
          [
            "size": Self.pair(factor), "interpolation": .string(r.interpolation.rawValue),
            "data_format": "channels_last",
          ])
      case .size(let size):
        self.init(
          "Resizing",
          [
            "height": .integer(size.height), "width": .integer(size.width),
            "interpolation": .string(r.interpolation.rawValue), "crop_to_aspect_ratio": false,
          ])
      }
    case .concatenate: self.init("Concatenate", ["axis": -1])
    case .reshape(let shape):
      self.init("Reshape", ["target_shape": .array(shape.dimensions.map(JSON.integer))])
    case .flatten: self.init("Flatten", ["data_format": "channels_last"])
    case .dropout(let rate): self.init("Dropout", ["rate": JSON(rate)])
    case .stochasticDepth(let rate):
      self.init("Dropout", ["rate": JSON(rate), "noise_shape": [.null, 1, 1, 1]])
    case .rescaling(let scale, let offset):
      self.init("Rescaling", ["scale": JSON(scale), "offset": JSON(offset)])
    }
  }

  /// Keras 3's name of a parameter: that of Keras 2, apart from the kernel of a depthwise convolution.
  static func weightName(_ parameter: String) -> String {
    parameter == "depthwise_kernel" ? "kernel" : parameter
  }

  private static func window(
    _ size: Extent, _ name: String, _ stride: Extent, _ padding: Padding
  ) -> [String: JSON] {
    [
      name: pair(size), "strides": pair(stride), "padding": .string(padding.rawValue),
      "data_format": "channels_last",
    ]
  }

  private static func sides(_ insets: EdgeInsets) -> JSON {
    [
      [.integer(insets.top), .integer(insets.bottom)], [.integer(insets.left), .integer(insets.right)],
    ]
  }

  private static func pair(_ extent: Extent) -> JSON { [.integer(extent.height), .integer(extent.width)] }

  /// Activations without a name are layers of their own by now.
  private static func name(_ activation: Activation) -> JSON { .string(activation.kerasName ?? "linear") }
}

extension Activation {
  /// Keras's name of the function; nil for those that Keras has no name, or no function of these parameters for.
  var kerasName: String? {
    switch self {
    case .hardSigmoid: "hard_sigmoid"
    case .hardSwish: "hard_silu"
    case .linear, .relu, .relu6, .sigmoid, .swish, .gelu, .softmax: basicName
    case .function: Self.functions.first { $0.function == self }?.name
    }
  }

  /// Keras's functions of one number that are no basic ones, by their names, with Keras 3's defaults.
  static let functions: [(name: String, function: Activation)] = [
    ("elu", .function(.elu())), ("celu", .function(.elu())), ("selu", .function(.selu)),
    ("leaky_relu", .function(.leakyRectifier(0.2))), ("tanh", .function(.tanh)),
    ("tanh_shrink", .function(.tanhShrink)), ("hard_tanh", .function(.hardTanh)),
    ("exponential", .function(.exponential)), ("softplus", .function(.softplus)),
    ("log_sigmoid", .function(.logSigmoid)), ("softsign", .function(.softsign)), ("mish", .function(.mish)),
    ("squareplus", .function(.squareplus(b: 4))),
    ("soft_shrink", .function(.shrink(threshold: 0.5, isSoft: true))),
    ("hard_shrink", .function(.shrink(threshold: 0.5, isSoft: false))),
  ]
}
