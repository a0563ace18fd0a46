internal import Foundation
public import GraftLinear
internal import GraftSupport

extension LinearClassifier {
  /// Whether a name asks for the classifier alone, without the network that its features come from.
  public static func isFileName(_ path: String) -> Bool { path.lowercased().hasSuffix(".json") }

  /// Checks, before the work rather than after it, that a classifier can be saved at `path` without loss.
  ///
  /// - Throws: `WeightError` with code `.unsuitable` for a folder, and for a file that is no classifier.
  public static func checkDestination(_ path: String) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return }
    guard !isFolder.boolValue else {
      throw WeightError(
        .unsuitable, "\(path): is a folder; name a file in it, such as \(path)/classifier.json")
    }
    guard (try? LinearClassifier(contentsOf: path)) != nil else {
      throw WeightError(
        .unsuitable,
        "\(path): is in the way, and no classifier that graft fit made; move it, delete it, or write elsewhere"
      )
    }
  }

  /// Writes the classifier as JSON: its labels, kernel and bias (64-bit little-endian floats in Base64, row by row) for
  /// features as they are, and how it was trained.
  ///
  /// - Throws: `FileError`; then what stood at `path` before still stands there.
  public func save(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    try AtomicFile.write(Array(try encoder.encode(self)), to: path)
  }

  /// Reads a classifier that `save(to:)` wrote.
  ///
  /// - Throws: `WeightError` with code `.unsuitable` for a file that cannot be read or is something else.
  public init(contentsOf path: String) throws {
    do {
      self = try JSONDecoder().decode(
        LinearClassifier.self, from: Data(contentsOf: URL(filePath: path)))
    } catch {
      throw WeightError(.unsuitable, "\(path): is no classifier that graft fit made: \(error)")
    }
  }
}
