internal import GraftGraph
internal import GraftTensor

/// Product of each row with a matrix: y = x W + b, so dW = xᵀ dy and dx = dy Wᵀ.
struct DenseTraining: TrainingOperation {
  let name: String
  let units: Int
  let inputShapes: [Shape]
  let shape: Shape

  /// Rows of the matrix that make a share.
  private static let block = 256

  init(_ name: String, units: Int, from input: Shape, to output: Shape) {
    self.name = name
    self.units = units
    inputShapes = [input]
    shape = output
  }

  var gradientReads: (inputs: Bool, output: Bool) { (true, false) }
  var appliesActivation: Bool { true }

  private var depth: Int { inputShapes[0].channels }
  private var rows: Int { inputShapes[0].count / max(depth, 1) }
  private var shares: Int { (depth + Self.block - 1) / Self.block }

  private func range(_ share: Int) -> Range<Int> {
    share * Self.block..<min((share + 1) * Self.block, depth)
  }

  private func sums(_ pictures: Int) -> ChannelSums { ChannelSums(rows: pictures * rows, channels: units) }

  func room(pictures: Int, _ kernels: KernelTable) -> TrainingRoom {
    TrainingRoom(worker: 0, common: sums(pictures).room(terms: 1))
  }

  func inferenceLayer(_ parameters: LayerParameters, _ activation: KernelActivation) -> Layer? {
    layer(
      name,
      .product(
        LinearWeights(
          layer: name, matrix: parameters.tensor("kernel"), columns: units, offset: parameters.doubles("bias")
        )), activation)
  }

  func backward(_ pass: BackwardPass) {
    let total = pass.pictures * rows
    if let bias = pass.parameters.gradient("bias") {
      sums(pass.pictures).bias(pass.gradient, into: bias, pass.scratch)
    }
    if let kernel = pass.parameters.gradient("kernel") {
      pass.scratch.forEach(shares) { share, _ in
        let range = range(share)
        BLAS.multiply(
          m: range.count, n: units, k: total,
          BLAS.Matrix(pass.inputs[0] + range.lowerBound, stride: depth, transposed: true),
          BLAS.Matrix(UnsafePointer(pass.gradient), stride: units), into: kernel + range.lowerBound * units,
          stride: units)
      }
    }
    if let target = pass.targets[0], let kernel = pass.parameters.values("kernel") {
      pass.scratch.forEach(shares) { share, _ in
        let range = range(share)
        BLAS.multiply(
          m: total, n: range.count, k: units, BLAS.Matrix(UnsafePointer(pass.gradient), stride: units),
          BLAS.Matrix(UnsafePointer(kernel + range.lowerBound * units), stride: units, transposed: true),
          beta: target.accumulates ? 1 : 0, into: target.base + range.lowerBound, stride: depth)
      }
    }
  }
}
