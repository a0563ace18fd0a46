internal import Foundation
public import GraftGraph
public import GraftTensor

/// An array in Double, for reference computations.
public struct ReferenceArray: Sendable {
  /// The lengths of the axes.
  public var shape: Shape
  /// The elements, innermost axis fastest.
  public var values: [Double]

  /// An array with the given elements.
  public init(_ shape: Shape, _ values: [Double]) {
    precondition(values.count == shape.count, "\(values.count) values for \(shape)")
    self.shape = shape
    self.values = values
  }

  /// An array of zeros.
  public init(zeros shape: Shape) { self.init(shape, [Double](repeating: 0, count: shape.count)) }

  /// The elements of a tensor.
  public init(_ tensor: Tensor) { self.init(tensor.shape, tensor.scalars.map(Double.init)) }

  /// The element of a picture at a row, column and channel; zero outside of the picture.
  func pixel(_ y: Int, _ x: Int, _ c: Int) -> Double {
    guard 0 <= y, y < shape[0], 0 <= x, x < shape[1] else { return 0 }
    return values[(y * shape[1] + x) * shape[2] + c]
  }

  /// Whether a row and column lie in the picture.
  func holds(_ y: Int, _ x: Int) -> Bool { 0 <= y && y < shape[0] && 0 <= x && x < shape[1] }
}

/// A window over a picture, with the padding spelled out.
public struct ReferenceWindow: Sendable {
  /// The number of taps.
  public var kernel: Extent
  /// The steps between positions.
  public var stride: Extent
  /// The steps between taps.
  public var dilation: Extent
  /// The padding on each side.
  public var insets: EdgeInsets

  /// A window.
  public init(_ kernel: Extent, stride: Extent = 1, dilation: Extent = 1, insets: EdgeInsets = .zero) {
    self.kernel = kernel
    self.stride = stride
    self.dilation = dilation
    self.insets = insets
  }

  /// The window of a layer; TensorFlow's rule for "same" padding.
  public init(_ kernel: Extent, stride: Extent, dilation: Extent = 1, padding: Padding, over shape: Shape) {
    self.init(kernel, stride: stride, dilation: dilation)
    guard padding == .same else { return }
    func split(_ length: Int, _ k: Int, _ s: Int, _ d: Int) -> (Int, Int) {
      let positions = Int((Double(length) / Double(s)).rounded(.up))
      let total = max((positions - 1) * s + (k - 1) * d + 1 - length, 0)
      return (total / 2, total - total / 2)
    }
    (insets.top, insets.bottom) = split(shape[0], kernel.height, stride.height, dilation.height)
    (insets.left, insets.right) = split(shape[1], kernel.width, stride.width, dilation.width)
  }

  /// The number of positions over a picture.
  public func extent(over shape: Shape) -> Extent {
    func count(_ length: Int, _ k: Int, _ s: Int, _ d: Int) -> Int { (length - (k - 1) * d - 1) / s + 1 }
    return Extent(
      height: count(shape[0] + insets.top + insets.bottom, kernel.height, stride.height, dilation.height),
      width: count(shape[1] + insets.left + insets.right, kernel.width, stride.width, dilation.width))
  }

  /// Calls `body` with the tap and the place in the picture, for each tap of the window at an output place.
  func forEachTap(_ oy: Int, _ ox: Int, _ body: (_ ky: Int, _ kx: Int, _ iy: Int, _ ix: Int) -> Void) {
    for ky in 0..<kernel.height {
      for kx in 0..<kernel.width {
        body(
          ky, kx, oy * stride.height + ky * dilation.height - insets.top,
          ox * stride.width + kx * dilation.width - insets.left)
      }
    }
  }
}

/// The operations of a network in Double, by plain loops: the truth that fast code is compared with.
public enum Reference {
  /// Convolution with weights of shape height x width x input channels per group x filters.
  public static func convolution(
    _ x: ReferenceArray, _ weights: ReferenceArray, bias: [Double]?, _ window: ReferenceWindow,
    groups: Int = 1
  ) -> ReferenceArray {
    let out = window.extent(over: x.shape)
    let (depth, filters) = (weights.shape[2], weights.shape[3])
    var y = ReferenceArray(zeros: [out.height, out.width, filters])
    for oy in 0..<out.height {
      for ox in 0..<out.width {
        var sums = bias ?? [Double](repeating: 0, count: filters)
        window.forEachTap(oy, ox) { ky, kx, iy, ix in
          guard x.holds(iy, ix) else { return }
          for c in 0..<depth {
            let row = ((ky * window.kernel.width + kx) * depth + c) * filters
            for f in 0..<filters {
              let group = f / (filters / groups)
              sums[f] += x.pixel(iy, ix, group * depth + c) * weights.values[row + f]
            }
          }
        }
        for f in 0..<filters { y.values[(oy * out.width + ox) * filters + f] = sums[f] }
      }
    }
    return y
  }

  /// Depthwise convolution with weights of shape height x width x channels x multiplier.
  public static func depthwise(
    _ x: ReferenceArray, _ weights: ReferenceArray, bias: [Double]?, _ window: ReferenceWindow
  ) -> ReferenceArray {
    let out = window.extent(over: x.shape)
    let (channels, multiplier) = (weights.shape[2], weights.shape[3])
    var y = ReferenceArray(zeros: [out.height, out.width, channels * multiplier])
    for oy in 0..<out.height {
      for ox in 0..<out.width {
        for f in 0..<channels * multiplier {
          var sum = bias?[f] ?? 0
          window.forEachTap(oy, ox) { ky, kx, iy, ix in
            let tap = (ky * window.kernel.width + kx) * channels * multiplier
            sum += x.pixel(iy, ix, f / multiplier) * weights.values[tap + f]
          }
          y.values[(oy * out.width + ox) * channels * multiplier + f] = sum
        }
      }
    }
    return y
  }

  /// The product of each row (innermost axis) with a matrix of inputs x units.
  public static func dense(_ x: ReferenceArray, _ weights: ReferenceArray, bias: [Double]?) -> ReferenceArray
  {
    let (inputs, units) = (weights.shape[0], weights.shape[1])
    let rows = x.values.count / max(inputs, 1)
    var y = ReferenceArray(zeros: Shape(x.shape.dimensions.dropLast() + [units]))
    for r in 0..<rows {
      for u in 0..<units {
        var sum = bias?[u] ?? 0
        for k in 0..<inputs { sum += x.values[r * inputs + k] * weights.values[k * units + u] }
        y.values[r * units + u] = sum
      }
    }
    return y
  }

  /// The maximum or mean of each window. Padding takes part, as zeros, only if `paddingCounts`.
  public static func pooling(
    _ x: ReferenceArray, takesMax: Bool, _ window: ReferenceWindow, paddingCounts: Bool = false
  ) -> ReferenceArray {
    let out = window.extent(over: x.shape)
    let channels = x.shape[2]
    var y = ReferenceArray(zeros: [out.height, out.width, channels])
    for oy in 0..<out.height {
      for ox in 0..<out.width {
        for c in 0..<channels {
          var seen: [Double] = []
          window.forEachTap(oy, ox) { _, _, iy, ix in
            if paddingCounts || x.holds(iy, ix) { seen.append(x.pixel(iy, ix, c)) }
          }
          y.values[(oy * out.width + ox) * channels + c] =
            takesMax ? (seen.max() ?? -.infinity) : seen.reduce(0, +) / Double(max(seen.count, 1))
        }
      }
    }
    return y
  }

  /// The maximum or mean of each channel over the whole picture.
  public static func globalPooling(_ x: ReferenceArray, takesMax: Bool) -> [Double] {
    let channels = x.shape[2]
    return (0..<channels).map { c in
      let values = stride(from: c, to: x.values.count, by: channels).map { x.values[$0] }
      return takesMax ? (values.max() ?? -.infinity) : values.reduce(0, +) / Double(values.count)
    }
  }

  /// An activation; softmax runs over rows of `channels`.
  public static func activation(_ values: [Double], _ activation: Activation, channels: Int) -> [Double] {
    switch activation {
    case .linear: values
    case .relu: values.map { max($0, 0) }
    case .relu6: values.map { min(max($0, 0), 6) }
    case .hardSigmoid: values.map { min(max($0 + 3, 0), 6) / 6 }
    case .hardSwish: values.map { $0 * min(max($0 + 3, 0), 6) / 6 }
    case .sigmoid: values.map { 1 / (1 + exp(-$0)) }
    case .swish: values.map { $0 / (1 + exp(-$0)) }
    case .gelu: values.map { $0 * erfc(-$0 / 2.0.squareRoot()) / 2 }
    case .function(let function): values.map { scalar(function, $0) }
    case .softmax:
      stride(from: 0, to: values.count, by: max(channels, 1)).flatMap { start in
        let row = values[start..<start + channels]
        let largest = row.max() ?? 0
        let powers = row.map { exp($0 - largest) }
        let sum = powers.reduce(0, +)
        return powers.map { $0 / sum }
      }
    }
  }

  /// The mean of values, and the root of their variance plus `epsilon`.
  static func statistics(_ values: ArraySlice<Double>, epsilon: Float) -> (mean: Double, deviation: Double) {
    let mean = values.reduce(0, +) / Double(values.count)
    let power = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    return (mean, (power + Double(epsilon)).squareRoot())
  }
}
