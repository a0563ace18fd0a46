internal import Foundation
internal import GraftGraph
internal import GraftTensor

/// The rarer operations, element by element from their definitions.
extension Reference {
  /// A function of one number, as `keras.activations` defines it.
  static func scalar(_ function: ScalarFunction, _ x: Double) -> Double {
    switch function {
    case .rectifier(let slope, let maximum, let threshold):
      if x < Double(threshold) { return Double(slope) * (x - Double(threshold)) }
      guard let maximum else { return x }
      return x > Double(maximum) ? Double(maximum) : x
    case .exponentialLinear(let alpha, let scale, let width):
      return x > 0 ? Double(scale) * x : Double(scale) * Double(alpha) * (exp(x / Double(width)) - 1)
    case .ramp(let scale, let offset, let low, let high):
      let y = Double(scale) * x + Double(offset)
      return y < Double(low) ? Double(low) : y > Double(high) ? Double(high) : y
    case .tanh: return (exp(x) - exp(-x)) / (exp(x) + exp(-x))
    case .tanhShrink: return x - (exp(x) - exp(-x)) / (exp(x) + exp(-x))
    case .exponential: return exp(x)
    case .softplus: return log(1 + exp(x))
    case .logSigmoid: return log(1 / (1 + exp(-x)))
    case .softsign: return x < 0 ? x / (1 - x) : x / (1 + x)
    case .mish:
      let power = (1 + exp(x)) * (1 + exp(x))
      return x * (power - 1) / (power + 1)
    case .approximateGELU:
      let z = (2 / Double.pi).squareRoot() * (x + 0.044715 * pow(x, 3))
      return x / (1 + exp(-2 * z))
    case .squareplus(let b): return (x + (x * x + Double(b)).squareRoot()) / 2
    case .shrink(let threshold, let isSoft):
      let t = Double(threshold)
      if x > t { return isSoft ? x - t : x }
      if x < -t { return isSoft ? x + t : x }
      return 0
    }
  }

  /// A transposed convolution: every pixel of the input adds to a window of the result.
  static func transposedConvolution(
    _ x: ReferenceArray, _ weights: ReferenceArray, bias: [Double]?, _ c: TransposedConvolution,
    to shape: Shape
  ) -> ReferenceArray {
    let window = ReferenceWindow(
      c.kernel, stride: c.stride, dilation: c.dilation, padding: c.padding, over: shape)
    var y = ReferenceArray(zeros: shape)
    for iy in 0..<x.shape[0] {
      for ix in 0..<x.shape[1] {
        window.forEachTap(iy, ix) { ky, kx, oy, ox in
          guard y.holds(oy, ox) else { return }
          for f in 0..<shape[2] {
            for c1 in 0..<x.shape[2] {
              let weight = ((ky * c.kernel.width + kx) * shape[2] + f) * x.shape[2] + c1
              y.values[(oy * shape[1] + ox) * shape[2] + f] += x.pixel(iy, ix, c1) * weights.values[weight]
            }
          }
        }
      }
    }
    if let bias { for index in y.values.indices { y.values[index] += bias[index % shape[2]] } }
    return y
  }

  /// Groups of channels by their own mean and variance.
  static func groupNormalization(
    _ x: ReferenceArray, _ n: GroupNormalization, gamma: [Double]?, beta: [Double]?
  ) -> ReferenceArray {
    let (channels, size) = (x.shape[2], x.shape[2] / n.groups)
    var y = x
    for group in 0..<n.groups {
      let places = x.values.indices.filter { $0 % channels / size == group }
      let (mean, deviation) = statistics(ArraySlice(places.map { x.values[$0] }), epsilon: n.epsilon)
      for place in places {
        let factor = n.scope == .channel ? place % channels : place
        y.values[place] = (x.values[place] - mean) / deviation * (gamma?[factor] ?? 1) + (beta?[factor] ?? 0)
      }
    }
    return y
  }

  /// The coordinates of an element.
  static func place(_ index: Int, in shape: Shape) -> [Int] {
    var (rest, place) = (index, [Int]())
    for length in shape.dimensions.reversed() {
      place.insert(rest % length, at: 0)
      rest /= length
    }
    return place
  }

  /// The element at coordinates; an axis of length 1 has the same element everywhere.
  static func index(_ place: [Int], in shape: Shape) -> Int {
    zip(place, shape.dimensions).reduce(0) { $0 * $1.1 + ($1.1 == 1 ? 0 : $1.0) }
  }

  /// Two arrays, axes of length 1 repeated.
  static func combine(
    _ arrays: [ReferenceArray], to shape: Shape, _ function: (Double, Double) -> Double
  ) -> ReferenceArray {
    var y = ReferenceArray(zeros: shape)
    for i in y.values.indices {
      let place = place(i, in: shape)
      y.values[i] = function(
        arrays[0].values[index(place, in: arrays[0].shape)],
        arrays[1].values[index(place, in: arrays[1].shape)])
    }
    return y
  }

  /// Arithmetic on several inputs.
  static func combination(
    _ inputs: [ReferenceArray], _ kind: Combination, to shape: Shape
  ) -> ReferenceArray {
    var y = ReferenceArray(zeros: shape)
    for i in y.values.indices {
      let place = place(i, in: shape)
      let values = inputs.map { $0.values[index(place, in: $0.shape)] }
      y.values[i] =
        switch kind {
        case .sum: values.reduce(0, +)
        case .difference: values[0] - values[1]
        case .product: values.reduce(1, *)
        case .quotient: values[0] / values[1]
        case .maximum: values.max() ?? 0
        case .minimum: values.min() ?? 0
        case .average: values.reduce(0, +) / Double(values.count)
        }
    }
    return y
  }

  /// Inputs joined along an axis.
  static func stacked(_ inputs: [ReferenceArray], axis: Int, to shape: Shape) -> ReferenceArray {
    var y = ReferenceArray(zeros: shape)
    var first = 0
    for input in inputs {
      for i in input.values.indices {
        var place = place(i, in: input.shape)
        place[axis] += first
        y.values[index(place, in: shape)] = input.values[i]
      }
      first += input.shape[axis]
    }
    return y
  }

  /// A picture of another size, pixel centres half a pixel inside.
  static func resampled(
    _ x: ReferenceArray, _ interpolation: Resampling.Interpolation, to shape: Shape
  ) -> ReferenceArray {
    var y = ReferenceArray(zeros: shape)
    func clamped(_ place: Int, _ axis: Int) -> Int { min(max(place, 0), x.shape[axis] - 1) }
    for oy in 0..<shape[0] {
      for ox in 0..<shape[1] {
        let v = (Double(oy) + 0.5) * Double(x.shape[0]) / Double(shape[0])
        let u = (Double(ox) + 0.5) * Double(x.shape[1]) / Double(shape[1])
        for c in 0..<shape[2] {
          let value: Double
          switch interpolation {
          case .nearest: value = x.pixel(clamped(Int(v), 0), clamped(Int(u), 1), c)
          case .bilinear:
            let (top, left) = (Int((v - 0.5).rounded(.down)), Int((u - 0.5).rounded(.down)))
            let (dv, du) = (v - 0.5 - Double(top), u - 0.5 - Double(left))
            func at(_ dy: Int, _ dx: Int) -> Double {
              x.pixel(clamped(top + dy, 0), clamped(left + dx, 1), c)
            }
            value =
              (1 - dv) * ((1 - du) * at(0, 0) + du * at(0, 1)) + dv * ((1 - du) * at(1, 0) + du * at(1, 1))
          }
          y.values[(oy * shape[1] + ox) * shape[2] + c] = value
        }
      }
    }
    return y
  }
}
