internal import GraftHDF5
internal import GraftTensor

/// Writing a feature store. What is written depends on the rows alone, to the last byte.
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
        maximumShape: [nil] + dimensions.map { $0 })
      try dataset.setAttribute("layer", .string(layer.name))
      try source.forEachBlock(layer: index, of: rows) { try dataset.write($1, rows: $0) }
    }
    try write(rows.count, to: StoreLayout.paths, .variableString, in: file.root) { rows[$0].path }
    try write(rows.count, to: StoreLayout.digests, .fixedString(64), in: file.root) { rows[$0].digest }
    if let classIndices {
      try file.root.createDataset(StoreLayout.labels, type: .int32, shape: [rows.count]).write(classIndices)
      try write(classes.count, to: StoreLayout.classes, .variableString, in: file.root) { classes[$0] }
    }
    try file.close()
  }

  private static func describe(_ origin: FeatureOrigin, in root: HDF5Group) throws {
    typealias Name = StoreLayout.Attribute
    try root.setAttribute(Name.format, .string(StoreLayout.format))
    try root.setAttribute(Name.version, .integer(StoreLayout.version))
    try root.setAttribute(Name.architecture, .string(origin.architecture))
    try root.setAttribute(Name.weights, .string(origin.weights))
    try root.setAttribute(Name.weightsDigest, .string(origin.weightsDigest))
    try root.setAttribute(Name.layers, .strings(origin.layers))
    try root.setAttribute(Name.pooling, .string(origin.pooling))
    try root.setAttribute(Name.preprocessing, .string(origin.preprocessing))
    try root.setAttribute(Name.preprocessingJSON, .string(origin.preprocessingJSON))
    try root.setAttribute(Name.inputSize, .integer(origin.inputSize))
    try root.setAttribute(Name.augmentation, .string(origin.augmentation))
    // As text: HDF5Attribute's integers are signed.
    try root.setAttribute(Name.seed, .string("\(origin.seed)"))
  }

  /// Writes strings in blocks.
  private static func write(
    _ count: Int, to name: String, _ type: HDF5Type, in root: HDF5Group, _ text: (Int) -> String
  ) throws {
    let dataset = try root.createDataset(name, type: type, shape: [count])
    for start in stride(from: 0, to: count, by: 4096) {
      let block = start..<min(start + 4096, count)
      try dataset.write(block.map(text), rows: block)
    }
  }
}
