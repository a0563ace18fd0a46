internal import Foundation

/// The beginning of a journal: 8 bytes that name the format, its version, the length of a JSON text, the
/// text, zeros up to a whole word, and a checksum.
enum JournalHeader {
  private static let name = Array("GRAFTJNL".utf8)
  private static let version: UInt32 = 1
  /// Far more than any network's layers take; what says otherwise is damaged.
  private static let longestText = 1 << 24

  /// The header's bytes.
  static func encode(_ header: FeatureHeader, path: String) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let text: Data
    do {
      text = try encoder.encode(header)
    } catch {
      throw FeatureError(
        .invalidValue, "the origin of the features cannot be described: \(error)", file: path,
        underlying: error)
    }
    var bytes = name
    withUnsafeBytes(of: version.littleEndian) { bytes += $0 }
    withUnsafeBytes(of: UInt32(text.count).littleEndian) { bytes += $0 }
    bytes += text
    while bytes.count % 8 != 0 { bytes.append(0) }
    let checksum = bytes.withUnsafeBytes { Checksum.of($0, seed: 0) }
    withUnsafeBytes(of: checksum.littleEndian) { bytes += $0 }
    return bytes
  }

  /// Reads the header of an open file; nil where the file is empty or the program died before it was whole.
  ///
  /// - Throws: `FeatureError` with code `notFeatures`, `unknownVersion`, `damaged` or `cannotRead`.
  static func read(_ file: Int32, path: String) throws -> (
    header: FeatureHeader, byteCount: Int, fileBytes: Int
  )? {
    let size: Int
    var bytes: [UInt8]
    do {
      size = try PositionedFile.size(file)
      bytes = try read(file, count: min(size, name.count + 8))
      // What the system had not yet written when the power failed is zero.
      if bytes.allSatisfy({ $0 == 0 }) { return nil }
      guard bytes.prefix(name.count).elementsEqual(name.prefix(bytes.count)) else {
        throw FeatureError(
          .notFeatures, "is in the way and is not a journal of features; move it or write elsewhere",
          file: path)
      }
      guard bytes.count == name.count + 8 else { return nil }
      let found = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 8, as: UInt32.self) }
      guard UInt32(littleEndian: found) == version else {
        throw FeatureError(
          .unknownVersion,
          "is a journal of version \(UInt32(littleEndian: found)), where \(version) was expected; delete it, "
            + "or finish with the Graft that began it", file: path)
      }
      let stored = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 12, as: UInt32.self) }
      let length = Int(UInt32(littleEndian: stored))
      let total = (16 + length + 7) / 8 * 8 + 8
      guard length <= longestText, total <= size else { return nil }
      bytes = try read(file, count: total)
      let checksum = bytes.withUnsafeBytes {
        (
          $0.loadUnaligned(fromByteOffset: total - 8, as: UInt64.self),
          Checksum.of(UnsafeRawBufferPointer(rebasing: $0[..<(total - 8)]), seed: 0)
        )
      }
      guard UInt64(littleEndian: checksum.0) == checksum.1 else { return nil }
      let header = try JSONDecoder().decode(
        FeatureHeader.self, from: Data(bytes[16..<(16 + length)]))
      return (header, total, size)
    } catch let error as PositionedFile.Failure {
      throw FeatureError(.cannotRead, "cannot be read: \(error.reason)", file: path)
    } catch let error as DecodingError {
      throw FeatureError(
        .damaged, "does not say where its features come from (\(error)); delete it", file: path,
        underlying: error)
    }
  }

  private static func read(_ file: Int32, count: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let found = try bytes.withUnsafeMutableBytes { try PositionedFile.read(file, into: $0, at: 0) }
    return Array(bytes.prefix(found))
  }

  /// Why rows of one kind cannot be continued with rows of another.
  static func refusal(
    _ found: FeatureHeader, _ wanted: FeatureHeader, _ path: String
  ) -> FeatureError {
    OriginCheck.refusal(
      found, wanted, file: path, what: "an unfinished extraction",
      advice: "finish it as it was begun, delete it, or write elsewhere")
  }
}
