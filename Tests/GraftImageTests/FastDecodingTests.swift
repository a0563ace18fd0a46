import Foundation
import GraftImage
import Testing
import _GraftTestSupport

@Suite("Decoding at a smaller size")
struct FastDecodingTests {
  static let exact = Preprocessing(mode: .none)
  static let fast = Preprocessing(mode: .none, decoding: .fast)

  @Test("the shorter side stays at least as long as asked, and the divisor is the largest that allows it")
  func sizes() throws {
    // 37 x 29 pixels
    let bytes = try Golden.pictureBytes("baseline-420.jpg")
    for (side, width, height) in [
      (1, 5, 4), (4, 5, 4), (5, 10, 8), (8, 10, 8), (9, 19, 15), (15, 19, 15), (16, 37, 29), (100, 37, 29),
    ] {
      let image = try Image(decoding: bytes, name: "a.jpg", options: .init(shortestSide: side))
      #expect(image.width == width && image.height == height, "shortest side \(side)")
    }
    // 13 x 8 pixels, to be turned by a quarter: the last column, which stands for one pixel, must not come first.
    let turned = try Golden.pictureBytes("orientation-6.jpg")
    let kept = try Image(decoding: turned, name: "b.jpg", options: .init(shortestSide: 4))
    #expect(kept.width == 8 && kept.height == 13)
    let stored = try Image(
      decoding: turned, name: "b.jpg", options: .init(appliesOrientation: false, shortestSide: 4))
    #expect(stored.width == 7 && stored.height == 4)
  }

  @Test(
    "every kind of JPEG comes out with the same colours; PNG is left alone", arguments: Golden.all.decoded)
  func kinds(_ golden: Golden.Decoded) throws {
    let bytes = try Golden.pictureBytes(golden.name)
    let (whole, report) = try Image.decoded(
      bytes, name: golden.name, options: .init(appliesOrientation: false))
    let half = try Image(
      decoding: bytes, name: golden.name,
      options: .init(appliesOrientation: false, shortestSide: (min(whole.width, whole.height) + 1) / 2))
    guard report.format == .jpeg else {
      #expect(half == whole)
      return
    }
    // A side of one pixel stays one pixel, whatever it is divided by.
    guard min(whole.width, whole.height) > 1 else { return }
    #expect(half.width == (whole.width + 1) / 2 && half.height == (whole.height + 1) / 2)
    for channel in 0..<3 {
      var difference = 0.0
      for y in 0..<whole.height / 2 {
        for x in 0..<whole.width / 2 {
          let mean = [(0, 0), (0, 1), (1, 0), (1, 1)]
            .reduce(0.0) { $0 + Double(whole[2 * x + $1.0, 2 * y + $1.1, channel]) / 4 }
          difference += Double(half[x, y, channel]) - mean
        }
      }
      difference /= Double((whole.height / 2) * (whole.width / 2))
      #expect(abs(difference) < 2, "channel \(channel) is off by \(difference) in the mean")
    }
  }

  static let examples: [String] = {
    let folder = TestData.package.appending(path: "examples/pictures/val")
    let files =
      FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?
      .compactMap { $0 as? URL }.filter { $0.pathExtension == "jpg" }.map(\.path) ?? []
    return files.sorted()
  }()
  static let photos: [String] = {
    guard let folder = TestData.file("photos/imagenet-sample"),
      let names = try? FileManager.default.contentsOfDirectory(atPath: folder)
    else { return [] }
    return names.sorted().enumerated().filter { $0.offset % 50 == 0 }.map { "\(folder)/\($0.element)" }
  }()

  @Test("inputs differ by less than one grey level of 255 in the mean")
  func closeness() throws {
    #expect(!Self.examples.isEmpty)
    var means: [Float] = []
    for path in Self.examples + Self.photos {
      let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
      // So that pictures of 126 pixels and more are decoded at half their size, larger ones at a quarter.
      let size = 24
      let options = Self.fast.decodingOptions(size: size)
      let whole = try Image(decoding: bytes, name: path)
      let small = try Image(decoding: bytes, name: path, options: options)
      #expect(min(small.width, small.height) >= 2 * Self.fast.shorterSide(for: size) || small == whole)
      guard small.width < whole.width else { continue }
      let a = Self.exact.input(from: whole, size: size)
      let b = Self.fast.input(from: small, size: size)
      let differences = zip(a, b).map { abs($0 - $1) }
      let mean = differences.reduce(0, +) / Float(differences.count)
      #expect(mean < 2, "\(path): \(mean)")
      means.append(mean)
    }
    #expect(means.count >= 10)
    #expect(means.reduce(0, +) / Float(means.count) < 0.8)
  }

  @Test("without antialias, and where pictures are varied, nothing is decoded at a smaller size")
  func onlyWithAntialias() {
    for resize in ResizeMode.allCases where resize != .antialias {
      let preprocessing = Preprocessing(mode: .tf, resize: resize, decoding: .fast)
      #expect(preprocessing.decodingOptions(size: 24).shortestSide == nil)
    }
    #expect(Self.exact.decodingOptions(size: 24).shortestSide == nil)
    #expect(Self.fast.decodingOptions(size: 224).shortestSide == 512)
  }

  @Test("a folder is decoded as its preprocessing says")
  func folder() throws {
    let path = try #require(Self.examples.first)
    let folder = try ImageFolder(paths: [path])
    func input(_ preprocessing: Preprocessing) throws -> [Float] {
      let loader = BatchLoader(
        items: folder.items, preprocessing: preprocessing, size: 16, batch: 1, threads: 1)
      return try #require(try loader.next()).inputs
    }
    let options = Self.fast.decodingOptions(size: 16)
    let small = try Image(contentsOf: path, options: options)
    #expect(try input(Self.fast) == Self.fast.input(from: small, size: 16))
    #expect(try input(Self.exact) == Self.exact.input(from: Image(contentsOf: path), size: 16))
    #expect(try input(Self.fast) != input(Self.exact))
  }

  @Test("it is part of what is written down, and exact decoding is written as it always was")
  func recorded() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let exact = String(decoding: try encoder.encode(Self.exact), as: UTF8.self)
    #expect(!exact.contains("decoding"))
    let fast = try encoder.encode(Self.fast)
    #expect(try JSONDecoder().decode(Preprocessing.self, from: fast) == Self.fast)
    #expect(Self.fast != Self.exact)
    #expect(Self.fast.summary != Self.exact.summary)
  }
}

extension Image {
  fileprivate subscript(x: Int, y: Int, channel: Int) -> UInt8 { pixels[(y * width + x) * 3 + channel] }
}
