package import GraftData
internal import GraftTensor

/// A recorder from which features can be had back.
package protocol FeatureSource: FeatureRecorder {
  /// Reads one layer of some rows, in their order.
  ///
  /// - Parameters:
  ///   - layer: The position of the layer in `layers`.
  ///   - buffer: Room for exactly these rows.
  /// - Throws: `FeatureError`, with code `missingFeatures` for a row that was never kept.
  func read(layer: Int, of rows: ArraySlice<FeatureRow>, into buffer: UnsafeMutableBufferPointer<Float>)
    throws

  /// What errors call the place where features are kept.
  var place: String { get }
}

extension FeatureSource {
  /// The features of one layer for some rows.
  ///
  /// - Throws: `FeatureError` with code `wrongLayer` if the layer was not kept, `missingFeatures` if the
  ///   features of a row were not, `invalidValue` if a row's class is not one of `labels`.
  package func table(
    layer name: String, rows: [FeatureRow], labels: Labels?, skipped: [SkippedPicture],
    origin: FeatureOrigin? = nil
  ) throws -> FeatureTable {
    guard let index = layers.firstIndex(where: { $0.name == name }) else {
      throw FeatureError(
        .wrongLayer, "has no layer \(name); there are: \(layers.map(\.name).joined(separator: ", "))",
        file: place)
    }
    let classIndices = try RowLabels.indices(of: rows, labels: labels, path: place)
    let features = try Tensor(shape: [rows.count, layers[index].shape.count]) {
      try read(layer: index, of: rows[...], into: $0)
    }
    return FeatureTable(
      features: features, classIndices: classIndices, labels: labels, paths: rows.map(\.path),
      digests: rows.map(\.digest), skipped: skipped, layer: layers[index], origin: origin)
  }

  /// Calls `body` with one layer of all rows, block by block, so that memory does not grow with their number.
  func forEachBlock(
    layer: Int, of rows: [FeatureRow],
    _ body: (_ block: Range<Int>, _ values: UnsafeBufferPointer<Float>) throws -> Void
  ) throws {
    let width = layers[layer].shape.count
    let blockRows = min(max(1, (4 << 20) / width), max(rows.count, 1))
    let buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: blockRows * width)
    defer { buffer.deallocate() }
    for start in stride(from: 0, to: rows.count, by: blockRows) {
      let block = start..<min(start + blockRows, rows.count)
      let values = UnsafeMutableBufferPointer(rebasing: buffer[..<(block.count * width)])
      try read(layer: layer, of: rows[block], into: values)
      try body(block, UnsafeBufferPointer(values))
    }
  }

  /// Reads rows from wherever they are: from the first of `parts` that has them.
  func gather(
    layer: Int, of rows: ArraySlice<FeatureRow>, from parts: [any KeyedRows],
    into buffer: UnsafeMutableBufferPointer<Float>
  ) throws {
    let width = layers[layer].shape.count
    precondition(
      buffer.count == width * rows.count, "\(rows.count) rows of \(width) do not fill \(buffer.count)")
    var places = [[(row: Int, position: Int)]](repeating: [], count: parts.count)
    for (position, row) in rows.enumerated() {
      let key = PictureKey(digest: row.digest)
      var isFound = false
      for (index, part) in parts.enumerated() where !isFound {
        guard let found = part.row(of: key) else { continue }
        places[index].append((found, position))
        isFound = true
      }
      guard isFound else { throw missing(row) }
    }
    for (part, places) in zip(parts, places) where !places.isEmpty {
      try part.read(layer: layer, width: width, places, into: buffer)
    }
  }

  /// What is the matter with a row that was never kept.
  func missing(_ row: FeatureRow) -> FeatureError {
    FeatureError(
      .missingFeatures,
      "has no features of \(row.path) with the digest \(row.digest.prefix(12))…; extract them first",
      file: place)
  }
}

/// The classes of rows, checked against their names.
enum RowLabels {
  /// The class of each row; nil where there are no classes.
  ///
  /// - Throws: `FeatureError` with code `invalidValue`.
  static func indices(of rows: [FeatureRow], labels: Labels?, path: String) throws -> [Int]? {
    try rows.forEach { row in
      switch (row.label, labels) {
      case (nil, nil): break
      case (let label?, let labels?):
        guard labels.names.indices.contains(label) else {
          throw FeatureError(
            .invalidValue, "\(row.path) is of class \(label); there are classes 0 to \(labels.count - 1)",
            file: path)
        }
      case (nil, let labels?):
        throw FeatureError(
          .invalidValue, "\(row.path) has no class, but there are \(labels.count) of them", file: path)
      case (let label?, nil):
        throw FeatureError(
          .invalidValue, "\(row.path) is of class \(label), but the classes have no names", file: path)
      }
    }
    return labels == nil ? nil : rows.compactMap(\.label)
  }

  /// The names of the classes, checked; nil for none.
  ///
  /// - Throws: `FeatureError` with code `invalidValue`.
  static func labels(_ classes: [String], path: String) throws -> Labels? {
    if classes.isEmpty { return nil }
    do {
      return try Labels(classes)
    } catch {
      throw FeatureError(.invalidValue, "\(error)", file: path, underlying: error)
    }
  }
}
