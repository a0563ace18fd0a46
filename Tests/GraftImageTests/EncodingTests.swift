import Foundation
import GraftImage
import Testing
import _GraftTestSupport

@Suite("Written pictures")
struct EncodingTests {
  /// A smooth picture: what JPEG is for.
  private func scene(_ width: Int, _ height: Int) -> Image {
    Image(width: width, height: height) { target in
      for row in 0..<height {
        for column in 0..<width {
          let at = (row * width + column) * 3
          target[at] = UInt8(255 * column / max(width - 1, 1))
          target[at + 1] = UInt8(255 * row / max(height - 1, 1))
          target[at + 2] = UInt8(127 + 100 * sin(Double(column + row) / 9))
        }
      }
    }
  }

  private func meanDifference(_ a: Image, _ b: Image) -> Double {
    let sum = zip(a.pixels, b.pixels).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
    return Double(sum) / Double(a.pixels.count)
  }

  @Test("A written JPEG is read back as nearly the same picture, the nearer the higher the quality")
  func roundTrip() throws {
    for (width, height) in [(1, 1), (16, 16), (61, 37), (200, 150)] {
      let image = scene(width, height)
      var last = Double.infinity
      for quality in [10, 60, 95] {
        let bytes = try image.jpeg(quality: quality)
        let back = try Image(decoding: bytes, name: "written")
        #expect(back.width == width && back.height == height)
        let difference = meanDifference(image, back)
        #expect(
          difference <= last + 0.1 && difference < (quality == 95 ? 2.5 : 14), "\(quality): \(difference)")
        last = difference
      }
    }
  }

  @Test("Noise at the highest quality fits in the room that is kept for it")
  func capacity() throws {
    for (width, height) in [(1, 1), (7, 300), (129, 65), (400, 300)] {
      let image = noise(width, height)
      let back = try Image(decoding: image.jpeg(quality: 100), name: "written")
      #expect(back.width == width && back.height == height)
      // What is written depends on the pixels alone.
      #expect(try image.jpeg(quality: 100) == image.jpeg(quality: 100))
    }
  }

  @Test("A written JPEG shows the same pixels as one that Pillow wrote at the same quality")
  func pillow() throws {
    let encoded = try AugmentationGoldenTests.reference.get().encoded
    #expect(encoded.count == 2)
    for golden in encoded {
      let back = try Image(decoding: noise(11, 18).jpeg(quality: golden.quality), name: "written")
      // Not quite the same where libjpeg is not the one in Pillow; another quality differs by tens of grey levels.
      #expect(largestDifference(back.pixels, golden.pixels) <= 2, "quality \(golden.quality)")
    }
  }

  @Test("What no JPEG file can hold, and what cannot be written, is refused with the reason")
  func refused() throws {
    let long = Image(width: 65501, height: 1, pixels: [UInt8](repeating: 0, count: 65501 * 3))
    let tooLarge = #expect(throws: ImageError.self) { try long.jpeg() }
    #expect(tooLarge?.code == .tooLarge)
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "sheet.jpg").path
      try noise(9, 7).writeJPEG(to: path)
      #expect(try Image(contentsOf: path).width == 9)
      let missing = folder.appending(path: "none/sheet.jpg").path
      let unwritable = #expect(throws: ImageError.self) { try noise(9, 7).writeJPEG(to: missing) }
      #expect(unwritable?.code == .unwritable && unwritable?.message.contains("none") == true)
    }
  }

  @Test("A sheet shows the network's picture first, then the changed ones of its draws, on white")
  func sheet() {
    let photos = [(number: 4, image: noise(40, 30)), (number: 9, image: noise(20, 50))]
    let preprocessing = Preprocessing(mode: .tf)
    let augmentation = Augmentation.crop().then(.flip).then(.color())
    let sheet = AugmentationSheet(augmentation, preprocessing: preprocessing, size: 10, views: 3, seed: 5)
      .image(of: photos)
    #expect(sheet.width == 4 * 14 + 4 && sheet.height == 2 * 14 + 4)
    for (row, photo) in photos.enumerated() {
      for column in 0...3 {
        let (x, y) = (4 + 14 * column, 4 + 14 * row)
        let cell = sheet.cropped(columns: x..<x + 10, rows: y..<y + 10)
        if column == 0 {
          #expect(
            cell
              == Augmentation.none.apply(
                to: photo.image, size: 10, draw: AugmentationDraw(seed: 0, epoch: 0, picture: 0)))
        } else {
          #expect(
            cell
              == augmentation.apply(
                to: photo.image, size: 10,
                draw: AugmentationDraw(seed: 5, epoch: column - 1, picture: photo.number)))
        }
      }
    }
    #expect(sheet.cropped(columns: 0..<4, rows: 0..<sheet.height).pixels.allSatisfy { $0 == 255 })
    #expect(sheet.cropped(columns: 14..<18, rows: 0..<sheet.height).pixels.allSatisfy { $0 == 255 })
  }
}
