import Foundation
import GraftHDF5
import Testing

@Suite("What a file may not do")
struct RefusalTests {
  private func elsewhere() throws -> HDF5Group { try HDF5File(Golden.path("elsewhere.h5")).root }

  @Test(
    "Links and values that lead elsewhere are refused by name",
    arguments: [
      ("soft", "soft link"), ("dangling", "soft link"), ("external", "another file"),
      ("outside", "other file"),
      ("virtual", "virtual dataset"),
    ])
  func refused(_ name: String, _ words: String) throws {
    let root = try elsewhere()
    let error = #expect(throws: HDF5Error.self) { try root.dataset(name) }
    #expect(error?.code == .refused && error?.message.contains(words) == true, "\(error as Any)")
    #expect(error?.object == "/" + name)
    // Neither as a step on the way.
    #expect(throws: HDF5Error.self) { try root.dataset(name + "/x") }
  }

  @Test(
    "A list of other files is found whatever its flags are, and where values have a place in the file as well"
  )
  func flaggedList() throws {
    let original = try Golden.bytes("elsewhere.h5")
    // The message's type, its size, the flag of what never changes, and its version.
    let list: [UInt8] = [7, 0, 0x28, 0, 1, 0, 0, 0, 1]
    let start = try #require(original.indices.first { original[$0...].starts(with: list) })
    // Right behind it the layout: of version 3, in one piece, without an address.
    let layout = start + 8 + 0x28
    let unplaced: [UInt8] = [8, 0, 0x18, 0, 0, 0, 0, 0, 3, 1] + [UInt8](repeating: 0xff, count: 8)
    #expect(original[layout...].starts(with: unplaced))
    // 2 says that the message is shared, which one of this kind cannot be.
    for (flags, isPlaced) in [(UInt8(3), false), (1, true), (3, true)] {
      var bytes = original
      bytes[start + 4] = flags
      if isPlaced { bytes.replaceSubrange(layout + 10..<layout + 18, with: [64, 0, 0, 0, 0, 0, 0, 0]) }
      let root = try HDF5File(image: bytes, name: "list").root
      let error = #expect(throws: HDF5Error.self) { try root.dataset("outside") }
      #expect(error?.code == .refused && error?.message.contains("other file") == true, "\(error as Any)")
    }
  }

  @Test("Values beside those that are refused are read, by each of their names")
  func beside() throws {
    let root = try elsewhere()
    #expect(try root.dataset("real").readFloats() == Golden.numbers(4))
    #expect(try root.dataset("hard").readFloats() == Golden.numbers(4))
  }

  @Test("Links in a circle are refused, groups in a circle walked once")
  func circles() throws {
    let root = try elsewhere()
    for name in ["loop_a", "loop_b", "loop_self"] {
      #expect(try #require(throws: HDF5Error.self) { try root.groupIfPresent(name) }.code == .refused)
    }
    #expect(try root.dataset("group/back/group/back/real").readFloats() == Golden.numbers(4))
    #expect(try root.group("ring").datasetPaths() == ["x"])
    #expect(try root.group("ring/self/self").memberNames() == ["self", "x"])
  }

  @Test(
    "More values than the file can hold are refused before memory is taken for them",
    arguments: ["absurd", "absurd_chunk", "absurd_plain", "absurd_contiguous"])
  func absurd(_ name: String) throws {
    let dataset = try elsewhere().dataset(name)
    let error = #expect(throws: HDF5Error.self) { try dataset.readFloats() }
    #expect(error?.code == .tooLarge && error?.message.contains("stored") == true, "\(error as Any)")
    #expect(try #require(throws: HDF5Error.self) { try dataset.readDoubles() }.code == .tooLarge)
  }

  @Test(
    "More values than can be counted are refused when the dataset is opened",
    arguments: ["uncountable", "uncountable_none"])
  func uncountable(_ name: String) throws {
    let root = try elsewhere()
    #expect(try #require(throws: HDF5Error.self) { try root.dataset(name) }.code == .tooLarge)
  }

  @Test("A value declared gigantic and kept as it is takes no more memory than its rows")
  func rowsOfAbsurd() throws {
    let dataset = try elsewhere().dataset("absurd_contiguous")
    #expect(dataset.shape == [1 << 28])
    // Never written, so zeros: a reader that knows what it wants gets it.
    #expect(try dataset.readFloats(rows: 5..<8) == [0, 0, 0])
  }

  @Test("Groups nested without end are refused where they would exhaust the stack")
  func nesting() throws {
    try withTemporaryFile { path in
      let file = try HDF5File(path, mode: .create)
      let steps = [String](repeating: "g", count: 120)
      _ = try file.root.createDataset(
        steps.joined(separator: "/") + "/x", type: .float32, shape: [1])
      #expect(try #require(throws: HDF5Error.self) { try file.root.datasetPaths() }.code == .tooLarge)
      let inner = try file.root.group(steps.dropFirst(40).joined(separator: "/"))
      #expect(try inner.datasetPaths() == [steps.dropFirst(80).joined(separator: "/") + "/x"])
    }
  }
}
