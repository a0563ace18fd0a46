internal import Foundation
internal import GraftKeras
internal import GraftSupport
internal import Synchronization

#if canImport(FoundationNetworking)
internal import FoundationNetworking
#endif

/// Fetching a file over HTTP: resumed where an earlier try stopped, checked before it gets its name.
struct Download {
  /// Where the file is.
  let url: URL
  /// Where it goes.
  let destination: String
  /// The size it must have, in bytes, if known.
  var expectedSize: Int?
  /// The digest it must have, if one is published.
  var digest: WeightRegistry.Digest?
  /// A further check of the whole file before it gets its name, given its temporary path.
  var checkContent: @Sendable (String) throws -> Void = { _ in }
  /// How often a broken connection is taken up again.
  var retries = 4
  /// The pause before the first retry, in seconds; doubled each time.
  var pause = 0.5
  /// How long the server may stay silent, in seconds.
  var timeout = 30.0

  /// Bytes received of bytes expected (nil while unknown).
  typealias Progress = @Sendable (_ received: Int, _ expected: Int?) throws -> Void

  /// Makes a folder, and those it lies in; with the system's reason where that fails, which Foundation's errors
  /// bury.
  private static func makeFolder(_ folder: String) throws {
    if mkdir(folder, 0o777) == 0 { return }
    var reason = errno
    if reason == ENOENT {
      let parent = (folder as NSString).deletingLastPathComponent
      if !parent.isEmpty, parent != folder {
        try makeFolder(parent)
        if mkdir(folder, 0o777) == 0 { return }
        reason = errno
      }
    }
    if reason == EEXIST {
      var isFolder: ObjCBool = false
      if FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue { return }
      reason = ENOTDIR
    }
    throw WeightError(
      .download,
      "\(folder): this folder cannot be made: \(String(cString: strerror(reason))); set GRAFT_HOME to one that can "
        + "be written")
  }

  /// Fetches the file. What has come is kept beside the destination under the name `….part`, so that a
  /// later call goes on from there; a file that fails its check is thrown away.
  ///
  /// - Throws: `WeightError`, `FileError`, and what `progress` throws.
  func run(progress: @escaping Progress = { _, _ in }) throws {
    let partial = destination + ".part"
    try Self.makeFolder((destination as NSString).deletingLastPathComponent)
    var attempt = 0
    while true {
      switch try Transfer(download: self, partial: partial, progress: progress).run() {
      case .finished:
        try check(partial)
        try AtomicFile.rename(partial, to: destination)
        try? FileManager.default.removeItem(atPath: partial + ".etag")
        return
      case .interrupted(let reason):
        attempt += 1
        guard attempt <= retries else {
          throw WeightError(
            .download,
            "\(url): the connection broke \(attempt) times (\(reason)); run the command again to go on from "
              + "where it stopped")
        }
        Thread.sleep(forTimeInterval: pause * Double(1 << (attempt - 1)))
      }
    }
  }

  private func check(_ partial: String) throws {
    if let expectedSize {
      let size = (try FileManager.default.attributesOfItem(atPath: partial)[.size] as? Int) ?? -1
      guard size == expectedSize else {
        try? FileManager.default.removeItem(atPath: partial)
        throw WeightError(
          .digest, "\(url): the file has \(size) bytes, \(expectedSize) are published; it was not kept")
      }
    }
    if let digest {
      let found = try digest.algorithm.digest(ofFile: partial)
      guard found == digest.value else {
        try? FileManager.default.removeItem(atPath: partial)
        throw WeightError(
          .digest,
          "\(url): the file's \(digest.algorithm.rawValue) is \(found), \(digest.value) is published; it was "
            + "not kept")
      }
    }
    do {
      try checkContent(partial)
    } catch {
      try? FileManager.default.removeItem(atPath: partial)
      throw error
    }
  }
}

extension Download {
  init(
    url: URL, destination: String, digest: WeightRegistry.Digest?,
    checkContent: @escaping @Sendable (String) throws -> Void
  ) {
    self.init(url: url, destination: destination)
    self.digest = digest
    self.checkContent = checkContent
  }
}

/// One HTTP request of a download.
private final class Transfer: NSObject, URLSessionDataDelegate, Sendable {
  enum Outcome {
    case finished
    case interrupted(reason: String)
  }

  private struct State {
    var file: FileHandle?
    var received = 0
    var expected: Int?
    var failure: (any Error)?
  }

  private let download: Download
  private let partial: String
  private let progress: Download.Progress
  private let state = Mutex(State())
  private let done = DispatchSemaphore(value: 0)

  init(download: Download, partial: String, progress: @escaping Download.Progress) {
    self.download = download
    self.partial = partial
    self.progress = progress
  }

  func run() throws -> Outcome {
    var request = URLRequest(url: download.url, timeoutInterval: download.timeout)
    let present = (try? FileManager.default.attributesOfItem(atPath: partial)[.size] as? Int) ?? 0
    // A part may only be continued if it is of the same file: the tag kept with it says so.
    if present > 0, let tag = try? String(contentsOfFile: partial + ".etag", encoding: .utf8) {
      request.setValue("bytes=\(present)-", forHTTPHeaderField: "Range")
      request.setValue(tag, forHTTPHeaderField: "If-Range")
    }
    request.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
    let session = URLSession(configuration: .ephemeral, delegate: self, delegateQueue: nil)
    session.dataTask(with: request).resume()
    done.wait()
    session.invalidateAndCancel()

    let (failure, received, expected) = state.withLock { state in
      try? state.file?.close()
      return (state.failure, state.received, state.expected)
    }
    if let error = failure as? URLError {
      let permanent: Set<URLError.Code> = [
        .unsupportedURL, .badURL, .httpTooManyRedirects, .cannotFindHost, .cannotConnectToHost,
      ]
      if permanent.contains(error.code) {
        throw WeightError(.download, "\(download.url): \(error.localizedDescription)")
      }
      return .interrupted(reason: error.localizedDescription)
    }
    if let failure { throw failure }
    if let expected, received < expected {
      return .interrupted(reason: "\(received) of \(expected) bytes came")
    }
    return .finished
  }

  func urlSession(
    _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
    completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
  ) {
    do {
      try state.withLock { try begin(&$0, response) }
      completionHandler(.allow)
    } catch {
      state.withLock { $0.failure = error }
      completionHandler(.cancel)
    }
  }

  private func begin(_ state: inout State, _ response: URLResponse) throws {
    let http = response as? HTTPURLResponse
    let status = http?.statusCode ?? 200
    switch status {
    case 200:
      _ = FileManager.default.createFile(atPath: partial, contents: nil)
      state.received = 0
    case 206:
      break
    case 416:
      try? FileManager.default.removeItem(atPath: partial)
      throw URLError(.networkConnectionLost)
    case 408, 429, 500...599:
      throw URLError(.networkConnectionLost)
    default:
      throw WeightError(.download, "\(download.url): the server answered \(status)")
    }
    guard let file = FileHandle(forWritingAtPath: partial) else {
      throw FileError(path: partial, action: "write")
    }
    state.file = file
    state.received = Int(try file.seekToEnd())
    if response.expectedContentLength >= 0 {
      state.expected = state.received + Int(response.expectedContentLength)
    }
    if let tag = http?.value(forHTTPHeaderField: "ETag"), !tag.hasPrefix("W/") {
      try? tag.write(toFile: partial + ".etag", atomically: true, encoding: .utf8)
    } else {
      try? FileManager.default.removeItem(atPath: partial + ".etag")
    }
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    do {
      let (received, expected) = try state.withLock { state in
        try state.file?.write(contentsOf: data)
        state.received += data.count
        return (state.received, state.expected)
      }
      try progress(received, expected)
    } catch {
      state.withLock { $0.failure = error }
      dataTask.cancel()
    }
  }

  func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
    state.withLock { state in
      if state.failure == nil { state.failure = error }
    }
    done.signal()
  }
}
