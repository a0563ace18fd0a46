import Foundation
import GraftImage
import GraftSupport
import Testing

@Suite("Damaged pictures")
struct CorruptionTests {
  @Test(
    "200 random corruptions give an error with a name in it or a picture of the right size",
    arguments: [
      "baseline-420.jpg", "progressive.jpg", "cmyk-adobe.jpg", "restart.jpg", "orientation-6.jpg",
      "rgb-8.png",
      "palette-4-interlaced.png", "palette-transparent.png",
    ], [false, true])
  func corrupted(_ name: String, acceptsTruncated: Bool) throws {
    let bytes = try Golden.pictureBytes(name)
    var random = SeededGenerator(seed: 200, stream: name)
    var refused = 0
    for round in 0..<200 {
      var damaged = bytes
      switch round % 4 {
      case 0:  // one bit
        damaged[random.below(damaged.count)] ^= 1 << UInt8(random.below(8))
      case 1:  // several bytes
        for _ in 0..<(1 + random.below(16)) {
          damaged[random.below(damaged.count)] = UInt8(random.below(256))
        }
      case 2:  // the end cut off
        damaged.removeLast(1 + random.below(damaged.count - 1))
      default:  // a stretch of zeros
        let start = random.below(damaged.count)
        let end = min(damaged.count, start + 1 + random.below(64))
        for position in start..<end { damaged[position] = 0 }
      }
      do {
        let options = Image.DecodingOptions(pixelLimit: 1 << 22, acceptsTruncated: acceptsTruncated)
        let image = try Image(decoding: damaged, name: "damaged-\(round)", options: options)
        #expect(image.pixels.count == image.width * image.height * 3)
      } catch let error as ImageError {
        refused += 1
        #expect(error.message.hasPrefix("damaged-\(round): ") && error.reason.count > 10)
      }
    }
    // Most cuts and many flips cannot be decoded: a decoder that took everything would be no decoder.
    #expect(refused > (acceptsTruncated ? 5 : 40), "\(refused) of 200 refused")
  }

  @Test("random bytes behind a valid signature are an error")
  func randomBytes() throws {
    var random = SeededGenerator(seed: 1)
    for signature: [UInt8] in [[0xFF, 0xD8, 0xFF], [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]] {
      for length in 0..<200 {
        let bytes = signature + (0..<length).map { _ in UInt8(random.below(256)) }
        #expect(throws: ImageError.self) { _ = try Image(decoding: bytes, name: "random") }
      }
    }
  }
}
