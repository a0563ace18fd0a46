public import Foundation

/// Where tests find files.
public enum TestData {
  /// The root of the package.
  public static let package: URL = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// The folder with real weights and photos: `GRAFT_TEST_DATA`, or `../shared/data` beside the package; nil
  /// where there is none. Tests that need it skip, saying so.
  public static let folder: URL? = {
    let named = ProcessInfo.processInfo.environment["GRAFT_TEST_DATA"].map { URL(filePath: $0) }
    let folder = named ?? package.deletingLastPathComponent().appending(path: "shared/data")
    return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
  }()

  /// A file in the folder with real weights and photos, or nil where there is none.
  public static func file(_ path: String) -> String? {
    guard let file = folder?.appending(path: path), FileManager.default.fileExists(atPath: file.path) else {
      return nil
    }
    return file.path
  }

  /// Calls `body` with a new, empty folder, which is removed afterwards.
  public static func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "graft-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
  }
}
