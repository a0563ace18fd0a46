internal import Foundation
internal import GraftSupport

/// The place of a file that is to be written.
package enum Destination {
  /// Checks, before the work rather than after it, that a file can be written at `path` without loss.
  ///
  /// - Parameters:
  ///   - isReplaceable: whether the file that is there is one of the same kind.
  ///   - kind: what is said of one that is not, as "and no model that graft fit made".
  ///   - example: the name of such a file.
  /// - Throws: `WeightError` with code `.unsuitable`.
  package static func check(
    _ path: String, isReplaceable: (String) -> Bool = { _ in true }, or kind: String = "",
    example: String = "model.h5"
  ) throws {
    func refuse(_ reason: String) -> WeightError { WeightError(.unsuitable, "\(path): \(reason)") }
    if let obstacle = AtomicFile.obstacle(at: path, example: example) { throw refuse(obstacle) }
    guard !FileManager.default.fileExists(atPath: path) || isReplaceable(path) else {
      throw refuse("is in the way, \(kind); move it, delete it, or write elsewhere")
    }
  }
}
