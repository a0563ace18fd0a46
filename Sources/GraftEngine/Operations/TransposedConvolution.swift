internal import GraftGraph
internal import GraftTensor

/// A transposed convolution: each pixel adds its products with the kernel to a window of the result.
struct TransposedConvolutionOperation: PlainOperation {
  let attributes: TransposedConvolution
  let inputShapes: [Shape]
  let shape: Shape
  private let top: Int
  private let left: Int

  init(_ attributes: TransposedConvolution, from input: Shape, to shape: Shape) {
    self.attributes = attributes
    inputShapes = [input]
    self.shape = shape
    let insets = attributes.window.insets(over: shape)
    (top, left) = (insets.top, insets.left)
  }

  var kind: String { "transposed convolution" }
  var parameters: [String] { ["kernel", "bias"] }
  var units: Int { shape[0] }

  /// Calls `body` for each tap that leads from a pixel of the input to one of a row of the result.
  private func forEachTap(_ row: Int, _ body: (_ input: Int, _ output: Int, _ tap: Int) -> Void) {
    let (a, x) = (attributes, inputShapes[0])
    for ky in 0..<a.kernel.height {
      let fromTop = row + top - ky * a.dilation.height
      guard fromTop >= 0, fromTop % a.stride.height == 0, fromTop / a.stride.height < x[0] else { continue }
      let iy = fromTop / a.stride.height
      for kx in 0..<a.kernel.width {
        for ix in 0..<x[1] {
          let ox = ix * a.stride.width + kx * a.dilation.width - left
          guard (0..<shape[1]).contains(ox) else { continue }
          body(iy * x[1] + ix, row * shape[1] + ox, ky * a.kernel.width + kx)
        }
      }
    }
  }

  func forward(_ units: Range<Int>, _ arrays: PlainArrays, into y: UnsafeMutablePointer<Float>) {
    guard let kernel = arrays.parameters[0] else { return }
    let (channels, filters) = (inputShapes[0][2], shape[2])
    for row in units {
      for pixel in row * shape[1]..<(row + 1) * shape[1] {
        for f in 0..<filters { y[pixel * filters + f] = arrays.parameters[1]?[f] ?? 0 }
      }
      forEachTap(row) { input, output, tap in
        let (x, y) = (arrays.x + input * channels, y + output * filters)
        let weights = kernel + tap * filters * channels
        for f in 0..<filters {
          var sum = SIMD8<Float>(repeating: 0)
          let weights = weights + f * channels
          var c = 0
          while c + 8 <= channels {
            sum +=
              UnsafeRawPointer(x + c).loadUnaligned(as: SIMD8<Float>.self)
              * UnsafeRawPointer(weights + c).loadUnaligned(as: SIMD8<Float>.self)
            c += 8
          }
          var rest: Float = 0
          while c < channels {
            rest += x[c] * weights[c]
            c += 1
          }
          y[f] += sum.sum() + rest
        }
      }
    }
  }

  func backward(_ dy: UnsafePointer<Float>, _ arrays: PlainArrays, into gradients: PlainGradients) {
    guard let kernel = arrays.parameters[0] else { return }
    let (channels, filters) = (inputShapes[0][2], shape[2])
    for row in 0..<shape[0] {
      forEachTap(row) { input, output, tap in
        let (x, dy) = (arrays.x + input * channels, dy + output * filters)
        for f in 0..<filters {
          let place = (tap * filters + f) * channels
          if let dx = gradients.x {
            for c in 0..<channels { dx[input * channels + c] += dy[f] * kernel[place + c] }
          }
          if let dKernel = gradients.parameters[0] {
            for c in 0..<channels { dKernel[place + c] += dy[f] * x[c] }
          }
        }
      }
    }
    if let dBias = gradients.parameters[1] {
      for place in 0..<shape.count { dBias[place % filters] += dy[place] }
    }
  }
}
