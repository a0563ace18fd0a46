public import GraftFeatures

extension FeatureTable {
  /// What makes a classifier trained on these pictures, or figures from other pictures, doubtful; see
  /// `FeatureDataset.doubts(heldOut:)`.
  public func doubts(heldOut: FeatureTable? = nil) -> [String] {
    FeatureDataset(self).doubts(heldOut: heldOut.map { FeatureDataset($0) })
  }
}

extension FeatureDataset {
  /// What makes a classifier trained on these pictures, or figures from other pictures, doubtful: the same picture
  /// in two classes, classes with next to no pictures, pictures that are in both sets.
  ///
  /// Equal means equal byte for byte.
  ///
  /// - Parameter heldOut: the pictures that the classifier will be judged on.
  /// - Returns: a sentence for each, empty where there is nothing to say.
  public func doubts(heldOut: FeatureDataset? = nil) -> [String] {
    [contradictions, smallClasses, heldOut.flatMap(overlap)].compactMap(\.self)
  }

  private var contradictions: String? {
    guard let classIndices else { return nil }
    var first: [String: Int] = [:]
    var pairs: [(Int, Int)] = []
    for (row, digest) in digests.enumerated() {
      if let other = first[digest] {
        if classIndices[other] != classIndices[row] { pairs.append((other, row)) }
      } else {
        first[digest] = row
      }
    }
    guard let (one, two) = pairs.first else { return nil }
    return
      "\(pairs.count) \(pairs.count == 1 ? "picture is" : "pictures are") in more than one class, the same bytes: "
      + "\(paths[one]) and \(paths[two])\(pairs.count > 1 ? ", …" : "")"
  }

  private var smallClasses: String? {
    guard let classIndices, let labels else { return nil }
    var counts = [Int](repeating: 0, count: labels.count)
    for index in classIndices { counts[index] += 1 }
    let small = counts.indices.filter { counts[$0] == 1 }.map { labels.names[$0] }
    guard !small.isEmpty else { return nil }
    let names = small.prefix(5).joined(separator: ", ") + (small.count > 5 ? ", …" : "")
    return
      "there is only one picture of \(small.count == 1 ? "the class" : "\(small.count) classes:") \(names); "
      + "cross-validation cannot judge what is learnt of it"
  }

  private func overlap(with heldOut: FeatureDataset) -> String? {
    let known = Set(digests)
    let rows = heldOut.digests.indices.filter { known.contains(heldOut.digests[$0]) }
    guard let first = rows.first else { return nil }
    return
      "\(rows.count) of the \(heldOut.count) held-out pictures \(rows.count == 1 ? "was" : "were") trained on as "
      + "well, the same bytes: \(heldOut.paths[first])\(rows.count > 1 ? ", …" : ""); the figures flatter"
  }
}
