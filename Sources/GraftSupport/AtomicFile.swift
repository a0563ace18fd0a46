internal import Foundation
internal import Synchronization

/// Writing a file so that its name only ever refers to a whole one: under a temporary name in the same
/// folder, flushed to the disk, then renamed.
package enum AtomicFile {
  /// Writes `bytes` to `path`.
  ///
  /// - Throws: `FileError`; then what stood at `path` before still stands there.
  package static func write(_ bytes: [UInt8], to path: String) throws {
    try replace(path) { temporary in
      let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
      guard file >= 0 else { throw FileError(path: path, action: "create") }
      defer { close(file) }
      try bytes.withUnsafeBytes { bytes in
        var written = 0
        while written < bytes.count {
          let count = Foundation.write(file, bytes.baseAddress.map { $0 + written }, bytes.count - written)
          if count < 0 && errno == EINTR { continue }
          guard count > 0 else { throw FileError(path: path, action: "write") }
          written += count
        }
      }
    }
  }

  /// Writes `text` to `path` in UTF-8.
  ///
  /// - Throws: `FileError`; then what stood at `path` before still stands there.
  package static func write(_ text: String, to path: String) throws {
    try write(Array(text.utf8), to: path)
  }

  /// What keeps a file from being written at `path`, for checks before the work rather than after it: a folder that is
  /// missing or cannot be written, or one of that name; nil if nothing does.
  ///
  /// - Parameter example: the name of such a file.
  package static func obstacle(at path: String, example: String) -> String? {
    let manager = FileManager.default
    let folder = URL(filePath: path).deletingLastPathComponent().path
    var isFolder: ObjCBool = false
    guard manager.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
      return "cannot be written: there is no folder \(folder); make it, or write elsewhere"
    }
    guard access(folder, W_OK) == 0 else {
      return "cannot be written: \(folder): \(String(cString: strerror(errno)))"
    }
    guard manager.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else { return nil }
    return "is a folder; name a file in it, such as \(path)/\(example)"
  }

  /// Lets `body` make a file under a temporary name, then gives it the name `path`.
  ///
  /// - Throws: `FileError`, and what `body` throws; then the temporary file is removed and what stood at
  ///   `path` before still stands there.
  package static func replace<Result>(_ path: String, with body: (_ temporary: String) throws -> Result)
    throws
    -> Result
  {
    removeLeftovers(of: path)
    let temporary = temporaryName(for: path)
    return try removingOnFailure(temporary) {
      let result = try body(temporary)
      try rename(temporary, to: path)
      return result
    }
  }

  /// Lets `body` write a file under a temporary name and rename it; where that fails, or the program is
  /// interrupted meanwhile, the temporary file is removed.
  package static func removingOnFailure<Result>(_ temporary: String, _ body: () throws -> Result) throws
    -> Result
  {
    _ = inProgress.withLock { $0.insert(temporary) }
    defer { _ = inProgress.withLock { $0.remove(temporary) } }
    do {
      return try body()
    } catch {
      unlink(temporary)
      throw error
    }
  }

  /// Removes a temporary file that is not needed any more.
  package static func remove(_ temporary: String) { unlink(temporary) }

  /// Removes the temporary files that are being written; for a program that is about to end.
  package static func removeTemporaries() {
    inProgress.withLock { for temporary in $0 { unlink(temporary) } }
  }

  private static let inProgress = Mutex<Set<String>>([])

  /// Removes temporary files of `path` whose writers were killed: processes that are no more, and nothing
  /// was written for a minute (a process of another machine may write here over the network).
  private static func removeLeftovers(of path: String) {
    let place = URL(filePath: path)
    let folder = place.deletingLastPathComponent().path
    let prefix = place.lastPathComponent + "."
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else { return }
    for name in names where name.hasPrefix(prefix) && name.hasSuffix(".part") {
      let numbers = name.dropFirst(prefix.count).dropLast(".part".count).split(
        separator: ".", omittingEmptySubsequences: false)
      guard numbers.count == 2, Int(numbers[1]) != nil, let process = pid_t(numbers[0]), process > 0,
        kill(process, 0) != 0, errno == ESRCH
      else { continue }
      let leftover = folder + "/" + name
      var status = stat()
      guard lstat(leftover, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
      #if canImport(Darwin)
      let changed = status.st_mtimespec.tv_sec
      #else
      let changed = status.st_mtim.tv_sec
      #endif
      if time(nil) - changed > 60 { unlink(leftover) }
    }
  }

  /// A name beside `path` that nobody else uses: no other process, and no other thread of this one.
  package static func temporaryName(for path: String) -> String {
    let number = namesGiven.add(1, ordering: .relaxed).newValue
    return "\(path).\(ProcessInfo.processInfo.processIdentifier).\(number).part"
  }

  private static let namesGiven = Atomic(0)

  /// Flushes `temporary` to the disk, renames it to `path`, and makes the renaming last.
  ///
  /// - Throws: `FileError`; then what stood at `path` before still stands there.
  package static func rename(_ temporary: String, to path: String) throws {
    let file = open(temporary, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw FileError(path: temporary, action: "open") }
    let failure = fsync(file) == 0 ? nil : FileError(path: path, action: "write")
    close(file)
    if let failure { throw failure }
    guard Foundation.rename(temporary, path) == 0 else { throw FileError(path: path, action: "rename to") }
    syncFolder(of: path)
  }

  /// Makes changes of names in the folder of `path` last through a power failure, where the system can: the
  /// new name stands already, so there is nothing to be done about a failure.
  private static func syncFolder(of path: String) {
    let parent = URL(filePath: path).deletingLastPathComponent().path
    let folder = open(parent, O_RDONLY | O_CLOEXEC | O_DIRECTORY)
    guard folder >= 0 else { return }
    fsync(folder)
    close(folder)
  }
}
