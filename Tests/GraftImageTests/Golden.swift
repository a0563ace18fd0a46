import Foundation
import GraftImage
import _GraftTestSupport

/// What Pillow, TensorFlow and Keras gave; made by Golden/make_golden.py.
struct Golden: Decodable {
  struct Decoded: Decodable, CustomStringConvertible, Sendable {
    let name: String
    let width: Int
    let height: Int
    let offset: Int
    var description: String { name }
  }

  struct Resized: Decodable, CustomStringConvertible, Sendable {
    let from: [Int]
    let to: [Int]
    let filter: String?
    let offset: Int
    var description: String { "\(from[0])x\(from[1]) to \(to[0])x\(to[1]) \(filter ?? "keras")" }
  }

  struct Input: Decodable, CustomStringConvertible, Sendable {
    let from: [Int]
    let size: Int
    let resize: String
    let mode: String
    let offset: Int
    var description: String { "\(from[0])x\(from[1]) to \(size) \(resize) \(mode)" }
  }

  let decoded: [Decoded]
  let resized: [Resized]
  let keras: [Resized]
  let inputs: [Input]

  static let folder = TestData.package.appending(path: "Tests/GraftImageTests/Golden")

  /// Empty lists where the files are missing, which a test of its own notices.
  static let all: Golden = {
    guard let data = try? Data(contentsOf: folder.appending(path: "expected.json")),
      let golden = try? JSONDecoder().decode(Golden.self, from: data)
    else { return Golden(decoded: [], resized: [], keras: [], inputs: []) }
    return golden
  }()

  private static let blob: [UInt8] =
    (try? Data(contentsOf: folder.appending(path: "expected.bin"))).map { [UInt8]($0) } ?? []

  static func bytes(at offset: Int, count: Int) -> [UInt8] { Array(blob[offset..<(offset + count)]) }

  static func floats(at offset: Int, count: Int) -> [Float] {
    bytes(at: offset, count: count * 4).withUnsafeBytes { bytes in
      (0..<count).map {
        Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self)))
      }
    }
  }

  static func picturePath(_ name: String) -> String { folder.appending(path: "pictures/\(name)").path }

  static func pictureBytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: folder.appending(path: "pictures/\(name)")))
  }
}

/// The formula of `noise` in make_golden.py.
func noise(_ width: Int, _ height: Int) -> Image {
  var pixels: [UInt8] = []
  pixels.reserveCapacity(width * height * 3)
  for y in 0..<UInt32(height) {
    for x in 0..<UInt32(width) {
      for c in 0..<UInt32(3) {
        var h = x &* 73_856_093 ^ y &* 19_349_663 ^ c &* 83_492_791
        h ^= h >> 15
        h = h &* 2_246_822_519
        h ^= h >> 13
        pixels.append(UInt8(h & 255))
      }
    }
  }
  return Image(width: width, height: height, pixels: pixels)
}

/// The largest difference between two lists of bytes of equal length.
func largestDifference(_ a: [UInt8], _ b: [UInt8]) -> Int {
  zip(a, b).reduce(0) { max($0, abs(Int($1.0) - Int($1.1))) }
}
