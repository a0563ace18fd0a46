internal import Foundation
internal import GraftSupport

/// What became of one picture.
struct LoadedPicture: Sendable {
  enum Outcome: Sendable {
    case input([Float], isOriented: Bool)
    case known
    case unusable(String)
    /// The caller's own question failed.
    case stopped(any Error)
  }

  var path: String
  /// The SHA-256 digest of the file; nil when it could not be read.
  var digest: String?
  var outcome: Outcome
}

/// From a file to a network's input, on any thread.
struct PictureLoader: Sendable {
  /// Beyond this many pixels, pictures are decoded one at a time: two threads with pictures at the limit would need
  /// gigabytes.
  private static let largePicture = 1 << 25

  let items: [ImageFolder.Item]
  let options: Image.DecodingOptions
  let inputs: @Sendable (_ image: Image, _ index: Int) -> [Float]
  let isKnown: (@Sendable (_ index: Int, _ digest: String) throws -> Bool)?
  private let largePictures = NSLock()

  init(
    items: [ImageFolder.Item], options: Image.DecodingOptions,
    inputs: @escaping @Sendable (_ image: Image, _ index: Int) -> [Float],
    isKnown: (@Sendable (_ index: Int, _ digest: String) throws -> Bool)?
  ) {
    self.items = items
    self.options = options
    self.inputs = inputs
    self.isKnown = isKnown
  }

  /// Loads the picture at a position; whatever goes wrong is part of the result.
  func load(_ index: Int) -> LoadedPicture {
    let path = items[index].path
    var picture = LoadedPicture(path: path, digest: nil, outcome: .known)
    do {
      let bytes = try FileBytes.read(path)
      let digest = Digest.sha256(of: bytes)
      picture.digest = digest
      do {
        if try isKnown?(index, digest) == true { return picture }
      } catch {
        picture.outcome = .stopped(error)
        return picture
      }
      let (values, isOriented) = try input(of: bytes, at: index)
      picture.outcome = .input(values, isOriented: isOriented)
    } catch let error as ImageError {
      picture.outcome = .unusable(error.reason)
    } catch {
      picture.outcome = .unusable("\(error)")
    }
    return picture
  }

  private func input(of bytes: [UInt8], at index: Int) throws -> (values: [Float], isOriented: Bool) {
    let name = items[index].path
    let stored = try bytes.withUnsafeBytes { try Image.storedSize(of: $0, name: name) }
    let isLarge = stored.width * stored.height > Self.largePicture
    if isLarge { largePictures.lock() }
    defer { if isLarge { largePictures.unlock() } }
    let (image, report) = try Image.decoded(bytes, name: name, options: options)
    return (inputs(image, index), report.orientationApplied)
  }
}
