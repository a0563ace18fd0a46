internal import GraftHDF5
internal import GraftTensor

/// Writing a feature store. What is written depends on the rows alone, to the last byte.
///
/// Strings are of fixed length. Those of variable length are kept in heaps, and a heap that is damaged can
/// make the HDF5 library (1.10.8 at least) read through a null pointer.
enum StoreOutput {
  static func write(
    _ source: some FeatureSource, _ rows: [FeatureRow], classes: [String], classIndices: [Int]?,
    header: FeatureHeader, to path: String
  ) throws {
    let file = try HDF5File(path, mode: .create)
    try describe(header.origin, in: file.root)
    let type: HDF5Type = header.scalar == .float16 ? .float16 : .float32
    let datasets = StoreLayout.datasets(for: header.layers.map(\.name))
    for (index, layer) in header.layers.enumerated() {
      let dimensions = layer.shape.dimensions
      let dataset = try file.root.createDataset(
        datasets[index], type: type, shape: [rows.count] + dimensions,
        maximumShape: [nil] + dimensions.map { $0 }, chunk: chunk(rows: rows.count, dimensions))
      try dataset.setAttribute("layer", .string(layer.name), storage: .fixed)
      try source.forEachBlock(layer: index, of: rows) { try dataset.write($1, rows: $0) }
    }
    try write(rows.lazy.map(\.path), to: StoreLayout.paths, in: file.root)
    try write(rows.lazy.map(\.digest), to: StoreLayout.digests, in: file.root)
    if let classIndices {
      try file.root.createDataset(StoreLayout.labels, type: .int32, shape: [rows.count]).write(classIndices)
      try write(classes, to: StoreLayout.classes, in: file.root)
    }
    try file.close()
  }

  /// All rows of a small store; otherwise the library's choice, which is 256 KB.
  private static func chunk(rows: Int, _ dimensions: [Int]) -> [Int]? {
    let rows = max(rows, 1)
    let (values, overflow) = dimensions.reduce(1, *).multipliedReportingOverflow(by: rows)
    return overflow || values > 1 << 16 ? nil : [rows] + dimensions
  }

  private static func describe(_ origin: FeatureOrigin, in root: HDF5Group) throws {
    typealias Name = StoreLayout.Attribute
    func set(_ name: String, _ value: HDF5Attribute) throws {
      try root.setAttribute(name, value, storage: .fixed)
    }
    try set(Name.format, .string(StoreLayout.format))
    try set(Name.version, .integer(StoreLayout.version))
    try set(Name.architecture, .string(origin.architecture))
    try set(Name.weights, .string(origin.weights))
    try set(Name.weightsDigest, .string(origin.weightsDigest))
    try set(Name.layers, .strings(origin.layers))
    try set(Name.pooling, .string(origin.pooling))
    try set(Name.preprocessing, .string(origin.preprocessing))
    try set(Name.preprocessingJSON, .string(origin.preprocessingJSON))
    try set(Name.inputSize, .integer(origin.inputSize))
    try set(Name.augmentation, .string(origin.augmentation))
    // As text: the library's integers are signed.
    try set(Name.seed, .string("\(origin.seed)"))
  }

  /// Writes strings, block by block, in as many bytes each as the longest takes; packed, for most are
  /// shorter.
  private static func write(
    _ strings: some RandomAccessCollection<String>, to name: String, in root: HDF5Group
  )
    throws
  {
    let bytes = strings.reduce(1) { max($0, $1.utf8.count) }
    let dataset = try root.createDataset(
      name, type: .fixedString(bytes), shape: [strings.count], deflate: strings.isEmpty ? nil : 4)
    for start in stride(from: 0, to: strings.count, by: 4096) {
      let block = Array(strings.dropFirst(start).prefix(4096))
      try dataset.write(block, rows: start..<start + block.count)
    }
  }
}
