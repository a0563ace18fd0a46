/// Attributes of a separable convolution: a convolution of each channel by itself, and a 1 x 1 convolution of its
/// results. Parameters: `depthwise_kernel` (height x width x channels x multiplier), `pointwise_kernel`
/// (1 x 1 x channels times multiplier x filters) and, with a bias, `bias` (filters).
public struct SeparableConvolution: Hashable, Sendable, Codable {
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
  /// Channels between the two convolutions for each input channel.
  public var multiplier: Int
  /// Whether a bias is added.
  public var usesBias: Bool
  /// The function applied to the result.
  public var activation: Activation

  /// Attributes of a separable convolution; the defaults are those of Keras.
  public init(
    filters: Int, kernel: Extent, stride: Extent = 1, padding: Padding = .valid, dilation: Extent = 1,
    multiplier: Int = 1, usesBias: Bool = true, activation: Activation = .linear
  ) {
    self.filters = filters
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.multiplier = multiplier
    self.usesBias = usesBias
    self.activation = activation
  }
}

extension SeparableConvolution {
  /// The first half.
  package var depthwise: DepthwiseConvolution {
    DepthwiseConvolution(
      kernel: kernel, stride: stride, padding: padding, dilation: dilation, multiplier: multiplier,
      usesBias: false)
  }

  /// The second half.
  package var pointwise: Convolution {
    Convolution(filters: filters, kernel: 1, usesBias: usesBias, activation: activation)
  }
}
