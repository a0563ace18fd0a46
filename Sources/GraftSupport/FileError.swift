internal import Foundation

/// A file that could not be read or written, with the system's reason.
package struct FileError: Error, CustomStringConvertible, Sendable {
  /// The file.
  package let path: String
  /// What was being done, as a verb: "open", "read", "write", "rename to".
  package let action: String
  /// The system's reason, for example "No space left on device".
  package let reason: String

  /// An error that takes its reason from `errno`, or from `reason` where one is given.
  package init(path: String, action: String, reason: String? = nil) {
    self.path = path
    self.action = action
    self.reason = reason ?? String(cString: strerror(errno))
  }

  package var description: String { "\(path): cannot \(action): \(reason)" }
}
