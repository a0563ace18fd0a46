internal import Foundation

/// Opening a journal so that no one else has it open.
enum JournalLock {
  /// Opens the file for reading and writing, makes it where it is missing, and locks it.
  ///
  /// The lock goes with the open file: the system releases it when the program ends, however it ends.
  ///
  /// - Throws: `FeatureError` with code `busy` or `cannotWrite`.
  static func open(_ path: String) throws -> Int32 {
    while true {
      let file = Foundation.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
      guard file >= 0 else {
        throw FeatureError(
          .cannotWrite, "cannot be created: \(String(cString: strerror(errno)))", file: path)
      }
      guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
        let reason = errno
        close(file)
        throw reason == EWOULDBLOCK
          ? FeatureError(
            .busy, "is being written by another process; wait for it to end, or write elsewhere", file: path)
          : FeatureError(
            .cannotWrite, "cannot be locked: \(String(cString: strerror(reason)))", file: path)
      }
      // Between opening and locking, the one who held the lock may have removed the file.
      var opened = stat()
      var named = stat()
      if fstat(file, &opened) == 0, stat(path, &named) == 0, opened.st_ino == named.st_ino,
        opened.st_dev == named.st_dev
      {
        return file
      }
      close(file)
    }
  }
}
