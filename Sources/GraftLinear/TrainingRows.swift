internal import GraftData
internal import GraftTensor

/// The checks on rows that a classifier is to be trained on.
enum TrainingRows {
  /// Checks that there is one of everything for each row, and that there are rows.
  private static func checkRows(
    _ rows: FeatureRows, classIndices: Int, digests: [String]?, paths: [String]?
  ) throws {
    for (what, count) in [
      ("class indices", classIndices), ("digests", digests?.count ?? rows.count),
      ("paths", paths?.count ?? rows.count),
    ] where count != rows.count {
      throw LinearError(.widthMismatch, "there are \(count) \(what) for \(rows.count) rows of features")
    }
    guard rows.width > 0 else {
      throw LinearError(
        .widthMismatch, "the rows have no features (\(rows.count) x 0); extract them again")
    }
    guard rows.count >= 2 else {
      throw LinearError(
        .tooFewRows,
        """
        a classifier needs at least 2 pictures to learn from, and some of each class; there \
        \(rows.count == 1 ? "is 1" : "is none")
        """)
    }
  }

  /// Checks rows that may belong to any number of classes, and returns how many there are of each class.
  static func counts(
    _ rows: FeatureRows, labelSets: LabelSets, labels: Labels, digests: [String]?, paths: [String]?
  ) throws -> [Int] {
    try checkRows(rows, classIndices: labelSets.count, digests: digests, paths: paths)
    var counts = [Int](repeating: 0, count: labels.count)
    for row in 0..<labelSets.count {
      for label in labelSets[row] { try count(label, of: row, in: &counts, paths) }
      guard Set(labelSets[row]).count == labelSets[row].count else {
        throw LinearError(
          .widthMismatch, "\(name(row, paths)) is of one class twice: \(Array(labelSets[row]))")
      }
    }
    try checkNoneEmpty(counts, labels)
    return counts
  }

  /// Checks rows of one class each, and returns how many there are of each class.
  static func counts(
    _ rows: FeatureRows, classIndices: [Int], labels: Labels, digests: [String]?, paths: [String]?
  ) throws -> [Int] {
    try checkRows(rows, classIndices: classIndices.count, digests: digests, paths: paths)
    guard labels.count >= 2 else {
      throw LinearError(
        .singleClass,
        """
        all \(rows.count) pictures are of the class "\(labels[0])"; there is nothing to tell apart. Give at least \
        two classes: one folder of pictures for each
        """)
    }
    var counts = [Int](repeating: 0, count: labels.count)
    for (row, label) in classIndices.enumerated() { try count(label, of: row, in: &counts, paths) }
    try checkClasses(counts, labels)
    return counts
  }

  private static func count(_ label: Int, of row: Int, in counts: inout [Int], _ paths: [String]?) throws {
    guard counts.indices.contains(label) else {
      throw LinearError(
        .widthMismatch, "\(name(row, paths)) has the class index \(label); there are \(counts.count) classes")
    }
    counts[label] += 1
  }

  /// Checks rows with a row of targets each.
  static func check(_ rows: FeatureRows, targets: Tensor, digests: [String]?, paths: [String]?) throws {
    for (what, count) in [
      ("rows of targets", targets.shape.dimensions.first ?? 0), ("digests", digests?.count ?? rows.count),
      ("paths", paths?.count ?? rows.count),
    ] where count != rows.count {
      throw LinearError(.widthMismatch, "there are \(count) \(what) for \(rows.count) rows of features")
    }
    guard targets.shape.rank == 2, targets.count > 0, rows.width > 0 else {
      throw LinearError(
        .widthMismatch, "targets of shape \(targets.shape) for \(rows.count) rows of \(rows.width) features")
    }
    guard rows.count >= 2 else {
      throw LinearError(.tooFewRows, "a linear model needs at least 2 pictures to learn from")
    }
  }

  private static func checkClasses(_ counts: [Int], _ labels: Labels) throws {
    let present = counts.indices.filter { counts[$0] > 0 }
    guard present.count > 1 else {
      throw LinearError(
        .singleClass,
        """
        all pictures are of the class "\(labels[present.first ?? 0])", though there are \(labels.count) classes; there \
        is nothing to tell apart. Give pictures of at least two classes
        """)
    }
    try checkNoneEmpty(counts, labels)
  }

  private static func checkNoneEmpty(_ counts: [Int], _ labels: Labels) throws {
    let empty = counts.indices.filter { counts[$0] == 0 }
    guard empty.isEmpty else {
      let shown = empty.prefix(5).map { "\"\(labels[$0])\"" }.joined(separator: ", ")
      throw LinearError(
        .emptyClass,
        """
        there is no picture to learn from of \(empty.count == 1 ? "the class" : "\(empty.count) classes:") \
        \(shown)\(empty.count > 5 ? ", ..." : ""). Add pictures, or leave the class out
        """)
    }
  }

  /// Checks that all values are finite.
  ///
  /// - Throws: `LinearError` with the code `.notFinite`, and what reading rows from disk throws.
  static func checkFinite(_ rows: FeatureRows, _ paths: [String]?) throws {
    let (width, blocks) = (rows.width, RowBlocks(rows: rows.count, width: rows.width, sumBytes: 0))
    var areFinite = [Bool](repeating: true, count: blocks.runs)
    try areFinite.withUnsafeMutableBufferPointer { areFinite in
      try blocks.forEachRun(width: width) { run, scratch in
        for block in blocks.blocks(ofRun: run) {
          try rows.forEach(block, scratch: scratch) { _, row in
            if !Vectors.isFinite(UnsafeBufferPointer(start: row, count: width)) { areFinite[run] = false }
          }
        }
      }
    }
    guard areFinite.allSatisfy({ $0 }) else { throw try notFinite(rows, paths) }
  }

  /// The error that names the first value that is not finite.
  static func notFinite(_ rows: FeatureRows, _ paths: [String]?) throws -> LinearError {
    let scratch = UnsafeMutablePointer<Float>.allocate(capacity: rows.width)
    defer { scratch.deallocate() }
    for index in 0..<rows.count {
      var found: (column: Int, value: Float)?
      try rows.forEach(index..<index + 1, scratch: scratch) { _, row in
        if let column = (0..<rows.width).first(where: { !row[$0].isFinite }) { found = (column, row[column]) }
      }
      guard let found else { continue }
      return LinearError(
        .notFinite,
        """
        feature \(found.column) of \(name(rows.row(index), paths)) is \(found.value); features must be finite \
        numbers. Extract the features again, and if that does not help look at this picture and at the weights
        """)
    }
    return LinearError(.notFinite, "features are too large for their deviation to be computed")
  }

  private static func name(_ row: Int, _ paths: [String]?) -> String {
    paths.map { "\($0[row]) (row \(row))" } ?? "row \(row)"
  }
}
