import GraftImage
import Testing

@Suite("Cropping")
struct CropTests {
  /// A picture whose pixels tell their places: red is the column, green the row, blue 255.
  private func picture(_ width: Int, _ height: Int) -> Image {
    Image(
      width: width, height: height,
      pixels: (0..<height).flatMap { row in (0..<width).flatMap { [UInt8($0), UInt8(row), 255] } })
  }

  @Test(
    "Without resizing, the input is the centre as Pillow's crop gives it, black where there is nothing",
    arguments: [(7, 7, 4), (8, 5, 4), (4, 4, 4), (3, 9, 4), (9, 3, 6), (1, 1, 5), (2, 2, 5), (5, 2, 1)])
  func centre(_ width: Int, _ height: Int, _ size: Int) {
    let input = Preprocessing(mode: .none, resize: .crop).input(from: picture(width, height), size: size)
    // Pillow: crop((left, top, left + size, top + size)) with the corner rounded down, also below zero.
    let left = Int((Double(width - size) / 2).rounded(.down))
    let top = Int((Double(height - size) / 2).rounded(.down))
    for row in 0..<size {
      for column in 0..<size {
        let (x, y) = (left + column, top + row)
        let isInside = (0..<width).contains(x) && (0..<height).contains(y)
        let expected: [Float] = isInside ? [Float(x), Float(y), 255] : [0, 0, 0]
        let start = (row * size + column) * 3
        #expect(Array(input[start..<start + 3]) == expected, "row \(row), column \(column)")
      }
    }
  }
}
