internal import GraftGraph
internal import GraftTensor

/// Convolutions, one after the other, that run together over bands of rows, so that what lies between them never
/// leaves the second-level cache.
struct BandedLayers {
  struct Stage {
    enum Kind {
      /// The product of each pixel's channels.
      case pointwise
      /// Only as the first stage, with a kernel larger than one pixel.
      case convolution
      case depthwise
    }

    var kind: Kind
    var weights: LinearWeights
    var window: SlidingWindow
    var activation: KernelActivation
    /// What it reads and gives.
    var input: Shape
    var output: Shape

    /// Floats from one pixel of the result to the next in a band: an odd number of cache lines, so that pixels
    /// spread over all sets of the cache.
    var bandStride: Int {
      let lines = (output.channels + 15) / 16
      return (lines | 1) * 16
    }
  }

  var stages: [Stage]

  /// Floats of an array from which on it would not stay in the cache by itself.
  static let worthwhile = 1 << 17

  /// Rows of each stage's results that `rows` rows of the last one's are made of.
  func rows(for rows: Int) -> [Int] {
    var counts = [Int](repeating: rows, count: stages.count)
    for number in stages.indices.dropLast().reversed() {
      let window = stages[number + 1].window
      counts[number] = min(
        (counts[number + 1] - 1) * window.stride.height + window.kernel.height,
        stages[number].output[0])
    }
    return counts
  }

  /// Bytes of all that lies between the stages, for `rows` rows of results.
  func bytes(rows count: Int) -> Int {
    zip(stages, rows(for: count)).dropLast().reduce(0) {
      $0 + $1.1 * $1.0.output[1] * $1.0.bandStride * MemoryLayout<Float>.stride
    }
  }
}
