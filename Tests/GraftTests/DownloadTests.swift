import Foundation
import Graft
import Testing
import _GraftTestSupport

@Suite("Fetching weights", .serialized)
struct DownloadTests {
  /// A published name without a published digest, and a file that holds as many weights.
  static let name = "mobilenet_0.25_128_notop"

  /// The bytes of a whole, right file: random weights under the published layer names.
  static let bytes: [UInt8] = {
    (try? TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "w.h5").path
      let graph = try Architecture.named("mobilenet_0.25").graph(inputSize: 128, top: .none)
      var parameters = Parameters.random(for: graph, seed: 1)
      // Normalizations as no untrained network has them.
      for node in graph.nodes {
        for (name, shape) in graph.parameterShapes(of: node) where name == "gamma" {
          parameters[node.name, name] = Tensor(uniform: 0.5...1.5, shape: shape, seed: 1, stream: node.name)
        }
      }
      let network = try Network(graph: graph, parameters: parameters)
      try KerasModelFile.write(network, name: "mobilenet_0.25", to: path)
      return Array(try Data(contentsOf: URL(filePath: path)))
    }) ?? []
  }()

  private func fetch(
    in folder: URL, _ handler: @escaping @Sendable (LoopbackServer.Request) -> LoopbackServer.Response
  ) throws -> (run: Program.Result, requests: [LoopbackServer.Request]) {
    let server = try LoopbackServer(handler)
    defer { server.stop() }
    let run = try Program.run(
      ["weights", "fetch", Self.name], in: folder,
      environment: ["GRAFT_HOME": folder.path, "GRAFT_MIRROR": "http://127.0.0.1:\(server.port)"])
    return (run, server.requests)
  }

  @Test("A file is fetched, found by path, verified and used by its name; a second fetch asks nothing")
  func whole() throws {
    try #require(Self.bytes.count > 100_000)
    try TestData.withTemporaryFolder { folder in
      let home = ["GRAFT_HOME": folder.path]
      let (run, requests) = try fetch(in: folder) { .file(Self.bytes, tag: "\"a\"", for: $0) }
      #expect(run.status == 0, "\(run.errors)")
      #expect(requests.count == 1)
      #expect(requests.first?.path.hasSuffix("/mobilenet_2_5_128_tf_no_top.h5") == true)
      let path = run.output.trimmingCharacters(in: .newlines)
      #expect(Array(try Data(contentsOf: URL(filePath: path))) == Self.bytes)
      let where_ = try Program.run(["weights", "path", Self.name], in: folder, environment: home)
      #expect(where_.output.trimmingCharacters(in: .newlines) == path)
      let verify = try Program.run(["weights", "verify", path], in: folder, environment: home)
      #expect(verify.status == 0, "\(verify.errors)")
      let (again, more) = try fetch(in: folder) { _ in .init(status: 500) }
      #expect(again.status == 0)
      #expect(more.isEmpty)
      let inspect = try Program.run(["inspect", path], in: folder, environment: home)
      #expect(inspect.output.contains("input          128×128"), "the name says the size: \(inspect.output)")
      let picture = try #require(
        FileManager.default.enumerator(
          atPath: TestData.package.appending(path: "examples/pictures/val").path)?
          .compactMap { $0 as? String }.first { $0.hasSuffix(".jpg") })
      let extract = try Program.run(
        [
          "extract", TestData.package.appending(path: "examples/pictures/val/\(picture)").path, "-o", "f.h5",
          "--weights",
          Self.name,
        ], in: folder, environment: home)
      #expect(extract.status == 0, "\(extract.errors)")
      var damaged = Self.bytes
      damaged[damaged.count / 2] ^= 1
      try Data(damaged).write(to: URL(filePath: path))
      let refused = try Program.run(["weights", "verify", path], in: folder, environment: home)
      #expect(refused.status == 1)
      #expect(refused.errors.contains("SHA-256"), "\(refused.errors)")
    }
  }

  @Test("A broken connection is taken up again where it stopped, also by a later run")
  func resumed() throws {
    try TestData.withTemporaryFolder { folder in
      let (run, requests) = try fetch(in: folder) { request in
        var response = LoopbackServer.Response.file(Self.bytes, tag: "\"a\"", for: request)
        if request.number < 2 { response.cutAfter = 50_000 }
        return response
      }
      #expect(run.status == 0, "\(run.errors)")
      #expect(requests.map(\.rangeStart) == [nil, 50_000, 100_000])
      let path = run.output.trimmingCharacters(in: .newlines)
      #expect(Array(try Data(contentsOf: URL(filePath: path))) == Self.bytes)
    }
    try TestData.withTemporaryFolder { folder in
      let (failed, _) = try fetch(in: folder) { request in
        var response = LoopbackServer.Response.file(Self.bytes, tag: "\"a\"", for: request)
        response.cutAfter = request.number == 0 ? 70_000 : 0
        return response
      }
      #expect(failed.status == 1)
      #expect(failed.errors.contains("run the command again"), "\(failed.errors)")
      let (run, requests) = try fetch(in: folder) { .file(Self.bytes, tag: "\"a\"", for: $0) }
      #expect(run.status == 0, "\(run.errors)")
      #expect(requests.first?.rangeStart == 70_000)
    }
  }

  @Test("A file that changed on the server in between is fetched from its beginning")
  func changedOnServer() throws {
    try TestData.withTemporaryFolder { folder in
      let (run, requests) = try fetch(in: folder) { request in
        if request.number == 0 {
          var response = LoopbackServer.Response.file(
            [UInt8](repeating: 7, count: 90_000), tag: "\"old\"", for: request)
          response.cutAfter = 60_000
          return response
        }
        return .file(Self.bytes, tag: "\"new\"", for: request)
      }
      #expect(run.status == 0, "\(run.errors)")
      #expect(requests.count == 2)
      let path = run.output.trimmingCharacters(in: .newlines)
      #expect(Array(try Data(contentsOf: URL(filePath: path))) == Self.bytes)
    }
  }

  @Test("Wrong content, wrong answers and no server are refused, and nothing is left under the file's name")
  func refused() throws {
    let answers: [@Sendable (LoopbackServer.Request) -> LoopbackServer.Response] = [
      { _ in .init(status: 404) },
      { _ in .init(body: Array("<html>Please log in</html>".utf8)) },
      { _ in .init(body: Array(Self.bytes.prefix(Self.bytes.count - 1000))) },
      { _ in .init(status: 503) },
    ]
    for answer in answers {
      try TestData.withTemporaryFolder { folder in
        let (run, _) = try fetch(in: folder, answer)
        #expect(run.status == 1)
        #expect(!run.errors.isEmpty)
        let left = (try? FileManager.default.contentsOfDirectory(atPath: folder.path + "/weights")) ?? []
        #expect(!left.contains { $0.hasSuffix(".h5") }, "\(left)")
      }
    }
  }
}
