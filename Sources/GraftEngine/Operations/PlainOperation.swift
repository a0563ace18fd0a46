internal import GraftTensor

/// An operation by plain loops, one picture at a time, forward and backward: for layers that are too rare, or take too
/// little time, for kernels of their own. It reads one array or two.
///
/// The result is cut into units that are computed independently of each other: rows, channels or elements.
protocol PlainOperation: Sendable {
  /// What it is, for profiles.
  var kind: String { get }
  /// What it reads, without batch axis.
  var inputShapes: [Shape] { get }
  /// What it gives, without batch axis.
  var shape: Shape { get }
  /// The names of its parameters, in the order in which it is given them.
  var parameters: [String] { get }
  /// The number of units that the result is cut into.
  var units: Int { get }
  /// Whether each element of the result depends on that of the first input at the same place alone.
  var isElementwise: Bool { get }
  /// Whether the gradient with respect to the inputs depends on the inputs.
  var gradientReadsInputs: Bool { get }

  /// Computes some units of the result.
  func forward(_ units: Range<Int>, _ arrays: PlainArrays, into y: UnsafeMutablePointer<Float>)

  /// Adds what the gradient `dy` with respect to the result comes to for the inputs and parameters.
  func backward(_ dy: UnsafePointer<Float>, _ arrays: PlainArrays, into gradients: PlainGradients)
}

extension PlainOperation {
  var parameters: [String] { [] }
  var isElementwise: Bool { false }
  var gradientReadsInputs: Bool { true }
}

/// What a plain operation reads.
struct PlainArrays {
  let x: UnsafePointer<Float>
  /// The second input, if there is one.
  let second: UnsafePointer<Float>?
  /// In the order of `PlainOperation.parameters`; nil for those that the layer does not have.
  let parameters: [UnsafePointer<Float>?]
}

/// Where a plain operation adds gradients; nil for those that nobody needs.
struct PlainGradients {
  let x: UnsafeMutablePointer<Float>?
  let second: UnsafeMutablePointer<Float>?
  /// In the order of `PlainOperation.parameters`.
  let parameters: [UnsafeMutablePointer<Float>?]
}

/// A plain operation in a plan for inference.
struct PlainStep: Step {
  private let operation: any PlainOperation
  private let parameters: [AlignedBuffer?]
  private let units: Shares

  /// - Throws: `EngineError` with code `.outOfMemory`.
  init(_ operation: any PlainOperation, parameters: [[Float]?]) throws {
    self.operation = operation
    self.parameters = try parameters.map { values in
      try values.map { values in
        let buffer = try AlignedBuffer(count: values.count, for: "weights")
        for (index, value) in values.enumerated() { buffer.base[index] = value }
        return buffer
      }
    }
    let size = max(operation.shape.count / max(operation.units, 1), 1)
    units = Shares(of: operation.units, atLeast: elementsPerShare / size)
  }

  var shares: Int { units.count }

  var kind: String { operation.kind }

  var operations: Double { Double(operation.shape.count) }

  var mayOverwrite: (x: Bool, second: Bool) { (operation.isElementwise, false) }

  func run(_ share: Int, _ o: Operands) {
    let arrays = PlainArrays(
      x: o.x, second: o.second, parameters: parameters.map { $0.map { UnsafePointer($0.base) } })
    operation.forward(units[share], arrays, into: o.y)
  }
}
