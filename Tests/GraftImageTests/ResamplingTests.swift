import GraftImage
import Testing

@Suite("Resampling")
struct ResamplingTests {
  @Test("a resized picture has Pillow's bytes", arguments: Golden.all.resized)
  func resizedLikePillow(_ golden: Golden.Resized) throws {
    let filter = try #require(Image.Filter(rawValue: golden.filter ?? ""))
    let image = noise(golden.from[0], golden.from[1])
    let resized = image.resized(width: golden.to[0], height: golden.to[1], filter: filter)
    let expected = Golden.bytes(at: golden.offset, count: golden.to[0] * golden.to[1] * 3)
    try #require(resized.pixels.count == expected.count)
    let difference = largestDifference(resized.pixels, expected)
    // From version 13 on Pillow runs the vertical pass first where it takes away more than twice as many rows as
    // the other takes columns (Resample.c, ImagingResampleInner); the rounding in between then differs.
    let removedRows = golden.from[1] - golden.to[1]
    let isVerticalFirst = removedRows > 0 && removedRows > 2 * (golden.from[0] - golden.to[0])
    let allowed = filter == .bilinear && isVerticalFirst ? 1 : 0
    #expect(difference <= allowed, "differs by up to \(difference) grey levels")
  }

  @Test("resizing a part is resizing and then cropping", arguments: Image.Filter.allCases)
  func partEqualsCrop(_ filter: Image.Filter) {
    let image = noise(61, 47)
    for (width, height) in [(24, 20), (90, 100), (61, 47), (61, 20), (24, 47)] {
      let columns = (width / 3)..<(width - 2)
      let rows = 1..<(height / 2)
      #expect(
        image.resized(width: width, height: height, filter: filter, columns: columns, rows: rows)
          == image.resized(width: width, height: height, filter: filter).cropped(columns: columns, rows: rows)
      )
    }
  }

  @Test("a very long picture costs no more than its centre")
  func elongated() {
    let thin = Image(width: 1, height: 100_000, pixels: (0..<300_000).map { UInt8($0 / 3 % 251) })
    let input = Preprocessing(mode: .none).input(from: thin, size: 224)
    #expect(input.count == 224 * 224 * 3)
    // Enlarged 256 times: the crop lies inside one or two pixels around the middle of the picture.
    let low = Float(min((49_999) % 251, 50_000 % 251))
    #expect(input.allSatisfy { $0 >= low && $0 <= low + 1 })
  }

  @Test("turning four times by a quarter, and reflecting twice, changes nothing")
  func orientations() {
    let image = noise(7, 5)
    #expect(image.oriented(.rotated90).oriented(.rotated90) == image.oriented(.rotated180))
    #expect(image.oriented(.rotated90).oriented(.rotated270) == image)
    for reflection in [Orientation.mirrored, .flipped, .transposed, .transversed] {
      #expect(image.oriented(reflection).oriented(reflection) == image)
      #expect(image.oriented(reflection) != image)
    }
  }
}
