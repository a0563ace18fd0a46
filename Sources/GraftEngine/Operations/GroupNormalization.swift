internal import GraftGraph
internal import GraftTensor

/// Groups of channels minus their means over their deviations, times a gamma plus a beta a channel or an element.
///
/// With x' = (x - mean) / deviation and dx' = gamma dy, the gradient with respect to x is
/// (dx' - mean of dx' - x' mean of dx' x') / deviation, with means over the group.
struct GroupNormalizationOperation: PlainOperation {
  let attributes: GroupNormalization
  let shape: Shape

  var kind: String { "group normalization" }
  var inputShapes: [Shape] { [shape] }
  var parameters: [String] { ["gamma", "beta"] }
  var units: Int { attributes.groups }

  private var channels: Int { shape.channels / attributes.groups }
  private var pixels: Int { shape.count / max(shape.channels, 1) }

  /// Calls `body` for each element of a group with its place, and that of its factor.
  private func forEach(_ group: Int, _ body: (_ place: Int, _ factor: Int) -> Void) {
    for pixel in 0..<pixels {
      for channel in group * channels..<(group + 1) * channels {
        let place = pixel * shape.channels + channel
        body(place, attributes.scope == .element ? place : channel)
      }
    }
  }

  private func statistics(_ group: Int, _ x: UnsafePointer<Float>) -> (mean: Float, inverse: Float) {
    var (mean, power) = (0.0, 0.0)
    let count = Double(pixels * channels)
    forEach(group) { place, _ in mean += Double(x[place]) }
    mean /= count
    forEach(group) { place, _ in
      let deviation = Double(x[place]) - mean
      power += deviation * deviation
    }
    return (Float(mean), Float(1 / (power / count + Double(attributes.epsilon)).squareRoot()))
  }

  func forward(_ units: Range<Int>, _ arrays: PlainArrays, into y: UnsafeMutablePointer<Float>) {
    let (gamma, beta) = (arrays.parameters[0], arrays.parameters[1])
    for group in units {
      let (mean, inverse) = statistics(group, arrays.x)
      forEach(group) { place, factor in
        y[place] = (arrays.x[place] - mean) * inverse * (gamma?[factor] ?? 1) + (beta?[factor] ?? 0)
      }
    }
  }

  func backward(_ dy: UnsafePointer<Float>, _ arrays: PlainArrays, into gradients: PlainGradients) {
    let gamma = arrays.parameters[0]
    for group in 0..<units {
      let (mean, inverse) = statistics(group, arrays.x)
      var (first, second) = (0.0, 0.0)
      forEach(group) { place, factor in
        let unit = (arrays.x[place] - mean) * inverse
        if let dGamma = gradients.parameters[0] { dGamma[factor] += dy[place] * unit }
        if let dBeta = gradients.parameters[1] { dBeta[factor] += dy[place] }
        let d = Double(dy[place] * (gamma?[factor] ?? 1))
        first += d
        second += d * Double(unit)
      }
      guard let dx = gradients.x else { continue }
      let count = Double(pixels * channels)
      let (meanOfFirst, meanOfSecond) = (Float(first / count), Float(second / count))
      forEach(group) { place, factor in
        let unit = (arrays.x[place] - mean) * inverse
        dx[place] += inverse * (dy[place] * (gamma?[factor] ?? 1) - meanOfFirst - unit * meanOfSecond)
      }
    }
  }
}

/// Rows over their lengths.
struct UnitNormalizationOperation: PlainOperation {
  let shape: Shape

  var kind: String { "unit normalization" }
  var inputShapes: [Shape] { [shape] }
  var units: Int { shape.count / max(shape.channels, 1) }

  /// What a row is at the most multiplied by: one over Keras's epsilon.
  private static let most = 1e12

  private func inverse(_ x: UnsafePointer<Float>) -> Double {
    var sum = 0.0
    for i in 0..<shape.channels { sum += Double(x[i]) * Double(x[i]) }
    return min(1 / sum.squareRoot(), Self.most)
  }

  func forward(_ units: Range<Int>, _ arrays: PlainArrays, into y: UnsafeMutablePointer<Float>) {
    for row in units {
      let first = row * shape.channels
      let inverse = inverse(arrays.x + first)
      for i in first..<first + shape.channels { y[i] = Float(Double(arrays.x[i]) * inverse) }
    }
  }

  /// dx = (dy - y (the sum of dy y over the row)) / length
  func backward(_ dy: UnsafePointer<Float>, _ arrays: PlainArrays, into gradients: PlainGradients) {
    guard let dx = gradients.x else { return }
    for row in 0..<units {
      let range = row * shape.channels..<(row + 1) * shape.channels
      let inverse = inverse(arrays.x + range.lowerBound)
      var sum = 0.0
      if inverse < Self.most { for i in range { sum += Double(dy[i]) * Double(arrays.x[i]) * inverse } }
      for i in range { dx[i] += Float(inverse * (Double(dy[i]) - Double(arrays.x[i]) * inverse * sum)) }
    }
  }
}
