internal import CGraftImage

extension Image {
  /// Reads and decodes a JPEG or PNG file; which of the two, the bytes decide, not the name.
  ///
  /// - Throws: `ImageError` with the codes of `decoded(_:name:options:)`, and `.unreadable`.
  public init(contentsOf path: String, options: DecodingOptions = .init()) throws {
    try self.init(decoding: FileBytes.read(path), name: path, options: options)
  }

  /// Decodes the bytes of a JPEG or PNG file.
  ///
  /// - Parameter name: what errors call the picture.
  /// - Throws: `ImageError` with the codes of `decoded(_:name:options:)`.
  public init(decoding bytes: [UInt8], name: String, options: DecodingOptions = .init()) throws {
    self = try Self.decoded(bytes, name: name, options: options).image
  }

  /// Decodes the bytes of a JPEG or PNG file and tells what was found beside the pixels.
  ///
  /// The pixels are those that Pillow gives after `convert("RGB")` (16-bit grey aside, which Pillow clips): grey is
  /// repeated, CMYK taken as Adobe stores it, inverted; alpha dropped, not blended; 16 bits cut to the upper 8;
  /// colour profiles and gamma ignored.
  ///
  /// - Parameter name: what errors call the picture.
  /// - Throws: `ImageError` with the code `.unsupportedFormat`, `.corrupt`, `.truncated`, `.tooLarge` or
  ///   `.outOfMemory`.
  public static func decoded(_ bytes: [UInt8], name: String, options: DecodingOptions = .init()) throws
    -> (image: Image, report: DecodingReport)
  {
    try bytes.withUnsafeBytes { try decoded($0, name: name, options: options) }
  }

  /// Width and height as the header gives them, before any orientation.
  package static func storedSize(of bytes: UnsafeRawBufferPointer, name: String) throws -> (
    width: Int, height: Int
  ) {
    let header = try Decoder(bytes, name: name).header()
    return (Int(header.width), Int(header.height))
  }

  /// Width and height of the picture that `init(contentsOf:)` would give, from the file's header alone.
  ///
  /// - Throws: `ImageError` as that does for a file that cannot be read or has no sound header.
  public static func size(ofFile path: String) throws -> (width: Int, height: Int) {
    try FileBytes.read(path).withUnsafeBytes { bytes in
      let decoder = try Decoder(bytes, name: path)
      let header = try decoder.header()
      let (width, height) = (Int(header.width), Int(header.height))
      return decoder.orientation?.exchangesSides == true ? (height, width) : (width, height)
    }
  }

  private static func decoded(_ bytes: UnsafeRawBufferPointer, name: String, options: DecodingOptions) throws
    -> (image: Image, report: DecodingReport)
  {
    let decoder = try Decoder(bytes, name: name)
    let header = try decoder.header()
    // The header's sides fit in 32 bits, so their product fits in 64.
    let area = Int(header.width) * Int(header.height)
    guard area <= options.pixelLimit else {
      throw ImageError(
        .tooLarge, path: name,
        reason: """
          \(header.width) x \(header.height) pixels are \(area), more than the limit of \
          \(options.pixelLimit); make the picture smaller
          """)
    }
    var notes = graft_image_notes()
    let orientation = decoder.orientation ?? .upright
    let turns = options.appliesOrientation && orientation != .upright
    let divisor =
      decoder.format == .jpeg
      ? options.divisor(width: header.width, height: header.height, evenly: turns) : 1
    let width = (header.width + divisor - 1) / divisor
    let height = (header.height + divisor - 1) / divisor
    var stored = try Image(width: Int(width), height: Int(height)) { target in
      notes = try decoder.decode(
        width: width, height: height, divisor: divisor, accepting: options.acceptsTruncated, into: target)
    }
    // Where the size is a multiple, the picture covers all of its pixels.
    if width * divisor != header.width || height * divisor != header.height {
      stored.extent = Image.Extent(
        fullWidth: Int(header.width), fullHeight: Int(header.height), divisor: Int(divisor))
    }
    let report = DecodingReport(
      format: decoder.format, storedWidth: Int(header.width), storedHeight: Int(header.height),
      channels: Int(header.channels), bits: Int(header.bits), hasPalette: header.is_palette != 0,
      orientation: orientation, orientationApplied: turns,
      warnings: Int(notes.warnings), isTruncated: notes.is_truncated != 0)
    return (turns ? stored.oriented(orientation) : stored, report)
  }
}

extension Image.DecodingOptions {
  /// What the sides of a JPEG of this size are divided by: 1, 2, 4 or 8. libjpeg knows other fractions, but not in
  /// vector code; they take longer than the whole picture.
  ///
  /// - Parameter evenly: whether only divisors of both sides count: turning would bring the last row or column, which
  ///   stands for less than the others, to the beginning.
  fileprivate func divisor(width: UInt32, height: UInt32, evenly: Bool) -> UInt32 {
    guard let shortestSide else { return 1 }
    return [8, 4, 2].first { divisor in
      Int((min(width, height) + divisor - 1) / divisor) >= shortestSide
        && (!evenly || width % divisor == 0 && height % divisor == 0)
    } ?? 1
  }
}

/// The C functions for one kind of file, with their failures as errors.
private struct Decoder {
  let bytes: UnsafeRawBufferPointer
  let name: String
  let format: Image.DecodingReport.Format

  init(_ bytes: UnsafeRawBufferPointer, name: String) throws {
    self.bytes = bytes
    self.name = name
    guard !bytes.isEmpty else {
      throw ImageError(.truncated, path: name, reason: "the file is empty; fetch or copy it again")
    }
    switch PictureFormat(sniffing: bytes) {
    case .jpeg: format = .jpeg
    case .png: format = .png
    case .other(let kind):
      throw ImageError(
        .unsupportedFormat, path: name,
        reason: "a \(kind); Graft reads JPEG and PNG: convert it first, whatever its name ends in")
    case .unknown:
      throw ImageError(
        .unsupportedFormat, path: name,
        reason:
          "neither a JPEG nor a PNG file: it starts with \(bytes.prefix(8).map(hexadecimal).joined(separator: " "))"
      )
    }
  }

  var orientation: Orientation? {
    switch format {
    case .jpeg: Orientation(jpeg: bytes)
    case .png: Orientation(png: bytes)
    }
  }

  func header() throws -> graft_image_header {
    var header = graft_image_header()
    try call { message in
      switch format {
      case .jpeg: graft_jpeg_header(start, bytes.count, &header, message)
      case .png: graft_png_header(start, bytes.count, &header, message)
      }
    }
    return header
  }

  func decode(
    width: UInt32, height: UInt32, divisor: UInt32, accepting truncated: Bool,
    into target: UnsafeMutableBufferPointer<UInt8>
  ) throws -> graft_image_notes {
    target.update(repeating: 0)
    var notes = graft_image_notes()
    let accepts: Int32 = truncated ? 1 : 0
    try call { message in
      switch format {
      case .jpeg:
        graft_jpeg_decode(
          start, bytes.count, accepts, divisor, width, height, target.baseAddress, &notes, message)
      case .png:
        graft_png_decode(start, bytes.count, accepts, width, height, target.baseAddress, &notes, message)
      }
    }
    return notes
  }

  private var start: UnsafePointer<UInt8>? { bytes.assumingMemoryBound(to: UInt8.self).baseAddress }

  private func call(_ function: (UnsafeMutablePointer<CChar>?) -> graft_image_status) throws {
    try withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(GRAFT_IMAGE_MESSAGE_SIZE)) { buffer in
      buffer.initialize(repeating: 0)
      let status = function(buffer.baseAddress)
      guard status != GRAFT_IMAGE_OK else { return }
      let said = String(
        decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      throw failure(status, said: said)
    }
  }

  private func failure(_ status: graft_image_status, said: String) -> ImageError {
    let kind = format.rawValue
    switch status {
    case GRAFT_IMAGE_TRUNCATED:
      return ImageError(
        .truncated, path: name,
        reason: "truncated \(kind): \(said); fetch or copy the file again")
    case GRAFT_IMAGE_UNSUPPORTED:
      return ImageError(
        .unsupportedFormat, path: name,
        reason: "a kind of \(kind) that is not read: \(said); save it as a common 8-bit \(kind)")
    case GRAFT_IMAGE_OUT_OF_MEMORY:
      return ImageError(.outOfMemory, path: name, reason: "no memory to decode this \(kind): \(said)")
    case GRAFT_IMAGE_TOO_COMPLEX:
      return ImageError(.corrupt, path: name, reason: "refused \(kind): \(said)")
    default:
      return ImageError(.corrupt, path: name, reason: "damaged \(kind): \(said)")
    }
  }
}

private func hexadecimal(_ byte: UInt8) -> String {
  let digits = String(byte, radix: 16)
  return digits.count == 1 ? "0" + digits : digits
}
