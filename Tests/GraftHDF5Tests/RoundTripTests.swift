import GraftHDF5
import Testing

@Suite("What is written is read back")
struct RoundTripTests {
  /// A formula for the value at an index: halves, exact in every floating-point type up to 2048.
  private static func values(_ count: Int) -> [Float] { (0..<count).map { Float($0 % 1000) / 2 - 100 } }

  @Test(
    "Numbers of every floating-point type, plain and packed, come back exactly",
    arguments: [HDF5Type.float16, .float32, .float64], [nil, 0, 9])
  func floats(type: HDF5Type, deflate: Int?) throws {
    try withTemporaryFile { path in
      let values = Self.values(7 * 5 * 3)
      let file = try HDF5File(path, mode: .create)
      let dataset = try file.root.createDataset(
        "a/b/values", type: type, shape: [7, 5, 3], chunk: deflate == nil ? nil : [2, 5, 2], deflate: deflate,
        shuffle: deflate != nil)
      try dataset.write(values)
      try file.close()

      let read = try HDF5File(path).root.dataset("a/b/values")
      #expect(read.type == type)
      #expect(read.shape == [7, 5, 3])
      #expect(read.count == 105)
      #expect(read.path == "/a/b/values")
      #expect(try read.readFloats() == values)
      #expect(try read.readDoubles() == values.map(Double.init))
      #expect(try read.readFloats(rows: 2..<4) == Array(values[30..<60]))
      #expect(try read.readFloats(rows: 7..<7) == [])
    }
  }

  @Test(
    "Integers of every type come back exactly, at the ends of their ranges",
    arguments: [
      (HDF5Type.int8, Int(Int8.min), Int(Int8.max)), (.uint8, 0, 255), (.int16, -32768, 32767),
      (.uint16, 0, 65535),
      (.int32, Int(Int32.min), Int(Int32.max)), (.uint32, 0, Int(UInt32.max)), (.int64, .min, .max),
      (.uint64, 0, .max),
    ])
  func integers(type: HDF5Type, low: Int, high: Int) throws {
    try withTemporaryFile { path in
      let file = try HDF5File(path, mode: .create)
      let dataset = try file.root.createDataset("x", type: type, shape: [4])
      try dataset.write([low, high, 1, 2])
      #expect(try dataset.readIntegers() == [low, high, 1, 2])
      #expect(try dataset.readIntegers(rows: 1..<2) == [high])
      if low > Int.min, type != .uint64 {
        #expect(throws: HDF5Error.self) { try dataset.write([low - 1, 0, 0, 0]) }
        #expect(throws: HDF5Error.self) { try dataset.write([high + 1, 0, 0, 0]) }
      }
      #expect(try dataset.readIntegers() == [low, high, 1, 2])
    }
  }

  @Test("Strings of both kinds come back, row by row too")
  func strings() throws {
    let strings = ["", "a", "Grüße", "猫", String(repeating: "x", count: 40)]
    try withTemporaryFile { path in
      let file = try HDF5File(path, mode: .create)
      for (name, type) in [("fixed", HDF5Type.fixedString(40)), ("variable", .variableString)] {
        let dataset = try file.root.createDataset(
          name, type: type, shape: [0], maximumShape: [nil], deflate: 4)
        try dataset.resize(to: [5])
        try dataset.write(Array(strings[..<2]), rows: 0..<2)
        try dataset.write(Array(strings[2...]), rows: 2..<5)
        #expect(try dataset.readStrings() == strings)
        #expect(try dataset.readStrings(rows: 1..<3) == Array(strings[1..<3]))
        #expect(dataset.type == type)
      }
    }
  }

  @Test("Single values, empty extents and unwritten values are read as what they are")
  func edges() throws {
    try withTemporaryFile { path in
      let file = try HDF5File(path, mode: .create)
      let scalar = try file.root.createDataset("scalar", type: .float32, shape: [])
      try scalar.write([3.5])
      #expect(scalar.shape == [])
      #expect(scalar.count == 1)
      #expect(try scalar.readFloats() == [3.5])
      let empty = try file.root.createDataset("empty", type: .float32, shape: [3, 0, 2])
      try empty.write([Float]())
      #expect(try empty.readFloats() == [])
      #expect(empty.shape == [3, 0, 2])
      let unwritten = try file.root.createDataset("unwritten", type: .int32, shape: [3])
      #expect(try unwritten.readIntegers() == [0, 0, 0])
      #expect(unwritten.storedBytes == 0)
      let word = try file.root.createDataset("word", type: .variableString, shape: [])
      try word.write(["one"])
      #expect(try word.readStrings() == ["one"])
      let words = try file.root.createDataset("words", type: .variableString, shape: [2])
      #expect(try words.readStrings() == ["", ""])
    }
  }

  @Test("A dataset grows by rows, and only as far as it may")
  func growth() throws {
    try withTemporaryFile { path in
      let file = try HDF5File(path, mode: .create)
      let dataset = try file.root.createDataset(
        "x", type: .float32, shape: [0, 4], maximumShape: [10, 4], chunk: [3, 4])
      for row in 0..<10 {
        try dataset.resize(to: [row + 1, 4])
        try dataset.write([Float](repeating: Float(row), count: 4), rows: row..<row + 1)
      }
      #expect(dataset.shape == [10, 4])
      #expect(try dataset.readFloats() == (0..<40).map { Float($0 / 4) })
      #expect(throws: HDF5Error.self) { try dataset.resize(to: [11, 4]) }
    }
  }

  @Test(
    "Attributes come back, whatever was there before",
    arguments: [
      HDF5Attribute.string(""), .string("Grüße"),
      .strings([]), .strings(["a"]), .strings(["conv1", "猫", ""]), .integer(.min), .integers([1, -2, 3]),
      .float(0.1), .floats([]), .floats([.infinity, -0.5]), .empty,
    ])
  func attributes(value: HDF5Attribute) throws {
    try withTemporaryFile { path in
      let file = try HDF5File(path, mode: .create)
      let dataset = try file.root.createDataset("x", type: .float32, shape: [1])
      for holder in [file.root, dataset] as [any HDF5AttributeHolder] {
        try holder.setAttribute("größe", .integers([1, 2, 3]))
        try holder.setAttribute("größe", value)
        try holder.setAttribute("plain", value, storage: .fixed)
        #expect(try holder.attribute("größe") == value)
        #expect(try holder.attribute("plain") == value)
        #expect(try holder.attributeNames() == ["größe", "plain"].sorted())
        try holder.removeAttribute("plain")
        #expect(try holder.attribute("plain") == nil)
      }
    }
  }

  @Test(
    "A string attribute may be longer than an object header when stored with variable length, and only then")
  func longString() throws {
    try withTemporaryFile { path in
      let text = String(repeating: "{json}", count: 50_000)
      let file = try HDF5File(path, mode: .create)
      try file.root.setAttribute("model_config", .string(text))
      #expect(try file.root.attribute("model_config")?.stringValue == text)
      let error = #expect(throws: HDF5Error.self) {
        try file.root.setAttribute("model_config", .string(text), storage: .fixed)
      }
      #expect(error?.code == .tooLarge)
      // A refused value leaves the old one alone.
      #expect(try file.root.attribute("model_config")?.stringValue == text)
    }
  }
}
