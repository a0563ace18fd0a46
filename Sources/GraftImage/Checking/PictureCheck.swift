internal import GraftData
internal import GraftSupport

/// Looks through a data set for what spoils training or flatters its figures: the options.
///
/// ```swift
/// let report = try PictureCheck().run(on: PictureParts("photos"))
/// for finding in report.findings { print(finding.kind, finding.detail) }
/// ```
///
/// Every picture is read and decoded once, on all threads; large JPEGs at a smaller size. About 5 kB are kept of each.
/// Copies are found by the digest of the file, by that of all pixels, and to the eye: among pictures whose
/// difference hashes are near, those whose thumbnails correlate. The result does not depend on the number of threads.
public struct PictureCheck: Sendable, Hashable {
  /// The correlation of thumbnails, from -1 to 1, from which two pictures count as alike; above 1 none do. On photos,
  /// pairs that have nothing to do with each other stayed below 0.87, and copies saved again at quality 30 above
  /// 0.99.
  public var likeness: Double
  /// A picture whose shorter side has fewer pixels is tiny.
  public var tinySide: Int
  /// Classes are out of balance when the largest has at least this many times as many pictures as the smallest.
  public var imbalance: Double
  /// A class is small when it has fewer pictures to train on.
  public var smallClass: Int

  /// Describes what to look for.
  public init(
    likeness: Double = 0.9, tinySide: Int = 64, imbalance: Double = 3, smallClass: Int = 5
  ) {
    self.likeness = likeness
    self.tinySide = tinySide
    self.imbalance = imbalance
    self.smallClass = smallClass
  }

  /// Pictures between two calls of `progress`.
  private static let share = 128

  /// Reads all pictures and says what is the matter with them.
  ///
  /// - Parameter progress: called with the number of pictures read; stops the work by throwing.
  /// - Throws: what `progress` throws. What cannot be read is among the findings.
  public func run(
    on data: PictureParts, progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws -> PictureCheckReport {
    let pictures = data.parts.enumerated().flatMap { place, part in
      part.folder.items.map { CheckedPicture(item: $0, partIndex: place, part: part) }
    }
    let reader = FactReader()
    var facts: [PictureFacts] = []
    facts.reserveCapacity(pictures.count)
    try progress(0, pictures.count)
    for start in stride(from: 0, to: pictures.count, by: Self.share) {
      let share = pictures[start..<min(start + Self.share, pictures.count)]
      facts += Self.parallel(share.count) { reader.facts(of: share[start + $0].item.path) }
      try progress(facts.count, pictures.count)
    }
    let copies = CopySearch(pictures: pictures, facts: facts, likeness: likeness, reader: reader)
    let findings =
      Self.files(data) + Self.faults(pictures, facts) + copies.findings + classes(data)
      + looks(pictures, facts)
    return PictureCheckReport(data: data, facts: facts, findings: findings)
  }

  /// What `body` gives for 0 ..< `count`, computed on all threads.
  static func parallel<Result: Sendable>(
    _ count: Int, _ body: @Sendable (_ index: Int) -> Result
  ) -> [Result] {
    var results = [Result?](repeating: nil, count: count)
    results.withUnsafeMutableBufferPointer { results in
      // Calls write to elements of their own.
      nonisolated(unsafe) let results = results
      ThreadPool.shared.forEach(count) { results[$0] = body($0) }
    }
    return results.compactMap(\.self)
  }
}

/// A picture with the part that it is in.
struct CheckedPicture: Sendable {
  let item: ImageFolder.Item
  let partIndex: Int
  let part: String?
  let label: String?

  init(item: ImageFolder.Item, partIndex: Int, part: PictureParts.Part) {
    self.item = item
    self.partIndex = partIndex
    self.part = part.name
    let labels = part.folder.labels
    label =
      item.label.flatMap { labels?[$0] }
      ?? item.marks?.compactMap { labels?[$0] }.joined(separator: "|")
  }

  /// The picture as findings name it.
  var named: PictureFinding.Picture {
    PictureFinding.Picture(path: item.path, part: part, label: label)
  }
}
