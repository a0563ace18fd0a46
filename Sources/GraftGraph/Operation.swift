public import GraftTensor

/// What a node of a graph computes: one layer of a network, with its attributes.
///
/// Closed, so that a new operation does not compile until shapes, engine and importer handle it. The cases
/// and attributes are those of the Keras layers of the same name.
public enum Operation: Hashable, Sendable, Codable {
  /// The network's input, height x width x channels.
  case input(Shape)
  /// 2-D convolution.
  case convolution(Convolution)
  /// 2-D convolution of each channel by itself.
  case depthwiseConvolution(DepthwiseConvolution)
  /// 2-D convolution of each channel by itself, and a 1 x 1 convolution of the results.
  case separableConvolution(SeparableConvolution)
  /// Transposed 2-D convolution.
  case transposedConvolution(TransposedConvolution)
  /// Product with a matrix, over the innermost axis.
  case dense(Dense)
  /// Normalization by moving statistics, over the innermost axis.
  case batchNormalization(BatchNormalization)
  /// Normalization by the pixel's own mean and variance, over the innermost axis.
  case layerNormalization(LayerNormalization)
  /// Normalization by means and variances of groups of channels, or of the whole picture.
  case groupNormalization(GroupNormalization)
  /// Each row of the innermost axis over its length (the root of the sum of squares).
  case unitNormalization
  /// Normalization by known means and variances, one a channel.
  case normalization(Normalization)
  /// A picture times one trained factor a channel; parameter `gamma`. Touvron et al., 2021, arXiv 2103.17239.
  case layerScale
  /// An element-wise function, or softmax over the innermost axis.
  case activation(Activation)
  /// x, below 0 times a trained factor; one for all places of the axes in `sharedAxes`, which count from 0. Parameter
  /// `alpha`. He et al., 2015, arXiv 1502.01852.
  case parametricRectifier(sharedAxes: [Int])
  /// The largest element of each window. Padding never wins.
  case maxPooling(Pooling)
  /// The mean of each window, over the elements inside the picture.
  case averagePooling(Pooling)
  /// The mean or the maximum over the whole picture.
  case globalPooling(GlobalPooling)
  /// Rows and columns of zeros around the picture.
  case zeroPadding(EdgeInsets)
  /// Rows and columns taken off a picture.
  case cropping(EdgeInsets)
  /// The element-wise sum of inputs of one shape.
  case add
  /// The first input plus `scale` times the second.
  case scaledAddition(scale: Float)
  /// The element-wise product; a 1 x 1 x C input is broadcast over height and width.
  case multiply
  /// Arithmetic on several inputs, axes of length 1 repeated.
  case combination(Combination)
  /// Inputs joined along the innermost axis.
  case concatenate
  /// Inputs joined along another axis, which counts from 0.
  case stacking(axis: Int)
  /// The axes in another order: axis i of the result is axis `order[i]` of the input.
  case permutation(order: [Int])
  /// A picture made larger or smaller.
  case resampling(Resampling)
  /// The same elements under another shape.
  case reshape(Shape)
  /// All elements on one axis.
  case flatten
  /// Randomly drops elements in training; the identity otherwise.
  case dropout(rate: Float)
  /// Randomly drops whole pictures of a batch in training; the identity otherwise. Huang et al., 2016,
  /// arXiv 1603.09382.
  case stochasticDepth(rate: Float)
  /// x times `scale` plus `offset`.
  case rescaling(scale: Float, offset: Float)
}

/// Rows and columns on the four sides of a picture.
public struct EdgeInsets: Hashable, Sendable, Codable {
  /// The number of rows above.
  public var top: Int
  /// The number of rows below.
  public var bottom: Int
  /// The number of columns on the left.
  public var left: Int
  /// The number of columns on the right.
  public var right: Int

  /// Insets given side by side.
  public init(top: Int, bottom: Int, left: Int, right: Int) {
    self.top = top
    self.bottom = bottom
    self.left = left
    self.right = right
  }

  /// The same inset on all four sides.
  public init(_ all: Int) { self.init(top: all, bottom: all, left: all, right: all) }

  /// No insets.
  public static let zero = EdgeInsets(0)
}

/// How a window meets the edge of a picture.
public enum Padding: String, Hashable, Sendable, Codable {
  /// Windows stay inside: floor((n - k) / s) + 1 positions.
  case valid
  /// TensorFlow's rule: ceil(n / s) positions; of the padding that this takes, the half rounded down comes
  /// before, the rest after.
  case same
}

/// Lengths along height and width.
public struct Extent: Hashable, Sendable, Codable, ExpressibleByIntegerLiteral {
  /// The length along the vertical axis.
  public var height: Int
  /// The length along the horizontal axis.
  public var width: Int

  /// Two lengths.
  public init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }

  /// The same length along both axes.
  public init(_ both: Int) { self.init(height: both, width: both) }

  /// The same length along both axes.
  public init(integerLiteral both: Int) { self.init(both) }
}

/// Attributes of a 2-D convolution. Parameters: `kernel` (height x width x input channels / groups x
/// filters) and, with a bias, `bias` (filters).
public struct Convolution: Hashable, Sendable, Codable {
  /// The number of output channels.
  public var filters: Int
  /// The size of the window.
  public var kernel: Extent
  /// The steps between windows.
  public var stride: Extent
  /// How windows meet the edge.
  public var padding: Padding
  /// The steps between the taps of a window.
  public var dilation: Extent
  /// The number of groups that channels are split into.
  public var groups: Int
  /// Whether a bias is added.
  public var usesBias: Bool
  /// The function applied to the result.
  public var activation: Activation

  /// Attributes of a convolution; the defaults are those of Keras.
  public init(
    filters: Int, kernel: Extent, stride: Extent = 1, padding: Padding = .valid, dilation: Extent = 1,
    groups: Int = 1, usesBias: Bool = true, activation: Activation = .linear
  ) {
    self.filters = filters
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
    self.usesBias = usesBias
    self.activation = activation
  }
}

/// Attributes of a depthwise convolution. Parameters: `depthwise_kernel` (height x width x channels x
/// multiplier) and, with a bias, `bias`.
public struct DepthwiseConvolution: Hashable, Sendable, Codable {
  /// The size of the window.
  public var kernel: Extent
  /// The steps between windows.
  public var stride: Extent
  /// How windows meet the edge.
  public var padding: Padding
  /// The steps between the taps of a window.
  public var dilation: Extent
  /// Output channels for each input channel.
  public var multiplier: Int
  /// Whether a bias is added.
  public var usesBias: Bool
  /// The function applied to the result.
  public var activation: Activation

  /// Attributes of a depthwise convolution; the defaults are those of Keras.
  public init(
    kernel: Extent, stride: Extent = 1, padding: Padding = .valid, dilation: Extent = 1, multiplier: Int = 1,
    usesBias: Bool = true, activation: Activation = .linear
  ) {
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.multiplier = multiplier
    self.usesBias = usesBias
    self.activation = activation
  }
}

/// Attributes of a dense layer. Parameters: `kernel` (inputs x units) and, with a bias, `bias` (units).
public struct Dense: Hashable, Sendable, Codable {
  /// The number of outputs.
  public var units: Int
  /// Whether a bias is added.
  public var usesBias: Bool
  /// The function applied to the result.
  public var activation: Activation

  /// Attributes of a dense layer; the defaults are those of Keras.
  public init(units: Int, usesBias: Bool = true, activation: Activation = .linear) {
    self.units = units
    self.usesBias = usesBias
    self.activation = activation
  }
}

/// Attributes of a batch normalization: gamma (x - moving mean) / sqrt(moving variance + epsilon) + beta.
/// Parameters, each one value a channel: `gamma` if scaled, `beta` if centred, `moving_mean`,
/// `moving_variance`.
public struct BatchNormalization: Hashable, Sendable, Codable {
  /// Added to the variance.
  public var epsilon: Float
  /// The weight of the old moving statistics at each training step.
  public var momentum: Float
  /// Whether there is a gamma.
  public var scales: Bool
  /// Whether there is a beta.
  public var centers: Bool

  /// Attributes of a batch normalization; the defaults are those of Keras.
  public init(epsilon: Float = 1e-3, momentum: Float = 0.99, scales: Bool = true, centers: Bool = true) {
    self.epsilon = epsilon
    self.momentum = momentum
    self.scales = scales
    self.centers = centers
  }
}

/// Attributes of a pooling layer.
public struct Pooling: Hashable, Sendable, Codable {
  /// The size of the window.
  public var window: Extent
  /// The steps between windows.
  public var stride: Extent
  /// How windows meet the edge.
  public var padding: Padding

  /// Attributes of a pooling layer.
  public init(window: Extent, stride: Extent, padding: Padding = .valid) {
    self.window = window
    self.stride = stride
    self.padding = padding
  }
}

/// Attributes of pooling over the whole picture.
public struct GlobalPooling: Hashable, Sendable, Codable {
  /// What is taken of each channel.
  public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
    /// The mean.
    case average
    /// The maximum.
    case max
  }

  /// What is taken of each channel.
  public var kind: Kind
  /// Whether the result is 1 x 1 x C rather than C.
  public var keepsDimensions: Bool

  /// Attributes of a global pooling layer.
  public init(_ kind: Kind, keepsDimensions: Bool = false) {
    self.kind = kind
    self.keepsDimensions = keepsDimensions
  }
}
