internal import Synchronization
public import Foundation

/// A small HTTP server on the loopback interface whose answers can be faulty on purpose.
public final class LoopbackServer: Sendable {
  /// What was asked for.
  public struct Request: Sendable {
    /// The path, for example "/weights.h5".
    public let path: String
    /// The header fields, names in lower case.
    public let fields: [String: String]
    /// How many requests came before.
    public let number: Int

    /// The first byte of a `Range: bytes=N-` field, or nil.
    public var rangeStart: Int? {
      fields["range"].flatMap { $0.split(separator: "=").last?.split(separator: "-").first }.flatMap {
        Int($0)
      }
    }
  }

  /// What is sent back.
  public struct Response: Sendable {
    /// The status code.
    public var status: Int
    /// The header fields apart from Content-Length.
    public var fields: [String: String]
    /// The body.
    public var body: [UInt8]
    /// The connection is cut after this many bytes of the body.
    public var cutAfter: Int?
    /// Seconds to wait before each 4 KB of the body.
    public var delay: Double

    /// A response.
    public init(
      status: Int = 200, fields: [String: String] = [:], body: [UInt8] = [], cutAfter: Int? = nil,
      delay: Double = 0
    ) {
      self.status = status
      self.fields = fields
      self.body = body
      self.cutAfter = cutAfter
      self.delay = delay
    }

    /// The answer of a correct server that knows ranges and tags.
    public static func file(_ bytes: [UInt8], tag: String, for request: Request) -> Response {
      if let start = request.rangeStart, request.fields["if-range"] == tag, start < bytes.count {
        return Response(
          status: 206,
          fields: ["ETag": tag, "Content-Range": "bytes \(start)-\(bytes.count - 1)/\(bytes.count)"],
          body: Array(bytes[start...]))
      }
      return Response(fields: ["ETag": tag], body: bytes)
    }
  }

  /// The port that the server listens on.
  public let port: UInt16
  private let socketNumber: Int32
  private let handler: @Sendable (Request) -> Response
  private let received = Mutex<[Request]>([])

  /// Starts a server that answers by `handler`.
  public init(_ handler: @escaping @Sendable (Request) -> Response) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && listen(listener, 16) == 0
          && getsockname(listener, $0, &length) == 0
      }
    }
    guard isListening else { throw POSIXError(.EADDRNOTAVAIL) }
    socketNumber = listener
    port = UInt16(bigEndian: address.sin_port)
    self.handler = handler
    Thread.detachNewThread { [self] in
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return }
        Thread.detachNewThread { [self] in serve(connection) }
      }
    }
  }

  /// The requests so far.
  public var requests: [Request] { received.withLock { $0 } }

  /// The address of a path on this server.
  public func url(_ path: String) -> URL {
    URL(string: "http://127.0.0.1:\(port)\(path)") ?? URL(filePath: "/")
  }

  /// Stops listening.
  public func stop() {
    shutdown(socketNumber, Int32(SHUT_RDWR))
    close(socketNumber)
  }

  private func serve(_ connection: Int32) {
    defer { close(connection) }
    var text = ""
    var buffer = [UInt8](repeating: 0, count: 4096)
    while !text.contains("\r\n\r\n") {
      let count = read(connection, &buffer, buffer.count)
      guard count > 0 else { return }
      text += String(decoding: buffer[..<count], as: UTF8.self)
    }
    let lines = text.components(separatedBy: "\r\n")
    let path = lines[0].split(separator: " ").dropFirst().first.map(String.init) ?? "/"
    var fields: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2 { fields[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces) }
    }
    let request = received.withLock { requests in
      let request = Request(path: path, fields: fields, number: requests.count)
      requests.append(request)
      return request
    }
    let response = handler(request)
    var head =
      "HTTP/1.1 \(response.status) Status\r\nContent-Length: \(response.body.count)\r\nConnection: close\r\n"
    for (name, value) in response.fields { head += "\(name): \(value)\r\n" }
    send(Array((head + "\r\n").utf8), to: connection)
    let body = response.body.prefix(response.cutAfter ?? response.body.count)
    for start in stride(from: 0, to: body.count, by: 4096) {
      if response.delay > 0 { Thread.sleep(forTimeInterval: response.delay) }
      send(Array(body[start..<min(start + 4096, body.count)]), to: connection)
    }
  }

  private func send(_ bytes: [UInt8], to connection: Int32) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Foundation.send(
          connection, $0.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      sent += count
    }
  }
}
