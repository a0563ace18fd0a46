internal import GraftSupport

/// Half-written files of this process.
package enum TemporaryFiles {
  /// Removes the files that are being written under temporary names; for a program that is about to end.
  package static func removeAll() { AtomicFile.removeTemporaries() }
}
