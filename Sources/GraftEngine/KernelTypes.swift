/// How a window slides over a picture, as kernels want it: sizes, distances and padding spelled out.
///
/// Distances (`inputStride`, `outputStride`) are floats from one pixel to the next; they exceed the number of
/// channels where a layer reads from, or writes into, a slice of a wider array.
package struct KernelWindow: Hashable, Sendable {
  package var inputHeight = 1
  package var inputWidth = 1
  package var channels = 1
  package var inputStride = 1
  package var outputHeight = 1
  package var outputWidth = 1
  package var outputStride = 1
  package var kernelHeight = 1
  package var kernelWidth = 1
  package var strideY = 1
  package var strideX = 1
  package var dilationY = 1
  package var dilationX = 1
  package var padTop = 0
  package var padLeft = 0

  package init() {}
}

/// Rows of a matrix that are pixels of a picture: floats from one to the next in a line, and from line to line.
package struct KernelRows: Hashable, Sendable {
  package var count: Int
  package var stride: Int
  package var width: Int
  package var line: Int

  /// Rows all equally far apart.
  package init(count: Int, stride: Int) {
    (self.count, self.stride, width, line) = (count, stride, max(count, 1), 0)
  }

  /// The pixels that a window of one pixel meets.
  package init(_ window: KernelWindow) {
    count = window.outputHeight * window.outputWidth
    stride = window.strideX * window.inputStride
    width = window.outputWidth
    line = window.strideY * window.inputWidth * window.inputStride
  }
}

/// The function that a kernel applies to its results.
package struct KernelActivation: Hashable, Sendable {
  /// The kinds, numbered as the kernels number them.
  package enum Kind: Int32, Hashable, Sendable, CaseIterable {
    /// min(max(x, low), high)
    case clamp = 0
    /// min(max(x + 3, 0), 6) / 6
    case hardSigmoid = 1
    /// x times the hard sigmoid
    case hardSwish = 2
    /// 1 / (1 + exp(-x))
    case sigmoid = 3
    /// x / (1 + exp(-x))
    case swish = 4
    /// The hyperbolic tangent
    case tanh = 5
    /// x (1 + erf(x / sqrt 2)) / 2
    case gelu = 6
    /// x, or `low` times x where x is negative
    case leaky = 7
  }

  package var kind: Kind
  package var low: Float
  package var high: Float

  package init(_ kind: Kind, low: Float = -.infinity, high: Float = .infinity) {
    self.kind = kind
    self.low = low
    self.high = high
  }

  package static let none = KernelActivation(.clamp)
  package static let relu = KernelActivation(.clamp, low: 0)
  package static let relu6 = KernelActivation(.clamp, low: 0, high: 6)
}

/// What happens to a sum before it is stored: activation(sum + bias + residual).
package struct KernelEpilogue {
  /// One value a column or channel, or nil.
  package var bias: UnsafePointer<Float>?
  /// An array laid out like the output, or nil.
  package var residual: UnsafePointer<Float>?
  /// Floats from one row or pixel of the residual to the next.
  package var residualStride = 0
  package var activation = KernelActivation.none

  package init(
    bias: UnsafePointer<Float>? = nil, residual: UnsafePointer<Float>? = nil, residualStride: Int = 0,
    activation: KernelActivation = .none
  ) {
    self.bias = bias
    self.residual = residual
    self.residualStride = residualStride
    self.activation = activation
  }
}
