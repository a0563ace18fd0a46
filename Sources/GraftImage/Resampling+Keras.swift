extension Image {
  /// Writes the picture squeezed to `newHeight` x `newWidth` x 3 fractions in 0...255, RGB, into `target`.
  ///
  /// Bilinear without antialias, half-pixel centres, in Float32: TensorFlow's `ResizeBilinear` kernel, step by
  /// step, so that `tf.image.resize` gives the same bits.
  package func resizedLikeKeras(
    width newWidth: Int, height newHeight: Int, into target: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(
      newWidth >= 1 && newHeight >= 1, "a picture cannot be resized to \(newWidth) x \(newHeight) pixels")
    precondition(
      target.count == newWidth * newHeight * 3,
      "\(newHeight) x \(newWidth) x 3 values do not fit in a buffer of \(target.count)")
    let columns = interpolation(input: width, output: newWidth)
    let rows = interpolation(input: height, output: newHeight)
    pixels.withUnsafeBufferPointer { pixels in
      guard let source = pixels.baseAddress, var next = target.baseAddress else { return }
      for row in rows {
        let upper = source + row.lower * width * 3
        let lower = source + row.upper * width * 3
        for column in columns {
          let left = column.lower * 3
          let right = column.upper * 3
          for channel in 0..<3 {
            let topLeft = Float(upper[left + channel])
            let topRight = Float(upper[right + channel])
            let bottomLeft = Float(lower[left + channel])
            let bottomRight = Float(lower[right + channel])
            let top = topLeft + (topRight - topLeft) * column.fraction
            let bottom = bottomLeft + (bottomRight - bottomLeft) * column.fraction
            next[channel] = top + (bottom - top) * row.fraction
          }
          next += 3
        }
      }
    }
  }
}

/// The two input positions around an output position, and how far it lies from the lower one.
private struct Interpolation {
  var lower: Int
  var upper: Int
  var fraction: Float
}

private func interpolation(input: Int, output: Int) -> [Interpolation] {
  let scale = Float(input) / Float(output)
  return (0..<output).map { index in
    let position = (Float(index) + 0.5) * scale - 0.5
    let floor = position.rounded(.down)
    return Interpolation(
      lower: min(max(Int(floor), 0), input - 1),
      upper: min(max(Int(position.rounded(.up)), 0), input - 1),
      fraction: position - floor)
  }
}
