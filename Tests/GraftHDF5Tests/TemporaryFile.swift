import Foundation

/// A folder that is there while `body` runs.
func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory.appending(path: "graft-hdf5-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder)
}

/// A file name that is valid while `body` runs.
func withTemporaryFile<Result>(_ body: (String) throws -> Result) throws -> Result {
  try withTemporaryFolder { try body($0.appending(path: "test.h5").path) }
}
