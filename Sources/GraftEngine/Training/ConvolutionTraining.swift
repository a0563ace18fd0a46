internal import GraftGraph
internal import GraftTensor

/// Convolution in groups of channels; in one group, with the batch normalization and the sum that follow it, if there
/// are any.
///
/// With the windows of a picture unfolded into the rows of a matrix X, y = X W; so the gradient with respect to W is
/// the sum over pictures of Xᵀ dy, and that with respect to X is dy Wᵀ, whose rows are added up where the windows
/// were (Chellapilla, Puri and Simard, 2006).
struct ConvolutionTraining: TrainingOperation {
  let name: String
  let attributes: Convolution
  private(set) var window: SlidingWindow
  private(set) var inputShapes: [Shape]
  let shape: Shape
  /// A batch normalization whose scale and offset are folded into the weights.
  var normalization: StoredStatistics?

  init(_ name: String, _ attributes: Convolution, from input: Shape, to output: Shape) {
    self.name = name
    self.attributes = attributes
    window = SlidingWindow(
      Window(
        attributes.kernel, stride: attributes.stride, dilation: attributes.dilation,
        padding: attributes.padding), over: input)
    inputShapes = [input]
    shape = output
  }

  var gradientReads: (inputs: Bool, output: Bool) { (true, false) }
  var appliesActivation: Bool { true }
  var passedInput: Int? { addsResidual ? 1 : nil }
  var gatesInput: Bool { isWhole }

  /// Whether it is one group.
  var isWhole: Bool { attributes.groups == 1 }
  /// Whether the second input is added to the sums.
  var addsResidual: Bool { inputShapes.count > 1 }

  var filters: Int { shape.channels }
  var pixels: Int { shape[0] * shape[1] }
  /// Rows of the matrix of weights.
  var depth: Int { window.kernel.height * window.kernel.width * inputShapes[0].channels / attributes.groups }
  var weightCount: Int { depth * filters }

  /// Adds a second input to the sums.
  mutating func addResidual() { inputShapes.append(shape) }

  /// Reads the picture inside a zero padding.
  mutating func absorb(_ insets: EdgeInsets, over input: Shape) {
    window = window.padded(by: insets)
    inputShapes[0] = input
  }

  func sums(_ pictures: Int) -> ChannelSums { ChannelSums(rows: pictures * pixels, channels: filters) }

  func room(pictures: Int, _ kernels: KernelTable) -> TrainingRoom {
    isWhole ? wholeRoom(pictures, kernels) : groupedRoom(pictures)
  }

  func inferenceLayer(_ parameters: LayerParameters, _ activation: KernelActivation) -> Layer? {
    var weights = LinearWeights(
      layer: name, matrix: parameters.tensor("kernel"), columns: filters,
      offset: parameters.doubles("bias"))
    if let normalization {
      let (scale, offset) = normalization.scaleAndOffset(parameters.sibling(normalization.name))
      weights.follow(scale: scale, offset: offset)
    }
    let isDepthwise =
      attributes.groups > 1 && attributes.groups == inputShapes[0].channels && attributes.groups == filters
    return layer(
      name,
      isDepthwise
        ? .depthwise(weights, window) : .convolution(weights, window, groups: attributes.groups), activation)
  }

  func inputGradient(_ parameters: LayerParameters, _ kernels: KernelTable) throws -> InputGradient? {
    guard isWhole, let kernel = parameters.values("kernel") else { return nil }
    return try InputGradient(
      name, kernel, scale: normalization.map { $0.scale(parameters.sibling($0.name)) }, window,
      from: inputShapes[0], to: shape, kernels)
  }

  func backward(_ pass: BackwardPass) {
    guard isWhole else { return backwardInGroups(pass) }
    if addsResidual, let target = pass.targets[1], target.base != pass.gradient {
      pass.scratch.forEachBlock(pass.pictures * shape.count) { range, _ in
        VectorLoops.put(
          range.count, pass.gradient + range.lowerBound, into: target.base + range.lowerBound,
          accumulates: target.accumulates)
      }
    }
    pass.scratch.slot += Phase.weights.rawValue - Phase.input.rawValue
    weightGradients(pass)
    pass.scratch.slot -= Phase.weights.rawValue - Phase.input.rawValue
    if let target = pass.targets[0] {
      guard let inputGradient = pass.inputGradient else {
        preconditionFailure("\(name): the gradient with respect to its input was not prepared")
      }
      inputGradient.run(pass, into: target)
    }
  }
}
