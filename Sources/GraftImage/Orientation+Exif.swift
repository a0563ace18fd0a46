extension Orientation {
  /// The orientation that the EXIF block of a JPEG or PNG file gives; nil when there is none, or none that makes
  /// sense. Every offset in the file is checked: a damaged block counts as none.
  init?(jpeg bytes: UnsafeRawBufferPointer) {
    guard let exif = Self.exif(inJPEG: bytes) else { return nil }
    self.init(exif: exif)
  }

  /// The orientation in the `eXIf` chunk of a PNG file.
  init?(png bytes: UnsafeRawBufferPointer) {
    guard let exif = Self.exif(inPNG: bytes) else { return nil }
    self.init(exif: exif)
  }

  /// Walks the markers in front of the first scan for the APP1 segment that starts with "Exif".
  private static func exif(inJPEG bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    var position = 2
    while position + 4 <= bytes.count {
      guard bytes[position] == 0xFF else { return nil }
      let marker = bytes[position + 1]
      if marker == 0xFF {
        position += 1  // fill byte
        continue
      }
      if marker == 0x01 || (0xD0...0xD8).contains(marker) {
        position += 2  // markers without a length
        continue
      }
      // The scan's data follow (0xDA), or the end.
      if marker == 0xDA || marker == 0xD9 { return nil }
      let length = Int(bytes[position + 2]) << 8 | Int(bytes[position + 3])
      guard length >= 2, position + 2 + length <= bytes.count else { return nil }
      if marker == 0xE1 {
        let segment = UnsafeRawBufferPointer(rebasing: bytes[(position + 4)..<(position + 2 + length)])
        if segment.starts(with: exifPrefix) {
          return UnsafeRawBufferPointer(rebasing: segment.dropFirst(exifPrefix.count))
        }
      }
      position += 2 + length
    }
    return nil
  }

  /// Walks the chunks for `eXIf`, which may stand in front of the pixels or behind them.
  private static func exif(inPNG bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    var position = 8
    while position + 12 <= bytes.count {
      let length = (0..<4).reduce(0) { $0 << 8 | Int(bytes[position + $1]) }
      guard length <= bytes.count - position - 12 else { return nil }
      let data = (position + 8)..<(position + 8 + length)
      if bytes[(position + 4)..<(position + 8)].elementsEqual("eXIf".utf8) {
        let chunk = UnsafeRawBufferPointer(rebasing: bytes[data])
        guard chunk.starts(with: exifPrefix) else { return chunk }
        return UnsafeRawBufferPointer(rebasing: chunk.dropFirst(exifPrefix.count))
      }
      position = data.upperBound + 4
    }
    return nil
  }

  private static let exifPrefix: [UInt8] = [0x45, 0x78, 0x69, 0x66, 0, 0]  // "Exif" and two zeros

  /// Reads tag 0x0112 from the first directory of a TIFF structure.
  private init?(exif: UnsafeRawBufferPointer) {
    guard exif.count >= 8 else { return nil }
    let isLittleEndian: Bool
    switch (exif[0], exif[1]) {
    case (0x49, 0x49): isLittleEndian = true
    case (0x4D, 0x4D): isLittleEndian = false
    default: return nil
    }
    func number(at offset: Int, bytes count: Int) -> Int? {
      guard offset >= 0, offset <= exif.count - count else { return nil }
      return (0..<count).reduce(0) { value, index in
        value << 8 | Int(exif[offset + (isLittleEndian ? count - 1 - index : index)])
      }
    }
    guard number(at: 2, bytes: 2) == 42, let directory = number(at: 4, bytes: 4),
      let entries = number(at: directory, bytes: 2)
    else { return nil }
    for index in 0..<entries {
      let entry = directory + 2 + index * 12
      guard let tag = number(at: entry, bytes: 2), let type = number(at: entry + 2, bytes: 2),
        let count = number(at: entry + 4, bytes: 4)
      else { return nil }
      guard tag == 0x0112 else { continue }
      // One 16-bit value by the standard; some writers use 32 bits.
      guard count == 1, type == 3 || type == 4,
        let value = number(at: entry + 8, bytes: type == 3 ? 2 : 4)
      else { return nil }
      self.init(rawValue: value)
      return
    }
    return nil
  }
}
