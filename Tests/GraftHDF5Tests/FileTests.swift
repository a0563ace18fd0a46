import Foundation
import GraftHDF5
import Testing

@Suite("Opening, closing, sharing")
struct FileTests {
  @Test("What is missing, a folder or a pipe is an error with the reason")
  func unreadable() throws {
    try withTemporaryFolder { folder in
      let pipe = folder.appending(path: "pipe.h5").path
      #expect(mkfifo(pipe, 0o600) == 0)
      for (path, words) in [
        (folder.appending(path: "none.h5").path, "No such file"), (folder.path, "a folder"),
        (pipe, "not a regular file"), ("a\0b.h5", "zero byte"),
      ] {
        let error = #expect(throws: HDF5Error.self) { try HDF5File(path) }
        #expect(error?.code == .cannotOpen && error?.message.contains(words) == true, "\(error as Any)")
        #expect(error?.file == path)
        #expect(!HDF5File.isHDF5(path))
      }
      let error = #expect(throws: HDF5Error.self) {
        try HDF5File(folder.appending(path: "none/new.h5").path, mode: .create)
      }
      #expect(error?.code == .cannotOpen)
    }
  }

  @Test("What is not HDF5 is called what it is")
  func foreign() throws {
    try withTemporaryFile { path in
      for (text, words) in [
        ("", "empty"), ("PK\u{3}\u{4}", "zip"), ("<html>", "web page"), ("hello", "5 bytes"),
      ] {
        try Data(text.utf8).write(to: URL(filePath: path))
        let error = #expect(throws: HDF5Error.self) { try HDF5File(path) }
        #expect(error?.code == .notHDF5 && error?.message.contains(words) == true, "\(error as Any)")
        #expect(!HDF5File.isHDF5(path))
      }
    }
    #expect(HDF5File.isHDF5(Golden.path("types.h5")))
  }

  @Test("A missing member is an error that lists what is there; the wrong kind of member another")
  func missing() throws {
    let root = try HDF5File(Golden.path("types.h5")).root
    let error = #expect(throws: HDF5Error.self) { try root.group("little").dataset("f3") }
    #expect(error?.code == .notFound && error?.message.contains("f2, f4, f8") == true, "\(error as Any)")
    #expect(try root.datasetIfPresent("little/f3") == nil)
    #expect(try root.kind(of: "little/f3") == nil)
    #expect(try root.kind(of: "little") == .group && root.kind(of: "little/f4") == .dataset)
    #expect(try #require(throws: HDF5Error.self) { try root.dataset("little") }.code == .wrongKind)
    #expect(try #require(throws: HDF5Error.self) { try root.group("scalar") }.code == .wrongKind)
    #expect(try #require(throws: HDF5Error.self) { try root.dataset("scalar/x") }.code == .wrongKind)
    #expect(try root.datasetIfPresent("little/f4\0x") == nil)
  }

  @Test("A file opened for reading stays as it is, and a closed one is closed")
  func closing() throws {
    try withTemporaryFile { path in
      let file = try HDF5File(path, mode: .create)
      let dataset = try file.root.createDataset("x", type: .float32, shape: [2])
      try dataset.write([1, 2] as [Float])
      try file.close()
      try file.close()
      for attempt in [
        { _ = try dataset.readFloats() }, { _ = try file.root.memberNames() }, { try file.flush() },
      ] {
        #expect(try #require(throws: HDF5Error.self) { try attempt() }.code == .closed)
      }
      let bytes = try Data(contentsOf: URL(filePath: path))
      let reader = try HDF5File(path)
      #expect(
        try #require(throws: HDF5Error.self) {
          try reader.root.createDataset("y", type: .float32, shape: [])
        }.code == .cannotWrite)
      try reader.close()
      #expect(try Data(contentsOf: URL(filePath: path)) == bytes)
      let writer = try HDF5File(path, mode: .update)
      try writer.root.dataset("x").write([3, 4] as [Float])
      try writer.close()
      #expect(try HDF5File(path).root.dataset("x").readFloats() == [3, 4])
    }
  }

  @Test("A file that is locked for a moment is waited for, a file that stays locked is refused")
  func locked() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "graft-lock-\(UUID().uuidString).h5")
      .path
    try FileManager.default.copyItem(atPath: Golden.path("types.h5"), toPath: path)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let descriptor = open(path, O_RDONLY)
    defer { close(descriptor) }
    // Whoever turned locks off has none.
    guard ProcessInfo.processInfo.environment["HDF5_USE_FILE_LOCKING"] == nil else { return }
    #expect(flock(descriptor, LOCK_EX) == 0)
    let error = #expect(throws: HDF5Error.self) { try HDF5File(path) }
    #expect(error?.code == .cannotOpen, "\(error as Any)")
    Thread.detachNewThread {
      Thread.sleep(forTimeInterval: 0.2)
      flock(descriptor, LOCK_UN)
    }
    #expect(try HDF5File(path).root.dataset("little/f4").readFloats().count == 60)
  }

  @Test("A dataset keeps its file open, and lets go of it when it goes")
  func lifetime() throws {
    // Descriptors are numbered from the lowest free one: a leak shows as a rising number.
    func nextDescriptor() -> Int32 {
      let descriptor = open("/dev/null", O_RDONLY)
      close(descriptor)
      return descriptor
    }
    var highest: Int32 = 0
    let before = nextDescriptor()
    for _ in 0..<200 {
      let dataset = try HDF5File(Golden.path("types.h5")).root.dataset("little/f4")
      #expect(try dataset.readFloats().count == 60)
      _ = try? HDF5File(Golden.path("make_golden.py"))
      _ = try? dataset.readStrings()
      highest = max(highest, nextDescriptor())
    }
    // Tests running beside this one open files as well, but not 100 of them.
    #expect(highest < before + 100)
  }

  @Test("Any number of threads may read, of one file and of several")
  func threads() throws {
    let shared = try HDF5File(Golden.path("modern.h5"))
    let expected = Golden.numbers(60)
    let failures = Failures()
    DispatchQueue.concurrentPerform(iterations: 64) { index in
      do {
        let root =
          switch index % 3 {
          case 0: shared.root
          case 1: try HDF5File(Golden.path("types.h5")).root
          default: try HDF5File(image: Golden.bytes("types.h5"), name: "image").root
          }
        for kind in ["f2", "f4", "f8"] where try root.dataset("big/\(kind)").readFloats() != expected {
          failures.add("other values")
        }
        // A failure in one thread is not seen in another.
        if (try? root.dataset("none such")) != nil { failures.add("found what is not there") }
        if try root.dataset("packed/f4le").readFloats(rows: 2..<3) != Array(expected[24..<36]) {
          failures.add("other rows")
        }
      } catch { failures.add("\(error)") }
    }
    #expect(failures.all == [])
  }

  private final class Failures: @unchecked Sendable {
    private let lock = NSLock()
    private var messages: [String] = []
    var all: [String] { lock.withLock { messages } }
    func add(_ message: String) { lock.withLock { messages.append(message) } }
  }
}
