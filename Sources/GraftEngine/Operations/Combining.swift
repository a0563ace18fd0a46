internal import GraftGraph
internal import GraftTensor

/// Arithmetic on two inputs, axes of length 1 repeated.
struct CombinationOperation: PlainOperation {
  /// What of two numbers is taken.
  enum Function: Hashable, Sendable {
    case sum
    case difference
    case product
    case quotient
    case maximum
    case minimum
  }

  let function: Function
  let inputShapes: [Shape]
  let shape: Shape
  private let broadcast: Broadcast

  init(_ function: Function, _ inputShapes: [Shape], to shape: Shape) {
    self.function = function
    self.inputShapes = inputShapes
    self.shape = shape
    broadcast = Broadcast(inputShapes, to: shape)
  }

  var kind: String { "combination" }
  var units: Int { broadcast.rows }

  func forward(_ units: Range<Int>, _ arrays: PlainArrays, into y: UnsafeMutablePointer<Float>) {
    guard let second = arrays.second else { return }
    let (stepA, stepB) = (broadcast.steps[0], broadcast.steps[1])
    for row in units {
      let a = arrays.x + broadcast.offset(0, row: row)
      let b = second + broadcast.offset(1, row: row)
      let y = y + row * broadcast.columns
      switch function {
      case .sum: for i in 0..<broadcast.columns { y[i] = a[i * stepA] + b[i * stepB] }
      case .difference: for i in 0..<broadcast.columns { y[i] = a[i * stepA] - b[i * stepB] }
      case .product: for i in 0..<broadcast.columns { y[i] = a[i * stepA] * b[i * stepB] }
      case .quotient: for i in 0..<broadcast.columns { y[i] = a[i * stepA] / b[i * stepB] }
      case .maximum: for i in 0..<broadcast.columns { y[i] = max(a[i * stepA], b[i * stepB]) }
      case .minimum: for i in 0..<broadcast.columns { y[i] = min(a[i * stepA], b[i * stepB]) }
      }
    }
  }

  func backward(_ dy: UnsafePointer<Float>, _ arrays: PlainArrays, into gradients: PlainGradients) {
    guard let second = arrays.second else { return }
    for row in 0..<broadcast.rows {
      let (firstA, firstB) = (broadcast.offset(0, row: row), broadcast.offset(1, row: row))
      for i in 0..<broadcast.columns {
        let (placeA, placeB) = (firstA + i * broadcast.steps[0], firstB + i * broadcast.steps[1])
        let (slopeA, slopeB) = slopes(arrays.x[placeA], second[placeB])
        let d = dy[row * broadcast.columns + i]
        if let da = gradients.x { da[placeA] += d * slopeA }
        if let db = gradients.second { db[placeB] += d * slopeB }
      }
    }
  }

  /// The slopes with respect to both; of equal numbers the first counts as the one that was taken.
  private func slopes(_ a: Float, _ b: Float) -> (Float, Float) {
    switch function {
    case .sum: (1, 1)
    case .difference: (1, -1)
    case .product: (b, a)
    case .quotient: (1 / b, -a / (b * b))
    case .maximum: a >= b ? (1, 0) : (0, 1)
    case .minimum: a <= b ? (1, 0) : (0, 1)
    }
  }
}

extension Combination {
  /// The function of two that it is made of.
  var function: CombinationOperation.Function {
    switch self {
    case .sum, .average: .sum
    case .difference: .difference
    case .product: .product
    case .quotient: .quotient
    case .maximum: .maximum
    case .minimum: .minimum
    }
  }

  /// The operations that combine one input after the other, each the result so far with the next input.
  func operations(_ inputShapes: [Shape]) -> [CombinationOperation] {
    var operations: [CombinationOperation] = []
    var shape = inputShapes.first ?? []
    for next in inputShapes.dropFirst() {
      let result = Combination.shape(of: [shape, next]) ?? shape
      operations.append(CombinationOperation(function, [shape, next], to: result))
      shape = result
    }
    return operations
  }
}
