import Foundation

/// Standard input, output and error as the program finds them: closed, full, or with nobody at the other end.
enum StandardStreams {
  /// Standard output that cannot be written.
  struct Failure: Error, CustomStringConvertible {
    let reason: String
    var description: String { "standard output cannot be written: \(reason)" }
  }

  /// Makes the streams safe to use; to be called before anything is opened.
  static func prepare() {
    // A reader that has seen enough (`| head -1`) is no reason to die in the middle of other work.
    signal(SIGPIPE, SIG_IGN)
    // The next file to be opened would get the number of a closed stream, and messages would go into it. What
    // stands in for standard output cannot be written, so that results do not vanish unseen.
    for (stream, mode) in [(STDIN_FILENO, O_RDONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_WRONLY)]
    where fcntl(stream, F_GETFD) == -1 {
      let substitute = open("/dev/null", mode)
      if substitute >= 0, substitute != stream {
        dup2(substitute, stream)
        close(substitute)
      }
    }
  }

  /// Writes to standard output. What nobody reads any more is dropped.
  ///
  /// - Throws: `Failure`, for a full disk for example.
  static func writeOutput(_ text: String) throws {
    let reason = write(text, to: STDOUT_FILENO)
    guard reason == 0 || reason == EPIPE else {
      throw Failure(reason: reason == EBADF ? "it is closed" : String(cString: strerror(reason)))
    }
  }

  /// Writes to standard error; there is nobody to tell if that fails.
  static func writeError(_ text: String) { _ = write(text, to: STDERR_FILENO) }

  /// Writes all of a text; the reason is 0 if that worked, otherwise a code of `errno`.
  private static func write(_ text: String, to stream: Int32) -> Int32 {
    var text = text
    return text.withUTF8 { bytes in
      var written = 0
      while written < bytes.count {
        let count = Foundation.write(stream, bytes.baseAddress.map { $0 + written }, bytes.count - written)
        if count < 0 && errno == EINTR { continue }
        if count < 0 && errno == EAGAIN {
          // Somebody has made the stream non-blocking.
          var wait = pollfd(fd: stream, events: Int16(POLLOUT), revents: 0)
          poll(&wait, 1, 1000)
          continue
        }
        guard count > 0 else { return count < 0 ? errno : EIO }
        written += count
      }
      return 0
    }
  }
}
