internal import CHDF5
internal import Foundation

/// The one door to the C library: a lock around every use, silence on stderr, and the reasons of failures.
///
/// HDF5 is built without thread safety on most systems, so no two threads may be inside it at once. The lock is
/// recursive because closing an id in a `deinit` may happen inside any other call.
enum HDF5Library {
  private static let lock = NSRecursiveLock()

  /// The library's handler at exit would close files under the feet of threads still running.
  /// It can be switched off only before the library's first use.
  private static let started: Void = {
    H5dont_atexit()
    H5open()
    // A file that names a filter the library does not have would otherwise make it look for shared libraries to
    // load.
    H5PLset_loading_state(0)
    StringReferences.register()
  }()

  /// Runs `body` with the library to itself.
  static func locked<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    lock.lock()
    defer { lock.unlock() }
    started
    // Where the library was built with thread safety, each thread has an error stack and a printing switch of
    // its own; so it is set at each entry rather than once.
    H5Eset_auto2(graft_h5_default_errors(), nil, nil)
    return try body()
  }

  /// The cause of the failure just seen, in HDF5's words: the innermost message and its two classes.
  ///
  /// Must be asked for before any other call to the library, which would clear it.
  static func lastReason() -> String? {
    let stack = H5Eget_current_stack()
    guard stack >= 0 else { return nil }
    defer { H5Eclose_stack(stack) }
    var reason: String?
    _ = withUnsafeMutablePointer(to: &reason) { pointer in
      // Walking upward begins at the innermost function, where the cause is.
      H5Ewalk2(
        stack, H5E_WALK_UPWARD,
        { _, entry, context in
          guard let entry, let reason = context?.assumingMemoryBound(to: String?.self), reason.pointee == nil
          else { return 0 }
          reason.pointee = HDF5Library.text(of: entry.pointee)
          return 0
        }, pointer)
    }
    return reason
  }

  private static func text(of entry: H5E_error2_t) -> String {
    let description = entry.desc.map { systemReason(String(cString: $0)) } ?? ""
    let classes = [entry.maj_num, entry.min_num].map(message(of:)).filter { !$0.isEmpty }.joined(
      separator: ": ")
    if description.isEmpty { return classes }
    return classes.isEmpty ? description : "\(description); \(classes)"
  }

  /// The system's reason, where HDF5 reports one among times, addresses and sizes.
  private static func systemReason(_ description: String) -> String {
    guard let start = description.range(of: "error message = '"),
      let end = description.range(of: "'", range: start.upperBound..<description.endIndex)
    else { return description.split(whereSeparator: \.isNewline).joined(separator: " ") }
    return String(description[start.upperBound..<end.lowerBound])
  }

  private static func message(of id: hid_t) -> String {
    var kind = H5E_MAJOR
    var buffer = [CChar](repeating: 0, count: 128)
    guard H5Eget_msg(id, &kind, &buffer, buffer.count) > 0 else { return "" }
    return string(fromC: buffer)
  }

  /// The text up to the first zero byte.
  static func string(fromC buffer: [CChar]) -> String {
    String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

/// Where in which file something happens: what errors are made from.
struct Place: Hashable, Sendable {
  var file: String
  var object: String?

  func error(_ code: HDF5Error.Code, _ message: String, reason: String? = nil) -> HDF5Error {
    HDF5Error(code, message, file: file, object: object, reason: reason)
  }

  /// Passes on what a library call returned, or throws when it is negative, HDF5's sign of failure.
  @discardableResult
  func check<Value: SignedInteger>(
    _ value: Value, _ code: HDF5Error.Code, _ message: @autoclosure () -> String
  ) throws(HDF5Error) -> Value {
    if value >= 0 { return value }
    let reason = HDF5Library.lastReason()
    throw error(code, message(), reason: reason)
  }
}
