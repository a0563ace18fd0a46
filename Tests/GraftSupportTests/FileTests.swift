import Foundation
import GraftSupport
import Testing
import _GraftTestSupport

@Suite("Files")
struct FileTests {
  private struct Refusal: Error {}

  private func names(in folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  @Test("A file is written whole, in place of another, and nothing is left beside it")
  func write() throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "a.txt").path
      for text in ["first", "", "Grüße", String(repeating: "x", count: 3 << 20)] {
        try AtomicFile.write(text, to: path)
        #expect(try FileBlocks.bytes(of: path) == Array(text.utf8))
        #expect(try names(in: folder) == ["a.txt"])
      }
    }
  }

  @Test("When making the new file fails, the old one stays and nothing is left beside it")
  func failure() throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "a.txt").path
      try AtomicFile.write("old", to: path)
      #expect(throws: Refusal.self) {
        try AtomicFile.replace(path) { temporary in
          try AtomicFile.write("half", to: temporary)
          throw Refusal()
        }
      }
      // A body that makes no file at all.
      #expect(throws: FileError.self) { try AtomicFile.replace(path) { _ in } }
      #expect(try FileBlocks.bytes(of: path) == Array("old".utf8))
      #expect(try names(in: folder) == ["a.txt"])
    }
  }

  @Test("What cannot be written is an error with the file and the system's reason")
  func unwritable() throws {
    try TestData.withTemporaryFolder { folder in
      let missing = folder.appending(path: "none/a.txt").path
      let error = try #require(throws: FileError.self) { try AtomicFile.write("x", to: missing) }
      #expect(error.path == missing && error.reason.contains("No such file"), "\(error)")
      let taken = folder.appending(path: "folder")
      try FileManager.default.createDirectory(at: taken, withIntermediateDirectories: true)
      let other = try #require(throws: FileError.self) { try AtomicFile.write("x", to: taken.path) }
      #expect(other.reason.contains("directory"), "\(other)")
      #expect(try names(in: folder) == ["folder"])
    }
  }

  @Test("Threads that write the same file one over the other leave one of their texts, whole")
  func threads() throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "a.txt").path
      let texts = (0..<8).map { String(repeating: "\($0)", count: 100_000) }
      DispatchQueue.concurrentPerform(iterations: 32) { index in
        try? AtomicFile.write(texts[index % 8], to: path)
      }
      let found = String(decoding: try FileBlocks.bytes(of: path), as: UTF8.self)
      #expect(texts.contains(found))
      #expect(try names(in: folder) == ["a.txt"])
    }
  }

  @Test("Digests are those of the standards, of bytes and of files")
  func digests() throws {
    // FIPS 180-2, appendix B.1 and B.3; RFC 1321, appendix A.5.
    let million = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
    #expect(
      Digest.sha256(of: Array("abc".utf8))
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(Digest.md5(of: Array("abc".utf8)) == "900150983cd24fb0d6963f7d28e17f72")
    #expect(Digest.md5(of: []) == "d41d8cd98f00b204e9800998ecf8427e")
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "million").path
      try AtomicFile.write(million, to: path)
      let expected = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
      #expect(try Digest.sha256(ofFile: path) == expected)
      #expect(million.withUnsafeBytes { Digest.sha256(of: $0) } == expected)
      // Several blocks.
      let large = million + million + million
      try AtomicFile.write(large, to: path)
      #expect(try Digest.md5(ofFile: path) == Digest.md5(of: large))
    }
  }

  @Test("Folders, pipes, missing and too large files are errors, at once")
  func unreadable() throws {
    try TestData.withTemporaryFolder { folder in
      let pipe = folder.appending(path: "pipe").path
      #expect(mkfifo(pipe, 0o600) == 0)
      for (path, words) in [
        (folder.path, "folder"), (pipe, "not a regular file"),
        (folder.appending(path: "none").path, "No such file"),
      ] {
        let error = try #require(throws: FileError.self) { try FileBlocks.bytes(of: path) }
        #expect(error.path == path && error.reason.contains(words), "\(error)")
      }
      let path = folder.appending(path: "a.txt").path
      try AtomicFile.write("hello", to: path)
      #expect(try FileBlocks.bytes(of: path, limit: 5).count == 5)
      #expect(throws: FileError.self) { try FileBlocks.bytes(of: path, limit: 4) }
    }
  }
}
