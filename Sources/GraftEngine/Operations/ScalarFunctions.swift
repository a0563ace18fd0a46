internal import GraftGraph
internal import GraftTensor

/// A function of one number on every element.
struct ScalarFunctionOperation: PlainOperation {
  let function: ScalarFunction
  let shape: Shape

  var kind: String { "activation" }
  var inputShapes: [Shape] { [shape] }
  var units: Int { shape.count }
  var isElementwise: Bool { true }

  func forward(_ units: Range<Int>, _ arrays: PlainArrays, into y: UnsafeMutablePointer<Float>) {
    for i in units { y[i] = Float(function(Double(arrays.x[i]))) }
  }

  func backward(_ dy: UnsafePointer<Float>, _ arrays: PlainArrays, into gradients: PlainGradients) {
    guard let dx = gradients.x else { return }
    for i in 0..<shape.count { dx[i] += dy[i] * Float(function.slope(Double(arrays.x[i]))) }
  }
}

/// x, below 0 times a factor, which axes of length 1 are repeated for.
struct ParametricRectifierOperation: PlainOperation {
  private let broadcast: Broadcast
  let shape: Shape

  init(alpha: Shape, over shape: Shape) {
    self.shape = shape
    broadcast = Broadcast([alpha], to: shape)
  }

  var kind: String { "activation" }
  var inputShapes: [Shape] { [shape] }
  var parameters: [String] { ["alpha"] }
  var units: Int { broadcast.rows }
  var isElementwise: Bool { true }

  func forward(_ units: Range<Int>, _ arrays: PlainArrays, into y: UnsafeMutablePointer<Float>) {
    guard let alpha = arrays.parameters[0] else { return }
    let step = broadcast.steps[0]
    for row in units {
      let (x, y) = (arrays.x + row * broadcast.columns, y + row * broadcast.columns)
      let factors = alpha + broadcast.offset(0, row: row)
      for i in 0..<broadcast.columns { y[i] = x[i] < 0 ? factors[i * step] * x[i] : x[i] }
    }
  }

  func backward(_ dy: UnsafePointer<Float>, _ arrays: PlainArrays, into gradients: PlainGradients) {
    guard let alpha = arrays.parameters[0] else { return }
    let step = broadcast.steps[0]
    for row in 0..<broadcast.rows {
      let first = row * broadcast.columns
      let offset = broadcast.offset(0, row: row)
      for i in 0..<broadcast.columns {
        let x = arrays.x[first + i]
        if let dx = gradients.x { dx[first + i] += dy[first + i] * (x < 0 ? alpha[offset + i * step] : 1) }
        if x < 0, let dAlpha = gradients.parameters[0] { dAlpha[offset + i * step] += dy[first + i] * x }
      }
    }
  }
}
