internal import GraftGraph
internal import GraftTensor

/// An activation. Where its slope follows from its result, the result may take the place of the input.
struct ActivationTraining: TrainingOperation {
  let name: String
  let activation: Activation
  let inputShapes: [Shape]
  let shape: Shape

  init(_ name: String, _ activation: Activation, over shape: Shape) {
    self.name = name
    self.activation = activation
    inputShapes = [shape]
    self.shape = shape
  }

  var gradientReads: (inputs: Bool, output: Bool) {
    switch activation {
    case .swish, .hardSwish, .gelu, .function: (true, false)
    case .linear: (false, false)
    case .relu, .relu6, .hardSigmoid, .sigmoid, .softmax: (false, true)
    }
  }

  var mayOverwrite: Bool { !gradientReads.inputs }
  var passedInput: Int? { 0 }

  func room(pictures: Int, _ kernels: KernelTable) -> TrainingRoom {
    activation == .swish || activation == .gelu ? TrainingRoom(worker: elementsPerShare) : TrainingRoom()
  }

  func inferenceLayer(_ parameters: LayerParameters, _ activation: KernelActivation) -> Layer? {
    switch self.activation {
    case .softmax: layer(name, .softmax)
    case .function(let function) where KernelActivation(function) == nil:
      layer(name, .plain(ScalarFunctionOperation(function: function, shape: shape), parameters: []))
    default: layer(name, .activation, KernelActivation(applying: self.activation))
    }
  }

  func backward(_ pass: BackwardPass) {
    guard let target = pass.targets[0] else { return }
    if activation == .softmax {
      softmax(pass, into: target)
      return
    }
    pass.scratch.forEachBlock(pass.pictures * shape.count) { range, worker in
      let first = range.lowerBound
      let (dy, dx) = (UnsafePointer(pass.gradient + first), target.base + first)
      elementwise(
        range.count, dy, x: pass.inputs[0] + first, y: pass.output + first, into: dx, target.accumulates,
        pass,
        worker)
    }
  }

  private func elementwise(
    _ n: Int, _ dy: UnsafePointer<Float>, x: UnsafePointer<Float>, y: UnsafePointer<Float>,
    into dx: UnsafeMutablePointer<Float>, _ accumulates: Bool, _ pass: BackwardPass, _ worker: Int
  ) {
    func put(_ slope: (Int) -> Float) {
      for i in 0..<n { dx[i] = accumulates ? dx[i] + dy[i] * slope(i) : dy[i] * slope(i) }
    }
    switch activation {
    case .linear, .softmax:
      VectorLoops.put(n, dy, into: dx, accumulates: accumulates)
    case .relu:
      VectorLoops.gate(
        n, dy, where: y, above: 0, below: .infinity, times: 1, into: dx, accumulates: accumulates)
    case .relu6:
      VectorLoops.gate(n, dy, where: y, above: 0, below: 6, times: 1, into: dx, accumulates: accumulates)
    case .hardSigmoid:
      VectorLoops.gate(n, dy, where: y, above: 0, below: 1, times: 1 / 6, into: dx, accumulates: accumulates)
    case .sigmoid:
      put { y[$0] * (1 - y[$0]) }
    case .hardSwish:
      put { x[$0] <= -3 ? 0 : x[$0] >= 3 ? 1 : (2 * x[$0] + 3) / 6 }
    case .swish:
      let s = pass.scratch[worker]
      pass.kernels.activate(n, x, into: s, KernelActivation(.sigmoid))
      put { s[$0] + x[$0] * s[$0] * (1 - s[$0]) }
    case .function(let function):
      put { Float(function.slope(Double(x[$0]))) }
    case .gelu:
      let s = pass.scratch[worker]
      pass.kernels.geluSlope(n, x, into: s)
      VectorLoops.product(n, dy, s, into: dx, accumulates: accumulates)
    }
  }

  /// dx = y (dy - the sum of dy y over the row)
  private func softmax(_ pass: BackwardPass, into target: BackwardPass.Target) {
    let columns = shape.channels
    pass.forEachRow(of: shape) { row, _ in
      let (y, dy, dx) = (
        pass.output + row * columns, pass.gradient + row * columns, target.base + row * columns
      )
      var sum: Float = 0
      for i in 0..<columns { sum += dy[i] * y[i] }
      for i in 0..<columns {
        let value = y[i] * (dy[i] - sum)
        dx[i] = target.accumulates ? dx[i] + value : value
      }
    }
  }
}
