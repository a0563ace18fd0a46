import GraftHDF5
import Testing

@Suite("Files in memory")
struct MemoryImageTests {
  @Test("bytes in memory are read like the file they came from", arguments: ["types.h5", "modern.h5"])
  func sameAsFile(_ name: String) throws {
    let onDisk = try HDF5File(Golden.path(name))
    let inMemory = try HDF5File(image: Golden.bytes(name), name: "built-in weights")
    #expect(inMemory.path == "built-in weights")
    let paths = try onDisk.root.datasetPaths()
    #expect(paths.count > 30)
    #expect(try inMemory.root.datasetPaths() == paths)
    for path in paths {
      let (one, other) = (try onDisk.root.dataset(path), try inMemory.root.dataset(path))
      #expect(one.type == other.type && one.shape == other.shape)
      if one.type == .float32, !path.contains("lzf") {
        #expect(try one.readFloats() == other.readFloats(), "\(path)")
      }
    }
  }

  @Test("two images of one name, open at the same time, are two files")
  func sameName() throws {
    let types = try HDF5File(image: Golden.bytes("types.h5"), name: "weights")
    let strings = try HDF5File(image: Golden.bytes("strings.h5"), name: "weights")
    #expect(try types.root.dataset("little/f4").readFloats() == Golden.numbers(60))
    #expect(try strings.root.dataset("strings/ascii").readStrings() == ["plain", "text"])
    try strings.close()
    #expect(try types.root.dataset("big/f4").readFloats() == Golden.numbers(60))
  }

  @Test("an image outlives the array it was made from, and does not change with it")
  func copied() throws {
    var bytes = try Golden.bytes("types.h5")
    let file = try HDF5File(image: bytes, name: "weights")
    for index in bytes.indices { bytes[index] = 0 }
    #expect(try file.root.dataset("little/f8").readFloats() == Golden.numbers(60))
  }

  @Test("an image cannot be changed")
  func readOnly() throws {
    let file = try HDF5File(image: Golden.bytes("types.h5"), name: "weights")
    let error = #expect(throws: HDF5Error.self) { try file.root.setAttribute("a", .integer(1)) }
    #expect(error?.code == .cannotWrite)
  }

  @Test("a cut image is an error that names it", arguments: ["types.h5", "strings.h5", "modern.h5"])
  func truncated(_ name: String) throws {
    let bytes = try Golden.bytes(name)
    for count in [8, 20, 95, 96, 1000, bytes.count / 2, bytes.count - 1] {
      let error = #expect(throws: HDF5Error.self, "\(count) bytes") {
        try HDF5File(image: Array(bytes[..<count]), name: "built-in weights")
      }
      #expect(error?.description.hasPrefix("built-in weights: ") == true)
      if count >= 96 { #expect(error?.code == .truncated, "\(count) bytes: \(error as Any)") }
    }
  }

  @Test(
    "bytes that are no HDF5 file are called what they are",
    arguments: [([], "empty"), (Array("PK\u{3}\u{4}".utf8), "zip"), ([1, 2, 3], "3 bytes")]
      as [([UInt8], String)])
  func foreign(bytes: [UInt8], words: String) throws {
    let error = #expect(throws: HDF5Error.self) { try HDF5File(image: bytes, name: "weights") }
    #expect(error?.code == .notHDF5)
    #expect(error?.message.contains(words) == true)
  }

  @Test("a file that starts at byte 512 is found")
  func userBlock() throws {
    let image = [UInt8](repeating: 7, count: 512) + (try Golden.bytes("types.h5"))
    let file = try HDF5File(image: image, name: "weights")
    #expect(try file.root.dataset("little/f4").readFloats() == Golden.numbers(60))
  }
}
