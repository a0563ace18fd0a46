/// A zip archive that cannot be read or written, in words about the archive; the caller adds which file it is.
package struct ZipError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of failure it is.
  package enum Code: Hashable, Sendable {
    /// The bytes are no zip archive, or end too early, or contradict themselves.
    case damaged
    /// The archive is sound, but of a kind that is not read, or beyond the bounds.
    case refused
    /// The file cannot be read.
    case cannotRead
    /// The file cannot be written.
    case cannotWrite
  }

  package let code: Code
  package let message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }
}
