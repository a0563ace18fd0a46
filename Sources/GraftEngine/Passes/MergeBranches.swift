internal import GraftGraph
internal import GraftTensor

extension Program {
  /// Makes one convolution of two whose sum is taken and that read the same picture, and returns whether it could.
  ///
  /// The smaller kernel is added to the larger one where it lies in it; one scale and offset a channel is a
  /// convolution of one pixel. RepVGG's blocks become one convolution each: Ding et al., 2021, arXiv 2101.03697.
  mutating func mergeBranches(at index: Int) -> Bool {
    guard let sum = layers[index], case .add = sum.kind, sum.inputs[0] != sum.inputs[1],
      let a = layers[sum.inputs[0]]?.branch, let b = layers[sum.inputs[1]]?.branch,
      sum.inputs.allSatisfy({ absorbable($0) != nil }), a.source == b.source,
      a.inputShape == b.inputShape, sum.inputShapes[0] == sum.inputShapes[1]
    else { return false }
    guard let merged = a.adding(b) ?? b.adding(a), let window = merged.window else { return false }
    layers[index] = Layer(
      name: sum.name, kind: .convolution(merged.weights, window, groups: 1), inputs: [merged.source],
      inputShapes: [merged.inputShape], shape: sum.inputShapes[0], activation: sum.activation)
    for input in sum.inputs {
      layers[input] = nil
      uses[input] = 0
    }
    uses[merged.source] -= 1
    return true
  }
}

/// One of several layers that read the same picture and whose results are added.
private struct Branch {
  var source: Int
  var inputShape: Shape
  /// A convolution's matrix; of a scale and offset a channel, one row with its figures.
  var weights: LinearWeights
  /// The window of a convolution; nil for one scale and offset a channel.
  var window: SlidingWindow?

  /// The convolution that gives the sum of this one and another branch, if that lies within its window.
  func adding(_ other: Branch) -> Branch? {
    guard let window, window.dilation == 1, other.weights.columns == weights.columns else { return nil }
    let kernel = other.window?.kernel ?? 1
    let (top, left) = (window.top - (other.window?.top ?? 0), window.left - (other.window?.left ?? 0))
    guard window.stride == other.window?.stride ?? 1, other.window?.dilation ?? 1 == 1, top >= 0, left >= 0,
      top + kernel.height <= window.kernel.height, left + kernel.width <= window.kernel.width
    else { return nil }
    let (channels, columns) = (inputShape.channels, weights.columns)
    var values = weights.values()
    let terms = other.weights.values()
    if other.window == nil {
      guard channels == columns else { return nil }
      let row = (top * window.kernel.width + left) * channels
      for channel in 0..<channels { values[(row + channel) * columns + channel] += terms[channel] }
    } else {
      // A row of the kernel is one run of columns x channels x filters.
      let run = kernel.width * channels * columns
      for y in 0..<kernel.height {
        let start = ((top + y) * window.kernel.width + left) * channels * columns
        for i in 0..<run { values[start + i] += terms[y * run + i] }
      }
    }
    var sum = self
    sum.weights.matrix = Tensor(shape: weights.matrix.shape, scalars: values.map(Float.init))
    sum.weights.scale = nil
    let zeros = [Double](repeating: 0, count: columns)
    sum.weights.offset = zip(weights.offset ?? zeros, other.weights.offset ?? zeros).map { $0 + $1 }
    return sum
  }
}

extension Layer {
  /// The layer as a branch, if it is a plain convolution or a scale and offset a channel, and nothing else.
  fileprivate var branch: Branch? {
    guard inputs.count == 1, activation == .none, pooledFrom == nil else { return nil }
    switch kind {
    case .convolution(let weights, let window, groups: 1):
      return Branch(source: inputs[0], inputShape: inputShapes[0], weights: weights, window: window)
    case .affine(let scale, let offset):
      guard inputShapes[0] == shape, shape.rank == 3 else { return nil }
      let matrix = Tensor(shape: [1, scale.count], scalars: [Float](repeating: 1, count: scale.count))
      return Branch(
        source: inputs[0], inputShape: shape,
        weights: LinearWeights(
          layer: name, matrix: matrix, columns: scale.count, scale: scale, offset: offset))
    default:
      return nil
    }
  }
}

extension LinearWeights {
  /// The matrix with its scales, in Double.
  fileprivate func values() -> [Double] {
    matrix.withUnsafeScalars { scalars in
      guard let scale else { return scalars.map(Double.init) }
      return scalars.indices.map { Double(scalars[$0]) * scale[$0 % columns] }
    }
  }
}
