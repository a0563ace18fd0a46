import Foundation
import GraftData
import GraftImage
import Testing
import _GraftTestSupport

@Suite("Boxes through changes of pictures")
struct PictureViewTests {
  /// A black picture with a white rectangle, whose edges are given in pixels.
  private func picture(_ width: Int, _ height: Int, columns: Range<Int>, rows: Range<Int>) -> (Image, Box) {
    var pixels = [UInt8](repeating: 0, count: width * height * 3)
    for row in rows {
      for column in columns {
        for channel in 0..<3 { pixels[(row * width + column) * 3 + channel] = 255 }
      }
    }
    let box = Box(
      left: Double(columns.lowerBound) / Double(width), top: Double(rows.lowerBound) / Double(height),
      right: Double(columns.upperBound) / Double(width), bottom: Double(rows.upperBound) / Double(height))
    return (Image(width: width, height: height, pixels: pixels), box)
  }

  /// The box around what is brighter than half, in shares; nil for nothing.
  private func bright(_ input: [Float], size: Int) -> Box? {
    var (columns, rows): ([Int], [Int]) = ([], [])
    for row in 0..<size {
      for column in 0..<size where input[(row * size + column) * 3] > 127 {
        columns.append(column)
        rows.append(row)
      }
    }
    guard let left = columns.min(), let right = columns.max(), let top = rows.min(), let bottom = rows.max()
    else { return nil }
    let side = Double(size)
    return Box(
      left: Double(left) / side, top: Double(top) / side, right: Double(right + 1) / side,
      bottom: Double(bottom + 1) / side)
  }

  private func expectNear(_ found: Box?, _ expected: Box, _ tolerance: Double, _ what: String) {
    guard let found else {
      Issue.record("\(what): nothing is to be seen, expected \(expected)")
      return
    }
    for (a, b) in zip(found.coordinates, expected.coordinates) {
      #expect(abs(a - b) <= tolerance, "\(what): \(found.coordinates), expected \(expected.coordinates)")
    }
  }

  @Test("A box lies where the pixels go, in every way to the network's size", arguments: ResizeMode.allCases)
  func resizing(_ resize: ResizeMode) {
    for (width, height) in [(90, 60), (60, 90), (64, 64), (40, 200)] {
      let (image, box) = picture(
        width, height, columns: width * 2 / 5..<width * 3 / 5, rows: height * 9 / 20..<height * 11 / 20)
      let preprocessing = Preprocessing(mode: .none, resize: resize)
      let view = preprocessing.view(width: width, height: height, size: 48)
      let found = bright(preprocessing.input(from: image, size: 48), size: 48)
      expectNear(found, view(box), 1.1 / 48, "\(resize) \(width) x \(height)")
      expectNear(view.inverse(view(box)), box, 1e-12, "\(resize) there and back")
    }
  }

  @Test(
    "A box lies where augmentation takes it",
    arguments: [
      "flip=1", "vertical-flip=1", "crop=0.4:1", "scale-jitter", "translation=0.2", "crop,flip,translation",
      "crop=0.6:1,flip,vertical-flip,color,pca",
    ])
  func augmentation(_ text: String) throws {
    let augmentation = try Augmentation(parsing: text)
    let size = 96
    let (image, box) = picture(150, 110, columns: 50..<85, rows: 40..<66)
    let preprocessing = Preprocessing(mode: .none, resize: .squeeze)
    var seen = 0
    for number in 0..<40 {
      let draw = AugmentationDraw(seed: 3, epoch: number, picture: number)
      let view = preprocessing.view(
        width: 150, height: 110, size: size, augmentation: augmentation, draw: draw)
      let placed = view(box)
      // Beyond the edge the picture goes on as its mirror image.
      let room = text.contains("translation") ? 0.25...0.75 : 0...1
      guard [placed.left, placed.right, placed.top, placed.bottom].allSatisfy(room.contains) else { continue }
      seen += 1
      let input = preprocessing.input(from: image, size: size, augmentation: augmentation, draw: draw)
      expectNear(bright(input, size: size), placed, 1.6 / Double(size), "\(text), draw \(number)")
    }
    #expect(seen >= 5, "\(text): \(seen)")
  }

  @Test(
    "A turned or slanted box is that of the ellipse in it",
    arguments: ["rotation=40", "shear=30", "crop,rotation=15"])
  func turned(_ text: String) throws {
    let augmentation = try Augmentation(parsing: text)
    let (width, height, size) = (120, 90, 120)
    let box = Box(centerX: 0.5, centerY: 0.48, width: 0.3, height: 0.16)
    var pixels = [UInt8](repeating: 0, count: width * height * 3)
    for row in 0..<height {
      for column in 0..<width {
        let x = ((Double(column) + 0.5) / Double(width) - box.centerX) / (box.width / 2)
        let y = ((Double(row) + 0.5) / Double(height) - box.centerY) / (box.height / 2)
        guard x * x + y * y <= 1 else { continue }
        for channel in 0..<3 { pixels[(row * width + column) * 3 + channel] = 255 }
      }
    }
    let image = Image(width: width, height: height, pixels: pixels)
    let preprocessing = Preprocessing(mode: .none, resize: .squeeze)
    var seen = 0
    for number in 0..<20 {
      let draw = AugmentationDraw(seed: 8, epoch: number, picture: 1)
      let placed = preprocessing.view(
        width: width, height: height, size: size, augmentation: augmentation, draw: draw)(box)
      guard placed.left > 0.15, placed.right < 0.85, placed.top > 0.15, placed.bottom < 0.85 else { continue }
      seen += 1
      let input = preprocessing.input(from: image, size: size, augmentation: augmentation, draw: draw)
      expectNear(bright(input, size: size), placed, 2.5 / Double(size), "\(text), draw \(number)")
    }
    #expect(seen >= 5)
  }

  @Test("The size of a file is that of the picture in it, upright")
  func sizes() throws {
    let image = Image(width: 31, height: 17, pixels: [UInt8](repeating: 9, count: 31 * 17 * 3))
    try TestData.withTemporaryFolder { folder in
      let path = folder.path
      try image.writeJPEG(to: path + "/a.jpg")
      let size = try Image.size(ofFile: path + "/a.jpg")
      #expect(size.width == 31 && size.height == 17)
      #expect(throws: ImageError.self) { try Image.size(ofFile: path + "/b.jpg") }
    }
  }
}
