internal import GraftTensor

/// The axes of an array in another order.
struct PermutationOperation: PlainOperation {
  let inputShapes: [Shape]
  let shape: Shape
  /// Elements that stay together: those of the inner axes that keep their places.
  private let length: Int
  /// The lengths of the other axes of the result, and elements from one place to the next on each in the input.
  private let axes: [(length: Int, stride: Int)]

  init(order: [Int], of input: Shape, to shape: Shape) {
    inputShapes = [input]
    self.shape = shape
    var kept = 0
    while kept < order.count, order[order.count - 1 - kept] == order.count - 1 - kept { kept += 1 }
    length = input.dimensions.suffix(kept).reduce(1, *)
    var strides = [Int](repeating: 1, count: order.count)
    for axis in order.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * input[axis + 1] }
    axes = order.dropLast(kept).enumerated().map { (shape[$0.offset], strides[$0.element]) }
  }

  var kind: String { "permutation" }
  var units: Int { shape.count / max(length, 1) }
  var gradientReadsInputs: Bool { false }

  private func source(_ unit: Int) -> Int {
    var (rest, source) = (unit, 0)
    for axis in axes.reversed() {
      source += rest % axis.length * axis.stride
      rest /= axis.length
    }
    return source
  }

  func forward(_ units: Range<Int>, _ arrays: PlainArrays, into y: UnsafeMutablePointer<Float>) {
    for unit in units { (y + unit * length).update(from: arrays.x + source(unit), count: length) }
  }

  func backward(_ dy: UnsafePointer<Float>, _ arrays: PlainArrays, into gradients: PlainGradients) {
    guard let dx = gradients.x else { return }
    for unit in 0..<units {
      let (from, to) = (dy + unit * length, dx + source(unit))
      for i in 0..<length { to[i] += from[i] }
    }
  }
}
