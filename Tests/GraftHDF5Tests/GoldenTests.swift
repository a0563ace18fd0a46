import GraftHDF5
import Testing

@Suite("Files written by h5py")
struct GoldenTests {
  /// The oldest and a newer version of the format's structures.
  private static let files = ["types.h5", "modern.h5"]

  private func file(_ name: String) throws -> HDF5File { try HDF5File(Golden.path(name)) }

  @Test("Fractions of every size and byte order are read exactly", arguments: files)
  func fractions(_ name: String) throws {
    let root = try file(name).root
    for order in ["little", "big"] {
      for (kind, type) in [("f2", HDF5Type.float16), ("f4", .float32), ("f8", .float64)] {
        let dataset = try root.dataset("\(order)/\(kind)")
        #expect(dataset.type == type && dataset.shape == [5, 4, 3])
        #expect(try dataset.readFloats() == Golden.numbers(60))
        #expect(try dataset.readDoubles() == Golden.numbers(60).map(Double.init))
        #expect(try dataset.readFloats(rows: 1..<3) == Array(Golden.numbers(60)[12..<36]))
        let error = #expect(throws: HDF5Error.self) { try dataset.readIntegers() }
        #expect(error?.code == .wrongType)
      }
    }
  }

  @Test("Integers of every size, sign and byte order are read exactly", arguments: files)
  func integers(_ name: String) throws {
    let root = try file(name).root
    for order in ["little", "big"] {
      for (kind, type) in [
        ("i1", HDF5Type.int8), ("u1", .uint8), ("i2", .int16), ("u2", .uint16), ("i4", .int32),
        ("u4", .uint32),
        ("i8", .int64), ("u8", .uint64),
      ] {
        let dataset = try root.dataset("\(order)/\(kind)")
        let values = (0..<60).map { kind.hasPrefix("u") ? $0 : -$0 }
        #expect(dataset.type == type)
        #expect(try dataset.readIntegers() == values)
        #expect(try dataset.readIntegers(rows: 4..<5) == Array(values[48...]))
        #expect(try dataset.readFloats() == values.map(Float.init))
        if type == .uint8 { #expect(try dataset.readBytes() == values.map { UInt8($0) }) }
      }
    }
  }

  @Test("Packed values are read as plain ones", arguments: files)
  func packed(_ name: String) throws {
    let root = try file(name).root
    for kind in ["f2le", "f2be", "f4le", "f4be", "f8le", "checksum"] {
      #expect(try root.dataset("packed/\(kind)").readFloats() == Golden.numbers(60), "\(kind)")
    }
    // NumPy cut the fractions off when it made integers of them.
    #expect(
      try root.dataset("packed/i4be").readIntegers()
        == Golden.numbers(60).map { Int($0.rounded(.towardZero)) })
    let sparse = try root.dataset("sparse")
    #expect(sparse.shape == [100, 10] && sparse.storedBytes < 200)
    #expect(try sparse.readFloats() == (0..<1000).map { (500..<600).contains($0) ? 1 : 0 })
  }

  @Test("A filter that the library does not have is an error that says so", arguments: files)
  func unknownFilter(_ name: String) throws {
    let dataset = try file(name).root.dataset("packed/lzf")
    let error = #expect(throws: HDF5Error.self) { try dataset.readFloats() }
    #expect(error?.code == .cannotRead && error?.reason?.contains("filter") == true, "\(error as Any)")
  }

  @Test("Truth values, enumerations and both ways of storing bfloat16 are read", arguments: files)
  func unusualTypes(_ name: String) throws {
    let root = try file(name).root
    #expect(try root.dataset("bool").readIntegers() == [1, 0, 1])
    #expect(try root.dataset("enum").readIntegers() == [0, 300, 2])
    for name in ["brain", "brain_number"] {
      let brain = try root.dataset(name)
      #expect(brain.type == .bfloat16)
      #expect(try brain.readFloats() == [1, -2.5, 0x1p100])
    }
    for name in ["opaque", "complex"] {
      let error = #expect(throws: HDF5Error.self) { try root.dataset(name).readFloats() }
      #expect(error?.code == .wrongType)
    }
    let large = try root.dataset("large")
    #expect(try large.readFloats() == [0x1p63, 1])
    #expect(try #require(throws: HDF5Error.self) { try large.readIntegers() }.code == .invalidValue)
  }

  @Test("The ends of half precision are read exactly", arguments: files)
  func halves(_ name: String) throws {
    let values = try file(name).root.dataset("half").readFloats()
    #expect(
      values.dropLast() == [
        0x1p-24, 1023 * 0x1p-24, 0x1p-14, 65504, -65504, -0.0, .infinity, -.infinity,
      ])
    #expect(values[5].sign == .minus && values[8].isNaN)
  }

  @Test("Single values, empty and unwritten ones, and deep names are read", arguments: files)
  func shapes(_ name: String) throws {
    let root = try file(name).root
    #expect(try root.dataset("scalar").shape == [] && root.dataset("scalar").readFloats() == [2.5])
    #expect(try root.dataset("none").shape == [3, 0, 2] && root.dataset("none").readFloats() == [])
    #expect(try root.dataset("null").count == 0 && root.dataset("null").readFloats() == [])
    #expect(try root.dataset("unwritten").readFloats() == [1.5, 1.5, 1.5, 1.5])
    let deep = try root.group("deep").group("er")
    #expect(deep.path == "/deep/er")
    #expect(try deep.dataset("est/x").readFloats() == Golden.numbers(3))
    #expect(try deep.dataset("/deep/er/est/x").path == "/deep/er/est/x")
    #expect(try root.group("names with space/größe").memberNames() == ["10", "2"])
  }

  @Test("Strings of every padding are read", arguments: ["strings.h5", "modern.h5"])
  func strings(_ name: String) throws {
    let group = try file(name).root.group("strings")
    let words = ["", "a", "Grüße", "猫の写真"]
    for name in ["variable", "fixed", "terminated", "padded", "spaced"] {
      #expect(try group.dataset(name).readStrings() == words, "\(name)")
      #expect(try group.dataset(name).readStrings(rows: 2..<4) == Array(words[2...]), "\(name)")
    }
    #expect(try group.dataset("ascii").readStrings() == ["plain", "text"])
    #expect(try group.dataset("invalid").readStrings() == ["ok", "\u{fffd}bad\u{fffd}"])
    #expect(try group.dataset("packed").readStrings() == (0..<10).flatMap { _ in words })
    #expect(try group.dataset("word").readStrings() == ["one"])
    #expect(try group.dataset("unwritten").readStrings() == ["", ""])
    #expect(
      try #require(throws: HDF5Error.self) { try group.dataset("word").readFloats() }.code == .wrongType)
  }

  @Test(
    "Attributes of every kind are read",
    arguments: [
      ("string", .string("Grüße")), ("fixed", .string("Grüße")), ("strings", .strings(["conv1", "", "猫"])),
      ("fixed_strings", .strings(["conv1", "bn"])), ("empty_list", .floats([])), ("empty", .empty),
      ("empty_string", .string("")), ("integer", .integer(7)), ("big_endian", .integers([1, -2, 3])),
      ("unsigned", .integers([1, 2])), ("float", .float(0.1)), ("half", .float(1.5)),
      ("floats", .floats([1, 2, 3, 4])), ("bool", .integer(1)), ("bools", .integers([1, 0])),
      ("größe", .integer(1)), ("absent", nil),
    ] as [(String, HDF5Attribute?)])
  func attributes(_ name: String, _ value: HDF5Attribute?) throws {
    let old = try file("strings.h5")
    for holder in [old.root, try old.root.dataset("x"), try file("modern.h5").root]
      as [any HDF5AttributeHolder]
    {
      #expect(try holder.attribute(name) == value)
    }
  }

  @Test(
    "Attributes that are neither numbers nor strings are errors that name them",
    arguments: ["complex", "reference"])
  func foreignAttributes(_ name: String) throws {
    for file in [try file("strings.h5"), try file("modern.h5")] {
      let error = #expect(throws: HDF5Error.self) { try file.root.attribute(name) }
      #expect(error?.code == .wrongType && error?.message.contains(name) == true)
    }
  }

  @Test("Groups and attribute lists too long for the old structures are read")
  func many() throws {
    let many = try file("modern.h5").root.group("many")
    #expect(try many.memberNames() == (0..<40).map { "d\($0)" }.sorted())
    #expect(try many.attributeNames() == (0..<40).map { "a\($0)" }.sorted())
    #expect(try many.attribute("a39") == .integer(39))
    #expect(try many.dataset("d17").readFloats() == [17])
  }
}
