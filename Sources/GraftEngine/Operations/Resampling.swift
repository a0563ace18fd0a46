internal import GraftGraph
internal import GraftTensor

/// A picture made larger or smaller: each row is a weighted sum of rows, each column of columns.
struct ResamplingOperation: PlainOperation {
  /// Where on an axis a place of the result comes from, and by which share; both are the same where it is one place.
  private struct Taps {
    var first: Int
    var second: Int
    /// That of the second.
    var share: Float
  }

  let inputShapes: [Shape]
  let shape: Shape
  private let interpolation: Resampling.Interpolation

  init(_ resampling: Resampling, of input: Shape, to shape: Shape) {
    inputShapes = [input]
    self.shape = shape
    interpolation = resampling.interpolation
  }

  /// Centres of pixels lie half a pixel inside (`half_pixel_centers` in TensorFlow's `resize_bilinear_op.cc`); the
  /// nearest pixel is the one that this place falls into.
  private func taps(_ place: Int, axis: Int) -> Taps {
    let length = inputShapes[0][axis]
    let centre = (Float(place) + 0.5) * (Float(length) / Float(shape[axis]))
    switch interpolation {
    case .nearest:
      let source = min(Int(centre), length - 1)
      return Taps(first: source, second: source, share: 0)
    case .bilinear:
      let lower = (centre - 0.5).rounded(.down)
      return Taps(
        first: min(max(Int(lower), 0), length - 1), second: min(Int(lower) + 1, length - 1),
        share: centre - 0.5 - lower)
    }
  }

  var kind: String { "resampling" }
  var units: Int { shape[0] }
  var gradientReadsInputs: Bool { false }

  /// Calls `body` for the pixels of the input that a pixel of the result is made of, with their shares.
  private func forEachTap(_ y: Int, _ x: Int, _ body: (_ source: Int, _ share: Float) -> Void) {
    let (row, column) = (taps(y, axis: 0), taps(x, axis: 1))
    for (iy, v) in [(row.first, 1 - row.share), (row.second, row.share)] where v != 0 {
      for (ix, u) in [(column.first, 1 - column.share), (column.second, column.share)] where u != 0 {
        body((iy * inputShapes[0][1] + ix) * shape[2], v * u)
      }
    }
  }

  func forward(_ units: Range<Int>, _ arrays: PlainArrays, into y: UnsafeMutablePointer<Float>) {
    let channels = shape[2]
    for row in units {
      for column in 0..<shape[1] {
        let y = y + (row * shape[1] + column) * channels
        y.update(repeating: 0, count: channels)
        forEachTap(row, column) { source, share in
          let x = arrays.x + source
          for c in 0..<channels { y[c] += share * x[c] }
        }
      }
    }
  }

  func backward(_ dy: UnsafePointer<Float>, _ arrays: PlainArrays, into gradients: PlainGradients) {
    guard let gradient = gradients.x else { return }
    let channels = shape[2]
    for row in 0..<shape[0] {
      for column in 0..<shape[1] {
        let dy = dy + (row * shape[1] + column) * channels
        forEachTap(row, column) { source, share in
          for c in 0..<channels { gradient[source + c] += share * dy[c] }
        }
      }
    }
  }
}
