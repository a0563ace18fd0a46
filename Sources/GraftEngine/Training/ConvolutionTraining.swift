internal import GraftGraph
internal import GraftTensor

/// Convolution in groups of channels.
///
/// With the windows of a picture unfolded into the rows of a matrix X, y = X W; so the gradient with respect to W is
/// the sum over pictures of Xᵀ dy, and that with respect to X is dy Wᵀ, whose rows are added up where the windows
/// were (Chellapilla, Puri and Simard, 2006).
struct ConvolutionTraining: TrainingOperation {
  let name: String
  let attributes: Convolution
  let window: SlidingWindow
  let inputShapes: [Shape]
  let shape: Shape
  private let unfolding: Unfolding

  /// Floats of all partial sums of weights together.
  private static let partialLimit = 16 << 20
  /// Partial sums at most.
  private static let largestParts = 16

  init(_ name: String, _ attributes: Convolution, from input: Shape, to output: Shape) {
    self.name = name
    self.attributes = attributes
    window = SlidingWindow(
      Window(
        attributes.kernel, stride: attributes.stride, dilation: attributes.dilation,
        padding: attributes.padding), over: input)
    inputShapes = [input]
    shape = output
    unfolding = Unfolding(window, from: input, to: output, groups: attributes.groups)
  }

  var gradientReads: (inputs: Bool, output: Bool) { (true, false) }
  var appliesActivation: Bool { true }

  private var isPointwise: Bool { window.isPointwise && attributes.groups == 1 }
  private var filters: Int { shape.channels }
  private var weightCount: Int { unfolding.depth * filters }

  private func parts(_ pictures: Int) -> Int {
    min(max(Self.partialLimit / max(weightCount, 1), 1), Self.largestParts, pictures)
  }

  private func sums(_ pictures: Int) -> ChannelSums {
    ChannelSums(rows: pictures * unfolding.pixels, channels: filters)
  }

  func room(pictures: Int) -> TrainingRoom {
    let parts = parts(pictures)
    return TrainingRoom(
      worker: isPointwise ? 0 : unfolding.blockRows * unfolding.depth,
      common: max(parts > 1 ? parts * weightCount : 0, sums(pictures).room(terms: 1)))
  }

  func inferenceLayer(_ parameters: LayerParameters, _ activation: KernelActivation) -> Layer? {
    let weights = LinearWeights(
      layer: name, matrix: parameters.tensor("kernel"), columns: filters,
      offset: parameters.doubles("bias"))
    let isDepthwise =
      attributes.groups > 1 && attributes.groups == inputShapes[0].channels && attributes.groups == filters
    return layer(
      name,
      isDepthwise
        ? .depthwise(weights, window) : .convolution(weights, window, groups: attributes.groups), activation)
  }

  func backward(_ pass: BackwardPass) {
    if let bias = pass.parameters.gradient("bias") {
      sums(pass.pictures).bias(pass.gradient, into: bias, pass.scratch)
    }
    if let kernel = pass.parameters.gradient("kernel") { weightGradient(pass, into: kernel) }
    if let target = pass.targets[0], let kernel = pass.parameters.values("kernel") {
      inputGradient(pass, kernel, into: target)
    }
  }

  private func weightGradient(_ pass: BackwardPass, into kernel: UnsafeMutablePointer<Float>) {
    let parts = parts(pass.pictures)
    guard parts > 1 else {
      weightGradient(of: 0..<pass.pictures, pass, into: kernel, pass.scratch[0])
      return
    }
    let common = pass.scratch.common
    pass.scratch.forEach(parts) { part, worker in
      let range = pass.pictures * part / parts..<pass.pictures * (part + 1) / parts
      weightGradient(of: range, pass, into: common + part * weightCount, pass.scratch[worker])
    }
    PartialSums.add(parts, count: weightCount, common, into: kernel, pass.scratch)
  }

  private func weightGradient(
    of pictures: Range<Int>, _ pass: BackwardPass, into sum: UnsafeMutablePointer<Float>,
    _ block: UnsafeMutablePointer<Float>
  ) {
    let (pixels, depth) = (unfolding.pixels, unfolding.depth)
    let groupFilters = filters / attributes.groups
    if isPointwise {
      BLAS.multiply(
        m: depth, n: filters, k: pictures.count * pixels,
        BLAS.Matrix(
          pass.inputs[0] + pictures.lowerBound * pixels * depth, stride: depth, transposed: true),
        BLAS.Matrix(pass.gradient + pictures.lowerBound * pixels * filters, stride: filters), into: sum,
        stride: filters)
      return
    }
    for group in 0..<attributes.groups {
      var isFirst = true
      for picture in pictures {
        let x = pass.inputs[0] + picture * inputShapes[0].count
        let gradient = pass.gradient + picture * shape.count + group * groupFilters
        for rows in unfolding.blocks {
          unfolding.unfold(x, group: group, pixels: rows, into: block)
          BLAS.multiply(
            m: depth, n: groupFilters, k: rows.count,
            BLAS.Matrix(UnsafePointer(block), stride: depth, transposed: true),
            BLAS.Matrix(UnsafePointer(gradient + rows.lowerBound * filters), stride: filters),
            beta: isFirst ? 0 : 1, into: sum + group * groupFilters, stride: filters)
          isFirst = false
        }
      }
    }
  }

  private func inputGradient(
    _ pass: BackwardPass, _ kernel: UnsafePointer<Float>, into target: BackwardPass.Target
  ) {
    let (pixels, depth) = (unfolding.pixels, unfolding.depth)
    let groupFilters = filters / attributes.groups
    let inputCount = inputShapes[0].count
    pass.scratch.forEach(pass.pictures) { picture, worker in
      let result = target.base + picture * inputCount
      if isPointwise {
        BLAS.multiply(
          m: pixels, n: depth, k: filters,
          BLAS.Matrix(UnsafePointer(pass.gradient + picture * shape.count), stride: filters),
          BLAS.Matrix(kernel, stride: filters, transposed: true), beta: target.accumulates ? 1 : 0,
          into: result, stride: depth)
        return
      }
      if !target.accumulates { result.update(repeating: 0, count: inputCount) }
      let block = pass.scratch[worker]
      for group in 0..<attributes.groups {
        let gradient = pass.gradient + picture * shape.count + group * groupFilters
        for rows in unfolding.blocks {
          BLAS.multiply(
            m: rows.count, n: depth, k: groupFilters,
            BLAS.Matrix(UnsafePointer(gradient + rows.lowerBound * filters), stride: filters),
            BLAS.Matrix(kernel + group * groupFilters, stride: filters, transposed: true), into: block,
            stride: depth)
          unfolding.fold(block, group: group, pixels: rows, addingTo: result)
        }
      }
    }
  }
}
