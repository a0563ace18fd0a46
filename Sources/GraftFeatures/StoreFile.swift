internal import GraftHDF5
internal import GraftTensor

/// A feature store that is open for reading and whose parts are known to fit together.
struct StoreFile: Sendable {
  let path: String
  let header: FeatureHeader
  /// The number of rows.
  let count: Int

  private let file: HDF5File
  private let datasets: [HDF5Dataset]

  /// Opens a store.
  ///
  /// - Throws: `FeatureError` with code `notFeatures`, `unknownVersion`, `damaged` or `cannotRead`.
  init(_ path: String) throws {
    self.path = path
    (file, header, datasets, count) = try Self.reading(path) {
      let file = try HDF5File(path)
      try Self.checkFormat(file.root, path)
      let origin = try Self.origin(file.root, path)
      guard !origin.layers.isEmpty, Set(origin.layers).count == origin.layers.count else {
        throw Self.damaged("names no layers, or one twice", path)
      }
      let datasets = try StoreLayout.datasets(for: origin.layers).map { try file.root.dataset($0) }
      let count = datasets[0].shape.first ?? 0
      var layers: [FeatureLayer] = []
      for (name, dataset) in zip(origin.layers, datasets) {
        let shape = dataset.shape
        guard shape.count >= 2, shape[0] == count, let width = Self.product(shape.dropFirst()), width > 0
        else {
          throw Self.damaged(
            "\(dataset.path) has the shape \(shape), where [\(count), …] was expected", path)
        }
        guard dataset.type == datasets[0].type else {
          throw Self.damaged("its layers are of the types \(datasets[0].type) and \(dataset.type)", path)
        }
        layers.append(FeatureLayer(name: name, shape: Shape(Array(shape.dropFirst()))))
      }
      let scalar: FeatureScalar
      switch datasets[0].type {
      case .float32: scalar = .float32
      case .float16: scalar = .float16
      default:
        throw Self.damaged("features are of type \(datasets[0].type); float32 or float16 was expected", path)
      }
      try Self.checkLength(file.root, StoreLayout.paths, count, path)
      try Self.checkLength(file.root, StoreLayout.digests, count, path)
      return (file, FeatureHeader(origin: origin, layers: layers, scalar: scalar), datasets, count)
    }
  }

  /// Whether a file says that it is a feature store.
  static func isStore(_ path: String) -> Bool {
    guard HDF5File.isHDF5(path), let file = try? HDF5File(path) else { return false }
    return (try? file.root.attribute(StoreLayout.Attribute.format))?.stringValue == StoreLayout.format
  }

  func paths() throws -> [String] {
    try Self.reading(path) { try file.root.dataset(StoreLayout.paths).readStrings() }
  }

  /// The digests, each checked to be one.
  func digests() throws -> [String] {
    let digests = try Self.reading(path) { try file.root.dataset(StoreLayout.digests).readStrings() }
    if let row = digests.firstIndex(where: { PictureKey(hexadecimal: $0) == nil }) {
      throw Self.damaged("row \(row) has no SHA-256 digest but \"\(digests[row].prefix(70))\"", path)
    }
    return digests
  }

  /// The names of the classes; none where pictures have none.
  func classes() throws -> [String] {
    try Self.reading(path) { try file.root.datasetIfPresent(StoreLayout.classes)?.readStrings() } ?? []
  }

  /// The class of each row, checked against the number of classes; nil where there are none.
  func classIndices(classes: Int) throws -> [Int]? {
    try Self.reading(path) {
      guard let dataset = try file.root.datasetIfPresent(StoreLayout.labels) else {
        if classes == 0 { return nil }
        throw Self.damaged("has \(classes) classes and no labels", path)
      }
      guard dataset.shape == [count] else {
        throw Self.damaged("has labels of shape \(dataset.shape) for \(count) rows", path)
      }
      let labels = try dataset.readIntegers()
      if let row = labels.firstIndex(where: { !(0..<classes).contains($0) }) {
        throw Self.damaged("row \(row) is of class \(labels[row]), where there are \(classes) classes", path)
      }
      return labels
    }
  }

  /// Reads all of one layer.
  func read(layer: Int) throws -> [Float] {
    try Self.reading(path) { try datasets[layer].readFloats() }
  }

  /// Reads one layer of consecutive rows of halves, by their bits.
  func readHalves(layer: Int, rows: Range<Int>, into buffer: UnsafeMutableBufferPointer<UInt16>) throws {
    try Self.reading(path) { try datasets[layer].readHalves(rows: rows, into: buffer) }
  }

  /// Reads one layer of consecutive rows.
  func read(layer: Int, rows: Range<Int>, into buffer: UnsafeMutableBufferPointer<Float>) throws {
    try Self.reading(path) { try datasets[layer].readFloats(rows: rows, into: buffer) }
  }
}

// MARK: -

extension StoreFile {
  private static func checkFormat(_ root: HDF5Group, _ path: String) throws {
    guard try root.attribute(StoreLayout.Attribute.format)?.stringValue == StoreLayout.format else {
      throw FeatureError(
        .notFeatures,
        "is an HDF5 file but not a feature store, which `graft extract` makes; `graft inspect` shows what it "
          + "is",
        file: path)
    }
    let version = try root.attribute(StoreLayout.Attribute.version)?.integerValue ?? 0
    guard version == StoreLayout.version else {
      throw FeatureError(
        .unknownVersion,
        "is a feature store of version \(version), where \(StoreLayout.version) was expected; "
          + (version > StoreLayout.version ? "a newer Graft reads it" : "extract the features again"),
        file: path)
    }
  }

  private static func origin(_ root: HDF5Group, _ path: String) throws -> FeatureOrigin {
    typealias Name = StoreLayout.Attribute
    func attribute<Value>(_ name: String, _ kind: String, _ value: (HDF5Attribute) -> Value?) throws -> Value
    {
      guard let found = try root.attribute(name) else { throw damaged("does not say its \(name)", path) }
      guard let value = value(found) else { throw damaged("says no \(kind) as its \(name)", path) }
      return value
    }
    func text(_ name: String) throws -> String { try attribute(name, "text") { $0.stringValue } }
    return FeatureOrigin(
      architecture: try text(Name.architecture), weights: try text(Name.weights),
      weightsDigest: try text(Name.weightsDigest),
      layers: try attribute(Name.layers, "list of names") { $0.stringList }, pooling: try text(Name.pooling),
      preprocessing: try text(Name.preprocessing), preprocessingJSON: try text(Name.preprocessingJSON),
      inputSize: try attribute(Name.inputSize, "number") { $0.integerValue },
      augmentation: try text(Name.augmentation),
      seed: try attribute(Name.seed, "number") { $0.stringValue.flatMap { UInt64($0) } })
  }

  /// The product of numbers that are not negative; nil where it cannot be counted.
  private static func product(_ numbers: some Sequence<Int>) -> Int? {
    numbers.reduce(1) { product, number in
      product.flatMap {
        let (result, overflow) = $0.multipliedReportingOverflow(by: number)
        return overflow ? nil : result
      }
    }
  }

  private static func checkLength(_ root: HDF5Group, _ name: String, _ count: Int, _ path: String) throws {
    let dataset = try root.dataset(name)
    guard dataset.shape == [count] else {
      throw damaged("has \(name) of shape \(dataset.shape) for \(count) rows", path)
    }
  }

  private static func damaged(_ what: String, _ path: String) -> FeatureError {
    FeatureError(.damaged, "\(what); the file is damaged, extract the features again", file: path)
  }

  /// Runs `body`, and says of what the HDF5 library finds what it means for features.
  private static func reading<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as HDF5Error {
      let code: FeatureError.Code =
        switch error.code {
        case .notHDF5: .notFeatures
        case .cannotOpen, .cannotRead: .cannotRead
        default: .damaged
        }
      throw FeatureError(code, error.withoutFile, file: path, underlying: error)
    }
  }
}

extension HDF5Error {
  /// Object, message and reason, without the file.
  var withoutFile: String {
    (object.map { "\($0) " } ?? "") + message + (reason.map { " (HDF5: \($0))" } ?? "")
  }
}
