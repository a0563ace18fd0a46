internal import Foundation
internal import GraftSupport

/// What one reading of a picture tells.
struct PictureFacts: Sendable {
  /// The SHA-256 digest of the file; nil where it cannot be read.
  var digest: String?
  /// Why it cannot be decoded.
  var failure: ImageError?
  /// What decoding found beside the pixels.
  var report: Image.DecodingReport?
  /// What it looks like; nil where it cannot be decoded.
  var signature: PictureSignature?

  /// Width and height as people see them.
  var size: (width: Int, height: Int)? {
    report.map {
      $0.orientation.exchangesSides
        ? ($0.storedHeight, $0.storedWidth) : ($0.storedWidth, $0.storedHeight)
    }
  }
}

/// Reads pictures for their facts, on any thread.
struct FactReader: Sendable {
  /// The shorter side at which large JPEGs are decoded: twice what signatures are made of.
  private static let shortestSide = 128
  /// Beyond this many pixels, pictures are decoded one at a time: two threads with pictures at the limit would need
  /// gigabytes.
  private static let largePicture = 1 << 25

  private let largePictures = NSLock()

  /// The facts of the picture at a path; whatever goes wrong is part of them.
  func facts(of path: String) -> PictureFacts {
    var facts = PictureFacts()
    do {
      let bytes = try FileBytes.read(path)
      facts.digest = Digest.sha256(of: bytes)
      let (image, report) = try decoded(
        bytes, path, Image.DecodingOptions(shortestSide: Self.shortestSide))
      facts.report = report
      facts.signature = PictureSignature(image)
    } catch let error as ImageError {
      facts.failure = error
    } catch {
      facts.failure = ImageError(.unreadable, path: path, reason: "\(error)")
    }
    return facts
  }

  /// A digest of all pixels, upright; nil where the file cannot be read any more.
  func pixelDigest(of path: String) -> String? {
    guard let bytes = try? FileBytes.read(path),
      let image = try? decoded(bytes, path, Image.DecodingOptions()).image
    else { return nil }
    return "\(image.width) x \(image.height) \(Digest.sha256(of: image.pixels))"
  }

  private func decoded(
    _ bytes: [UInt8], _ path: String, _ options: Image.DecodingOptions
  ) throws -> (image: Image, report: Image.DecodingReport) {
    let stored = try bytes.withUnsafeBytes { try Image.storedSize(of: $0, name: path) }
    let isLarge = stored.width * stored.height > Self.largePicture
    if isLarge { largePictures.lock() }
    defer { if isLarge { largePictures.unlock() } }
    return try Image.decoded(bytes, name: path, options: options)
  }
}
