internal import GraftData
internal import GraftSupport
internal import GraftTensor

/// The checks on rows that a classifier is to be trained on.
enum TrainingRows {
  /// Checks rows and returns how many there are of each class.
  static func counts(
    _ rows: FeatureRows, classIndices: [Int], labels: Labels, digests: [String]?, paths: [String]?
  ) throws -> [Int] {
    for (what, count) in [
      ("class indices", classIndices.count), ("digests", digests?.count ?? rows.count),
      ("paths", paths?.count ?? rows.count),
    ] where count != rows.count {
      throw LinearError(.widthMismatch, "there are \(count) \(what) for \(rows.count) rows of features")
    }
    guard rows.width > 0 else {
      throw LinearError(
        .widthMismatch, "the rows have no features (shape \(rows.features.shape)); extract them again")
    }
    guard rows.count >= 2 else {
      throw LinearError(
        .tooFewRows,
        """
        a classifier needs at least 2 pictures to learn from, and some of each class; there \
        \(rows.count == 1 ? "is 1" : "is none")
        """)
    }
    guard labels.count >= 2 else {
      throw LinearError(
        .singleClass,
        """
        all \(rows.count) pictures are of the class "\(labels[0])"; there is nothing to tell apart. Give at least \
        two classes: one folder of pictures for each
        """)
    }
    var counts = [Int](repeating: 0, count: labels.count)
    for (row, label) in classIndices.enumerated() {
      guard counts.indices.contains(label) else {
        throw LinearError(
          .widthMismatch,
          "\(name(row, paths)) has the class index \(label); there are \(labels.count) classes")
      }
      counts[label] += 1
    }
    try checkClasses(counts, labels)
    try checkFinite(rows, paths)
    return counts
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
        .widthMismatch, "targets of shape \(targets.shape) for features of shape \(rows.features.shape)")
    }
    guard rows.count >= 2 else {
      throw LinearError(.tooFewRows, "a linear model needs at least 2 pictures to learn from")
    }
    try checkFinite(rows, paths)
  }

  private static func checkClasses(_ counts: [Int], _ labels: Labels) throws {
    let present = counts.indices.filter { counts[$0] > 0 }
    let empty = counts.indices.filter { counts[$0] == 0 }
    guard present.count > 1 else {
      throw LinearError(
        .singleClass,
        """
        all pictures are of the class "\(labels[present.first ?? 0])", though there are \(labels.count) classes; there \
        is nothing to tell apart. Give pictures of at least two classes
        """)
    }
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

  static func checkFinite(_ rows: FeatureRows, _ paths: [String]?) throws {
    let width = rows.width
    let bad: Int? = rows.features.withUnsafeScalars { scalars in
      Vectors.isFinite(scalars) ? nil : scalars.firstIndex { !$0.isFinite }
    }
    guard let bad else { return }
    throw LinearError(
      .notFinite,
      """
      feature \(bad % width) of \(name(bad / width, paths)) is \(rows.features.scalars[bad]); features must be finite \
      numbers. Extract the features again, and if that does not help look at this picture and at the weights
      """)
  }

  private static func name(_ row: Int, _ paths: [String]?) -> String {
    paths.map { "\($0[row]) (row \(row))" } ?? "row \(row)"
  }
}
