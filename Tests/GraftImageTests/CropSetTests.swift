import GraftImage
import Testing

@Suite("Several crops of a picture")
struct CropSetTests {
  /// The parts that torchvision's `TenCrop` takes, pixel by pixel.
  private func reference(_ picture: Image, size: Int) -> [[UInt8]] {
    func round(_ margin: Int) -> Int { margin % 4 == 3 ? margin / 2 + 1 : margin / 2 }
    let (right, bottom) = (picture.width - size, picture.height - size)
    let corners = [(0, 0), (right, 0), (0, bottom), (right, bottom), (round(right), round(bottom))]
    func part(_ left: Int, _ top: Int, isMirrored: Bool) -> [UInt8] {
      (0..<size).flatMap { row in
        (0..<size).flatMap { column in
          let x = left + (isMirrored ? size - 1 - column : column)
          let start = ((top + row) * picture.width + x) * 3
          return Array(picture.pixels[start..<start + 3])
        }
      }
    }
    return corners.map { part($0, $1, isMirrored: false) } + corners.map { part($0, $1, isMirrored: true) }
  }

  @Test(
    "Ten crops are the corners and the centre of the resized picture, and their mirror images",
    arguments: [(50, 37), (37, 50), (40, 40), (20, 90)])
  func tenCrops(_ width: Int, _ height: Int) {
    let image = noise(width, height)
    let size = 21
    // 21 x 256 / 224 = 24.
    let resized =
      width < height
      ? image.resized(width: 24, height: height * 24 / width)
      : image.resized(width: width * 24 / height, height: 24)
    let expected = reference(resized, size: size)
    let preprocessing = Preprocessing(mode: .none)
    let ten = preprocessing.inputs(from: image, size: size, crops: .mirrored)
    #expect(ten == expected.flatMap { $0.map(Float.init) })
    #expect(
      preprocessing.inputs(from: image, size: size, crops: .corners) == Array(ten.prefix(ten.count / 2)))
    let center = preprocessing.input(from: image, size: size)
    #expect(preprocessing.inputs(from: image, size: size, crops: .center) == center)
    #expect(Array(ten[4 * center.count..<5 * center.count]) == center)
  }

  @Test("Without resizing, corners are the photo's own, and black surrounds what is too small")
  func unresized() {
    let preprocessing = Preprocessing(mode: .tf, resize: .crop)
    for (width, height) in [(30, 25), (9, 25), (8, 7)] {
      let image = noise(width, height)
      let five = preprocessing.inputs(from: image, size: 16, crops: .corners)
      let center = preprocessing.input(from: image, size: 16)
      #expect(five.count == 5 * center.count)
      if width < 16 && height < 16 {
        for part in 0..<5 { #expect(Array(five[part * center.count..<(part + 1) * center.count]) == center) }
      }
    }
    let image = noise(30, 25)
    let five = Preprocessing(mode: .none, resize: .crop).inputs(from: image, size: 16, crops: .corners)
    #expect(five == reference(image, size: 16).prefix(5).flatMap { $0.map(Float.init) })
    #expect(!Preprocessing(mode: .tf, resize: .keras).allowsCrops)
  }
}
