internal import CGraftImage
internal import GraftSupport

extension Image {
  /// The longest side that a JPEG file can have: `JPEG_MAX_DIMENSION` of libjpeg.
  public static let longestJPEGSide = 65500

  /// Returns the picture as a JPEG file: baseline, colour at half the resolution.
  ///
  /// - Parameter quality: from 1 to 100, on the scale of libjpeg and Pillow.
  /// - Throws: `ImageError` with code `.tooLarge` if a side is longer than `longestJPEGSide`, or `.outOfMemory`.
  /// - Precondition: `quality` is from 1 to 100.
  public func jpeg(quality: Int = 90) throws -> [UInt8] {
    precondition((1...100).contains(quality), "a quality is from 1 to 100, not \(quality)")
    guard max(width, height) <= Self.longestJPEGSide else {
      throw ImageError(
        .tooLarge, path: "picture",
        reason: "\(width) x \(height) pixels; a JPEG file has at most \(Self.longestJPEGSide) a side")
    }
    let (width, height) = (UInt32(width), UInt32(height))
    var count = 0
    return try withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(GRAFT_IMAGE_MESSAGE_SIZE)) {
      message in
      message.initialize(repeating: 0)
      return try [UInt8](unsafeUninitializedCapacity: graft_jpeg_capacity(width, height)) {
        buffer, initialized in
        let status = pixels.withUnsafeBufferPointer {
          graft_jpeg_encode(
            $0.baseAddress, width, height, Int32(quality), buffer.baseAddress, &count, message.baseAddress)
        }
        guard status == GRAFT_IMAGE_OK else {
          let said = String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
          throw ImageError(
            status == GRAFT_IMAGE_OUT_OF_MEMORY ? .outOfMemory : .unsupportedFormat, path: "picture",
            reason: "cannot be written as JPEG: \(said)")
        }
        initialized = count
      }
    }
  }

  /// Writes the picture as a JPEG file, under a temporary name that becomes `path` when all is written.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - quality: from 1 to 100, on the scale of libjpeg and Pillow.
  /// - Throws: `ImageError` as `jpeg(quality:)`, and with code `.unwritable`; then what stood at `path` before still
  ///   stands there.
  /// - Precondition: `quality` is from 1 to 100.
  public func writeJPEG(to path: String, quality: Int = 90) throws {
    let bytes = try jpeg(quality: quality)
    do {
      try AtomicFile.write(bytes, to: path)
    } catch let error as FileError {
      throw ImageError(.unwritable, path: path, reason: "cannot \(error.action): \(error.reason)")
    }
  }
}
