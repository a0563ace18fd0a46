import Foundation
import GraftImage
import Testing
import _GraftTestSupport

@Suite("Decoding")
struct DecodingTests {
  @Test("the expected pictures are there")
  func goldensExist() {
    #expect(Golden.all.decoded.count == 66)
    #expect(Golden.all.resized.count == 28)
    #expect(Golden.all.keras.count == 7)
    #expect(Golden.all.inputs.count == 36)
  }

  @Test("a picture has Pillow's pixels", arguments: Golden.all.decoded)
  func pixelsArePillows(_ golden: Golden.Decoded) throws {
    let image = try Image(contentsOf: Golden.picturePath(golden.name))
    try #require(image.width == golden.width && image.height == golden.height)
    let expected = Golden.bytes(at: golden.offset, count: golden.width * golden.height * 3)
    let difference = largestDifference(image.pixels, expected)
    #expect(difference == 0, "\(golden.name): differs by up to \(difference) grey levels")
  }

  @Test(
    "orientation is reported, applied by default and left alone on request", arguments: Orientation.allCases)
  func orientation(_ orientation: Orientation) throws {
    let name = "orientation-\(orientation.rawValue).jpg"
    let bytes = try Golden.pictureBytes(name)
    let (upright, report) = try Image.decoded(bytes, name: name)
    #expect(report.orientation == orientation)
    #expect(report.orientationApplied == (orientation != .upright))
    let (stored, plain) = try Image.decoded(bytes, name: name, options: .init(appliesOrientation: false))
    #expect(plain.orientation == orientation && !plain.orientationApplied)
    #expect(stored.width == 13 && stored.height == 8)
    #expect(upright == stored.oriented(orientation))
    #expect((upright.width == 8) == orientation.exchangesSides)
  }

  @Test("damaged EXIF blocks count as none")
  func damagedExif() throws {
    let bytes = try Golden.pictureBytes("orientation-6.jpg")
    let start = try #require(bytes.indices.first { bytes[$0...].starts(with: "Exif".utf8) })
    for position in start..<(start + 44) {
      for value in [UInt8(0), 0x7F, 0xFF] {
        var damaged = bytes
        damaged[position] = value
        let (image, report) = try Image.decoded(damaged, name: "damaged.jpg")
        #expect(image.width == (report.orientation.exchangesSides ? 8 : 13))
      }
    }
  }

  @Test("the bytes decide what a file is, not its name")
  func sniffing() throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "really-a-png.jpg").path
      try Data(Golden.pictureBytes("rgb-8.png")).write(to: URL(filePath: path))
      let (_, report) = try Image.decoded(Golden.pictureBytes("rgb-8.png"), name: path)
      #expect(report.format == .png)
      #expect(try Image(contentsOf: path) == Image(contentsOf: Golden.picturePath("rgb-8.png")))
    }
  }

  @Test(
    "other kinds of files are refused by name",
    arguments: [
      ("GIF89a\u{1}\u{0}", "GIF"), ("BM\u{20}\u{0}\u{0}", "BMP"),
      ("RIFF\u{10}\u{0}\u{0}\u{0}WEBPVP8 ", "WebP"),
      ("\u{0}\u{0}\u{0}\u{18}ftypheic\u{0}\u{0}", "HEIC"), ("\u{0}\u{0}\u{0}\u{18}ftypavif", "AVIF"),
      ("II*\u{0}\u{8}\u{0}\u{0}\u{0}", "TIFF"), ("MM\u{0}*\u{0}\u{0}", "TIFF"), ("%PDF-1.4", "PDF"),
      ("<!DOCTYPE html><html>", "web page"), ("hello", "neither a JPEG nor a PNG"),
    ])
  func otherFormats(_ text: String, _ kind: String) throws {
    let error = try #require(throws: ImageError.self) {
      _ = try Image(decoding: Array(text.utf8), name: "folder/file.jpg")
    }
    #expect(error.code == .unsupportedFormat)
    #expect(error.message.contains(kind))
    #expect(error.message.hasPrefix("folder/file.jpg: "))
  }

  @Test("an empty file is called empty")
  func emptyFile() throws {
    let error = try #require(throws: ImageError.self) { _ = try Image(decoding: [], name: "x.png") }
    #expect(error.code == .truncated && error.reason.contains("empty"))
  }

  @Test("missing files, folders and pipes are errors with the system's reason")
  func unreadableFiles() throws {
    try TestData.withTemporaryFolder { folder in
      let pipe = folder.appending(path: "pipe.jpg").path
      #expect(mkfifo(pipe, 0o600) == 0)
      for (path, reason) in [
        (folder.appending(path: "none.jpg").path, "No such file"), (folder.path, "a folder"),
        (pipe, "not a regular file"),
      ] {
        let error = try #require(throws: ImageError.self) { _ = try Image(contentsOf: path) }
        #expect(error.code == .unreadable && error.reason.contains(reason), "\(error)")
      }
    }
  }

  @Test(
    "more pixels than allowed are refused before they are decoded",
    arguments: ["baseline-420.jpg", "rgb-8.png"])
  func pixelLimit(_ name: String) throws {
    let bytes = try Golden.pictureBytes(name)
    let area = try Image(decoding: bytes, name: name).pixels.count / 3
    #expect(throws: Never.self) {
      _ = try Image(decoding: bytes, name: name, options: .init(pixelLimit: area))
    }
    let error = try #require(throws: ImageError.self) {
      _ = try Image(decoding: bytes, name: name, options: .init(pixelLimit: area - 1))
    }
    #expect(error.code == .tooLarge && error.reason.contains("\(area)"))
  }

  @Test("a header that claims a gigantic picture is refused at once")
  func gigantic() throws {
    var png = try Golden.pictureBytes("rgb-8.png")
    // Width and height stand behind signature, length and name; then the chunk's checksum.
    png.replaceSubrange(16..<24, with: [0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF])
    png.replaceSubrange(29..<33, with: checksum(png[12..<29]))
    #expect(
      try #require(throws: ImageError.self) { _ = try Image(decoding: png, name: "x") }.code == .tooLarge)
    var jpeg = try Golden.pictureBytes("baseline-420.jpg")
    let frame = try #require(jpeg.indices.first { jpeg[$0...].starts(with: [0xFF, 0xC0]) })
    jpeg.replaceSubrange((frame + 5)..<(frame + 9), with: [0xFF, 0xDC, 0xFF, 0xDC])
    #expect(
      try #require(throws: ImageError.self) { _ = try Image(decoding: jpeg, name: "x") }.code == .tooLarge)
  }

  @Test("a progressive picture with thousands of scans is refused")
  func scanBomb() throws {
    let jpeg = try Golden.pictureBytes("progressive.jpg")
    // The last scan, over and over.
    let last = try #require(jpeg.indices.last { jpeg[$0...].starts(with: [0xFF, 0xDA]) })
    let scan = jpeg[last..<(jpeg.count - 2)]
    var bomb = Array(jpeg[..<last])
    for _ in 0..<5000 { bomb += scan }
    bomb += [0xFF, 0xD9]
    let error = try #require(throws: ImageError.self) { _ = try Image(decoding: bomb, name: "bomb.jpg") }
    #expect(error.code == .corrupt && error.reason.contains("500 scans"), "\(error)")
  }

  @Test("a baseline picture that lacks only its end marker is whole")
  func missingEndMarker() throws {
    let bytes = try Golden.pictureBytes("baseline-420.jpg")
    let (image, report) = try Image.decoded(Array(bytes.dropLast(2)), name: "x.jpg")
    #expect(try image == Image(decoding: bytes, name: "x.jpg"))
    #expect(!report.isTruncated)
  }

  @Test(
    "a truncated picture is an error by default and a picture on request",
    arguments: [
      "baseline-420.jpg", "progressive.jpg", "grey.jpg", "cmyk-adobe.jpg", "rgb-8.png",
      "rgb-8-interlaced.png",
    ])
  func truncated(_ name: String) throws {
    let bytes = try Golden.pictureBytes(name)
    let whole = try Image(decoding: bytes, name: name)
    // The scans of the progressive one are short, and a cut through the table before one of them leaves nothing.
    let keeps = bytes.count * (name.contains("progressive") ? 8 : 9) / 10
    let part = Array(bytes[..<keeps])
    let error = try #require(throws: ImageError.self) { _ = try Image(decoding: part, name: name) }
    #expect(error.code == .truncated && error.reason.hasPrefix("truncated"), "\(error)")
    let (image, report) = try Image.decoded(part, name: name, options: .init(acceptsTruncated: true))
    #expect(report.isTruncated)
    #expect(image.width == whole.width && image.height == whole.height)
    // What is there of the first row is the same.
    if !name.contains("progressive") && !name.contains("interlaced") {
      #expect(image.pixels[..<24] == whole.pixels[..<24])
    }
  }

  @Test(
    "every shorter version of a picture is an error, never a picture that looks whole",
    arguments: [
      "low-quality.jpg", "grey-progressive.jpg", "tiny.jpg", "grey-2.png", "tiny-interlaced.png",
    ])
  func everyPrefix(_ name: String) throws {
    let bytes = try Golden.pictureBytes(name)
    let whole = try Image(decoding: bytes, name: name)
    for count in 0..<(bytes.count - 1) {
      if let image = try? Image(decoding: Array(bytes[..<count]), name: name) {
        #expect(image == whole, "\(count) of \(bytes.count) bytes")
      }
    }
  }

  /// The checksum of PNG chunks, bit by bit (RFC 2083, section 15).
  private func checksum(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
    crc ^= 0xFFFF_FFFF
    return (0..<4).map { UInt8(truncatingIfNeeded: crc >> UInt32(24 - 8 * $0)) }
  }
}
