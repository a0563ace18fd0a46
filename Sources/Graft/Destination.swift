internal import Foundation

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
    var isFolder: ObjCBool = false
    let manager = FileManager.default
    let folder = URL(filePath: path).deletingLastPathComponent().path
    guard manager.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
      throw refuse("cannot be written: there is no folder \(folder); make it, or write elsewhere")
    }
    guard access(folder, W_OK) == 0 else {
      throw refuse("cannot be written: \(folder): \(String(cString: strerror(errno)))")
    }
    guard manager.fileExists(atPath: path, isDirectory: &isFolder) else { return }
    guard !isFolder.boolValue else {
      throw refuse("is a folder; name a file in it, such as \(path)/\(example)")
    }
    guard isReplaceable(path) else {
      throw refuse("is in the way, \(kind); move it, delete it, or write elsewhere")
    }
  }
}
