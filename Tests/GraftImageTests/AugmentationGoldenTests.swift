import Foundation
import GraftImage
import Testing
import _GraftTestSupport

@Suite("Changes that augmentation makes")
struct AugmentationGoldenTests {
  struct Reference: Decodable, Sendable {
    struct Enhanced: Decodable, Sendable {
      let kind: String
      let factor: Double
      let pixels: [UInt8]
    }
    struct Hue: Decodable, Sendable {
      let turn: Double
      let pixels: [Double]
    }
    struct Map: Decodable, Sendable {
      let map: [Double]
      let pixels: [UInt8]
    }
    struct Part: Decodable, Sendable {
      let box: [Int]
      let size: Int
      let pixels: [UInt8]
    }
    struct Encoded: Decodable, Sendable {
      let quality: Int
      let pixels: [UInt8]
    }
    let width: Int
    let height: Int
    let enhanced: [Enhanced]
    let hues: [Hue]
    let maps: [Map]
    let parts: [Part]
    let encoded: [Encoded]
  }

  static let reference = Result {
    try JSONDecoder().decode(
      Reference.self, from: Data(contentsOf: Golden.folder.appending(path: "augmentation.json")))
  }

  @Test("Brightness, contrast and saturation give Pillow's bytes")
  func enhanced() throws {
    let reference = try Self.reference.get()
    let image = noise(reference.width, reference.height)
    #expect(reference.enhanced.count == 18)
    for golden in reference.enhanced {
      let found =
        switch golden.kind {
        case "brightness": image.brightened(by: golden.factor)
        case "contrast": image.contrasted(by: golden.factor)
        default: image.saturated(by: golden.factor)
        }
      #expect(found.pixels == golden.pixels, "\(golden.kind) \(golden.factor)")
    }
  }

  @Test("Turned hues are those of Python's colorsys, to half a grey level")
  func hues() throws {
    let reference = try Self.reference.get()
    let image = noise(reference.width, reference.height)
    #expect(reference.hues.count == 6)
    for golden in reference.hues {
      let found = image.hueTurned(by: golden.turn)
      for (value, expected) in zip(found.pixels, golden.pixels) {
        #expect(abs(Double(value) - expected) <= 0.502, "turned by \(golden.turn)")
      }
      #expect(golden.turn != 0 || found == image)
    }
  }

  @Test("Turned, shifted, slanted and mirrored pictures are Pillow's on a picture continued by mirror images")
  func maps() throws {
    let reference = try Self.reference.get()
    let image = noise(reference.width, reference.height)
    #expect(reference.maps.count == 7)
    for golden in reference.maps {
      let m = golden.map
      let map = AffineMap(xx: m[0], xy: m[1], x0: m[2], yx: m[3], yy: m[4], y0: m[5])
      // Pillow drops fractions where ours are rounded.
      let difference = largestDifference(image.mapped(by: map).pixels, golden.pixels)
      #expect(difference <= 1, "\(m): up to \(difference) grey levels")
    }
  }

  @Test("A resized part has the bytes of Pillow's crop and resize")
  func parts() throws {
    let image = noise(61, 47)
    for golden in try Self.reference.get().parts {
      let found = image.resized(
        columns: golden.box[0]..<golden.box[2], rows: golden.box[1]..<golden.box[3], width: golden.size,
        height: golden.size)
      #expect(found.pixels == golden.pixels, "\(golden.box)")
    }
  }

  @Test("Maps after one another are as good as one")
  func composition() {
    let image = noise(12, 12)
    // Quarter turns meet pixel centres exactly, so no rounding hides a wrong order.
    let turn = AffineMap(xx: 0, xy: -1, yx: 1, yy: 0)
    let shift = AffineMap(x0: 3, y0: -2)
    let mirror = AffineMap(xx: -1)
    for (first, second) in [(turn, shift), (shift, turn), (mirror, shift), (shift, mirror), (turn, mirror)] {
      #expect(image.mapped(by: first.then(second)) == image.mapped(by: first).mapped(by: second))
    }
    #expect(image.mapped(by: turn.then(shift)) != image.mapped(by: shift.then(turn)))
  }

  @Test("A cover has its size and place, and the rest stays")
  func covered() {
    let image = noise(10, 8)
    let covered = image.covered(centerX: 9, centerY: 2, side: 4)
    for row in 0..<8 {
      for column in 0..<10 {
        let at = (row * 10 + column) * 3
        let isCovered = (7..<10).contains(column) && (0..<4).contains(row)
        let expected = isCovered ? [124, 116, 104] : Array(image.pixels[at..<at + 3])
        #expect(Array(covered.pixels[at..<at + 3]) == expected, "row \(row), column \(column)")
      }
    }
  }
}
