#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// What a path leads to, symbolic links followed.
struct FileStatus {
  enum Kind: Equatable {
    case file
    case folder
    /// A device, a pipe, a socket.
    case other
    /// Nothing that can be reached; the system's error number.
    case missing(Int32)
  }

  /// The same for two paths that lead to one file.
  struct Identity: Hashable {
    var device: UInt64
    var node: UInt64
  }

  let kind: Kind
  let identity: Identity?

  init(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else {
      kind = .missing(errno)
      identity = nil
      return
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: kind = .file
    case S_IFDIR: kind = .folder
    default: kind = .other
    }
    identity = Identity(
      device: UInt64(truncatingIfNeeded: status.st_dev), node: UInt64(truncatingIfNeeded: status.st_ino))
  }
}
