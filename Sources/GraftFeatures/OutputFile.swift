internal import Foundation
internal import GraftHDF5
internal import GraftSupport

/// A file that is written from front to back.
final class OutputFile {
  private let path: String
  private let file: Int32
  private var buffer: [UInt8] = []
  private var written = 0

  /// Creates the file, or empties it.
  init(_ path: String) throws {
    self.path = path
    file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw FileError(path: path, action: "create") }
  }

  deinit { close(file) }

  func write(_ bytes: some Collection<UInt8>) throws {
    buffer.append(contentsOf: bytes)
    if buffer.count >= 1 << 20 { try flush() }
  }

  func write(_ bytes: UnsafeRawBufferPointer) throws {
    try flush()
    try put(bytes)
  }

  /// Hands all to the system; to be called at the end.
  func flush() throws {
    try buffer.withUnsafeBytes { try put($0) }
    buffer.removeAll(keepingCapacity: true)
  }

  private func put(_ bytes: UnsafeRawBufferPointer) throws {
    do {
      try PositionedFile.write(file, bytes, at: written)
      written += bytes.count
    } catch {
      throw FileError(path: path, action: "write", reason: error.reason)
    }
  }

  /// Runs `body`, which writes the file at `path`, and says of every failure what it means for the features.
  ///
  /// - Parameter kept: The journal that has them, nil where nothing new is in it.
  static func reporting<Result>(_ path: String, kept: String?, _ body: () throws -> Result) throws -> Result {
    func failure(_ reason: String, _ error: any Error) -> FeatureError {
      let advice = kept.map { "; what was computed is kept in \($0): make room and run again" } ?? ""
      return FeatureError(
        .cannotWrite, "cannot be written: \(reason)\(advice)", file: path, underlying: error)
    }
    do {
      return try body()
    } catch let error as FileError {
      throw failure(error.reason, error)
    } catch let error as HDF5Error {
      throw failure(error.withoutFile, error)
    }
  }
}
