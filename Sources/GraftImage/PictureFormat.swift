/// What the first bytes of a file say it is; names and extensions are not believed.
package enum PictureFormat: Sendable, Hashable {
  /// A JPEG file.
  case jpeg
  /// A PNG file.
  case png
  /// Something else that is recognised; the name as it appears in a sentence.
  case other(String)
  /// Nothing that is known.
  case unknown

  /// Recognises a file by its first bytes; 64 of them are enough.
  package init(sniffing bytes: UnsafeRawBufferPointer) {
    func starts(_ signature: [UInt8], at offset: Int = 0) -> Bool {
      bytes.count >= offset + signature.count
        && bytes[offset..<(offset + signature.count)].elementsEqual(signature)
    }
    func starts(_ text: String, at offset: Int = 0) -> Bool { starts(Array(text.utf8), at: offset) }

    if starts([0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else if starts([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      self = .png
    } else if starts("GIF8") {
      self = .other("GIF picture")
    } else if starts("RIFF") && starts("WEBP", at: 8) {
      self = .other("WebP picture")
    } else if starts("BM") {
      self = .other("BMP picture")
    } else if starts([0x49, 0x49, 0x2A, 0]) || starts([0x4D, 0x4D, 0, 0x2A]) {
      self = .other("TIFF or raw camera picture")
    } else if starts("ftyp", at: 4) {
      self = .other(Self.kindOfMedia(brand: bytes.dropFirst(8).prefix(4)))
    } else if starts([0, 0, 0, 0x0C, 0x6A, 0x50, 0x20, 0x20]) || starts([0xFF, 0x4F, 0xFF, 0x51]) {
      self = .other("JPEG 2000 picture")
    } else if starts([0, 0, 0, 0x0C, 0x4A, 0x58, 0x4C, 0x20]) || starts([0xFF, 0x0A]) {
      self = .other("JPEG XL picture")
    } else if starts("8BPS") {
      self = .other("Photoshop document")
    } else if starts([0, 0, 1, 0]) {
      self = .other("Windows icon")
    } else if starts("%PDF") {
      self = .other("PDF document")
    } else if starts([0x89, 0x48, 0x44, 0x46]) {
      self = .other("HDF5 file")
    } else if starts("PK\u{3}\u{4}") {
      self = .other("zip archive")
    } else if starts([0x1F, 0x8B]) {
      self = .other("gzip archive")
    } else if starts("<?xml") || starts("<svg") {
      self = .other("XML or SVG file")
    } else if starts("<!DOCTYPE") || starts("<!doctype") || starts("<html") {
      self = .other("web page, such as a failed download leaves")
    } else {
      self = .unknown
    }
  }

  /// HEIC, AVIF and videos share one container; its brand tells them apart.
  private static func kindOfMedia(brand: Slice<UnsafeRawBufferPointer>) -> String {
    switch String(decoding: brand, as: UTF8.self) {
    case "avif", "avis": "AVIF picture"
    case "heic", "heix", "hevc", "hevx", "heim", "heis", "mif1", "msf1": "HEIC picture"
    default: "video or other media file"
    }
  }
}
