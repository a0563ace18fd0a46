internal import GraftGraph
internal import GraftTensor

/// A layer on its way from a graph's node to a step of a plan.
///
/// Passes merge layers: a layer *absorbs* the one before it and stays in its own place, so that everything it
/// reads still comes before it.
struct Layer {
  /// What is computed, apart from the activation.
  enum Kind {
    case input
    /// Reads a picture, and as second input, if there is one, a residual that is added to the sums.
    case convolution(LinearWeights, SlidingWindow, groups: Int)
    case depthwise(LinearWeights, SlidingWindow)
    /// A matrix product of each row of the input; the second input is as for a convolution.
    case product(LinearWeights)
    /// One scale and offset a channel.
    case affine(scale: [Double], offset: [Double])
    case rescaling(scale: Float, offset: Float)
    /// Nothing but the activation.
    case activation
    case softmax
    /// Rows minus their means over their deviations; one gamma and beta a channel, or nil.
    case layerNormalization(gamma: [Float]?, beta: [Float]?, epsilon: Float)
    case pooling(SlidingWindow, takesMax: Bool, paddingCounts: Bool)
    case globalPooling(GlobalPooling.Kind)
    case zeroPadding(EdgeInsets)
    case cropping(EdgeInsets)
    case add
    /// Element by element.
    case multiply
    /// A picture times one factor a channel, which is the second input.
    case channelScaling
    case concatenation
    /// Plain loops, with the parameters that they want; nil for those that the layer does not have.
    case plain(any PlainOperation, parameters: [[Float]?])
    /// Three layers, or two, that run over bands of rows; the second input is as for a convolution.
    case banded(BandedLayers)
  }

  /// The node whose result this layer gives.
  var name: String
  var kind: Kind
  /// Indices of layers, all smaller than the layer's own.
  var inputs: [Int]
  /// What the inputs are taken to be; their elements may stand under another shape elsewhere.
  var inputShapes: [Shape]
  /// What the result is taken to be; readers may take its elements to stand under another shape.
  var shape: Shape
  var activation = KernelActivation.none
  /// The shape of a convolution's results where only the largest of each 2 x 2 of them are kept.
  var pooledFrom: Shape?
  /// Floats from one pixel to the next of the first input and of the result, where there is a gap behind each.
  var inputStride: Int?
  var outputStride: Int?

  /// Floats that the result takes.
  var storedCount: Int { outputStride.map { shape.count / shape.channels * $0 } ?? shape.count }
}

/// A window over a picture, with the padding on its upper and left side spelled out. What it covers beyond the
/// picture on the other sides follows from the sizes.
struct SlidingWindow: Hashable {
  var kernel: Extent
  var stride: Extent
  var dilation: Extent
  var top: Int
  var left: Int
  /// Whether there is any padding.
  var isPadded: Bool

  init(_ window: Window, over shape: Shape) {
    kernel = window.kernel
    stride = window.stride
    dilation = window.dilation
    let insets = window.insets(over: shape)
    top = insets.top
    left = insets.left
    isPadded = insets != .zero
  }

  /// Whether each output is made of the one input pixel at its place.
  var isPointwise: Bool { kernel == 1 && stride == 1 && !isPadded }
}

/// The layers that a plan needs, while passes work on them.
struct Program {
  /// In the order of the graph; nil where a layer has been absorbed by another or is not needed.
  var layers: [Layer?] = []
  /// For each output that was asked for, the layer that gives it.
  var outputs: [Int] = []
  /// How often each layer is read, outputs included.
  var uses: [Int] = []

  /// The layer at `index` if it is read by one other layer only, and may thus become a part of it.
  func absorbable(_ index: Int) -> Layer? { uses[index] == 1 ? layers[index] : nil }

  /// Puts `merged` in the place of the layer at `index`, which absorbs the one at `absorbed`.
  mutating func replace(_ index: Int, by merged: Layer, absorbing absorbed: Int) {
    layers[index] = merged
    layers[absorbed] = nil
    uses[absorbed] = 0
  }

  /// Applies all passes to each layer, in order.
  mutating func optimize() {
    for index in layers.indices {
      _ =
        foldZeroPadding(into: index) || foldScale(at: index) || fuseActivation(at: index)
        || mergeBranches(at: index) || fuseAddition(at: index) || fusePooling(at: index)
    }
    // Only now have layers all that belongs to them.
    for index in layers.indices { fuseBands(at: index) }
    for index in layers.indices { spreadPixels(at: index) }
  }
}
