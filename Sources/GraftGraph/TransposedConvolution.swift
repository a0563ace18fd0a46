internal import GraftTensor

/// Attributes of a transposed 2-D convolution: the gradient of a convolution with respect to its input, used as a
/// layer that makes pictures larger. Parameters: `kernel` (height x width x filters x input channels) and, with a bias,
/// `bias` (filters). Element (i, j) of the input adds its products with the kernel to the window of the result that
/// starts at (i, j) times the stride.
public struct TransposedConvolution: Hashable, Sendable, Codable {
  /// The number of output channels.
  public var filters: Int
  /// The size of the window.
  public var kernel: Extent
  /// The steps between windows in the result.
  public var stride: Extent
  /// How windows meet the edge of the result.
  public var padding: Padding
  /// Rows and columns that the result has beyond what it must have; nil for Keras's choice.
  public var outputPadding: Extent?
  /// The steps between the taps of a window.
  public var dilation: Extent
  /// Whether a bias is added.
  public var usesBias: Bool
  /// The function applied to the result.
  public var activation: Activation

  /// Attributes of a transposed convolution; the defaults are those of Keras.
  public init(
    filters: Int, kernel: Extent, stride: Extent = 1, padding: Padding = .valid, outputPadding: Extent? = nil,
    dilation: Extent = 1, usesBias: Bool = true, activation: Activation = .linear
  ) {
    self.filters = filters
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.outputPadding = outputPadding
    self.dilation = dilation
    self.usesBias = usesBias
    self.activation = activation
  }
}

extension TransposedConvolution {
  /// The convolution from the result back to the input, whose positions say what goes where.
  package var window: Window { Window(kernel, stride: stride, dilation: dilation, padding: padding) }

  /// The size of the result (`compute_conv_transpose_output_shape` in Keras's `backend_utils.py`).
  func outputExtent(over shape: Shape) throws -> Extent {
    let extent = Extent(
      height: length(shape[0], kernel.height, stride.height, dilation.height, outputPadding?.height),
      width: length(shape[1], kernel.width, stride.width, dilation.width, outputPadding?.width))
    guard extent.height > 0, extent.width > 0,
      try window.extent(over: [extent.height, extent.width, 1]) == Extent(height: shape[0], width: shape[1])
    else {
      throw GraphError(.shape, "no convolution leads from \(extent.height)×\(extent.width) back to \(shape)")
    }
    return extent
  }

  private func length(_ length: Int, _ taps: Int, _ stride: Int, _ dilation: Int, _ extra: Int?) -> Int {
    let reach = (taps - 1) * dilation + 1
    switch padding {
    case .valid: return (length - 1) * stride + reach + (extra ?? max(stride - reach, 0))
    case .same:
      guard let extra else { return length * stride }
      return (length - 1) * stride + reach % 2 + extra
    }
  }
}
