extension Image {
  /// Covers a square with the mean colour of ImageNet's training photos, to which networks trained on it give an
  /// input of about 0. Edges are rounded to whole pixels; what lies outside the picture is cut off.
  package func covered(centerX: Double, centerY: Double, side: Double) -> Image {
    func range(_ center: Double, _ count: Int) -> Range<Int> {
      let first = min(max(Int((center - side / 2).rounded()), 0), count)
      let end = min(max(Int((center + side / 2).rounded()), first), count)
      return first..<end
    }
    let columns = range(centerX, width)
    let mean: [UInt8] = [124, 116, 104]
    var pixels = pixels
    for row in range(centerY, height) {
      for column in columns {
        for channel in 0..<3 { pixels[(row * width + column) * 3 + channel] = mean[channel] }
      }
    }
    return Image(width: width, height: height, pixels: pixels)
  }
}
