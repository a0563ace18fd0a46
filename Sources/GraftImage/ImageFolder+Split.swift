public import GraftData
internal import GraftSupport

extension ImageFolder {
  /// Names that people give to the parts of a divided data set.
  private static let partNames: Set<String> = [
    "train", "training", "val", "valid", "validation", "test", "testing", "dev", "eval", "holdout",
  ]

  /// Whether the classes are named like the parts of a divided data set (`train`, `val`, `test`), which means that
  /// the folder above the intended one was given.
  public var looksLikeSplit: Bool {
    guard let labels else { return false }
    return labels.names.allSatisfy { Self.partNames.contains($0.lowercased()) }
  }

  /// Sentences that a person should read before going on; empty when there is nothing to say.
  public var warnings: [String] {
    guard looksLikeSplit, let labels else { return [] }
    return [
      "the classes are named \(labels); these look like the parts of a divided data set: give one of those folders"
    ]
  }

  /// The sub-folders of a divided data set, such as `train` and `val`, in the order of their names' bytes; empty when
  /// the folder has other sub-folders as well, or none.
  ///
  /// - Throws: `ImageError` with the code `.unreadable`.
  public static func splitFolders(at path: String) throws -> [(name: String, path: String)] {
    var walk = try FolderWalk(root: path)
    let names = try walk.listRoot().folders
    guard names.allSatisfy({ partNames.contains($0.lowercased()) }) else { return [] }
    return names.map { ($0, walk.joined($0)) }
  }

  /// Divides the pictures into those to train on and those held out, by `Split` on the digests of their files: equal
  /// files stay on one side, and a feature table of the same pictures divides alike.
  ///
  /// Reads every file once. A file that cannot be read is divided by its path; loading it will say why.
  ///
  /// - Throws: `DataError` with the code `.invalidFraction`.
  public func split(holdingOut fraction: Double, seed: UInt64) throws -> (
    training: ImageFolder, heldOut: ImageFolder
  ) {
    let digests = items.map { (try? Digest.sha256(ofFile: $0.path)) ?? $0.relativePath }
    let split = try Split(
      labels: strata, holdingOut: fraction, seed: seed, digests: digests)
    return (part(split.training), part(split.heldOut))
  }

  /// What a division keeps the shares of: a picture's class; of its labels the rarest, or the number of labels for a
  /// picture that has none; 0 for all pictures without classes.
  public var strata: [Int] { Self.strata(of: items, labels: labels?.count ?? 0) }

  /// The same for some pictures with so many labels.
  package static func strata(of items: [Item], labels: Int) -> [Int] {
    var counts: [Int: Int] = [:]
    for item in items { for mark in item.marks ?? [] { counts[mark, default: 0] += 1 } }
    return items.map { item in
      guard let marks = item.marks else { return item.label ?? 0 }
      return marks.min { (counts[$0] ?? 0, $0) < (counts[$1] ?? 0, $1) } ?? labels
    }
  }

  /// What is asked about the pictures: where their objects are, which labels they have, or which class they are of.
  public var task: PictureTask {
    if items.contains(where: { $0.box != nil }) { return .boxes }
    return items.contains { $0.marks != nil } ? .labels : .classes
  }

  /// At most `count` pictures of each class, chosen by chance but for the seed; fewer are always among more.
  ///
  /// - Precondition: `count` is at least 1.
  public func limited(perClass count: Int, seed: UInt64) -> ImageFolder {
    precondition(count >= 1, "at least one picture of a class must remain, not \(count)")
    let ranks = items.map { item in
      var generator = SeededGenerator(seed: seed, stream: "of class \(item.relativePath)")
      return generator.next()
    }
    let classes = Dictionary(grouping: items.indices) { items[$0].label }
    let kept = Set(classes.values.flatMap { $0.sorted { ranks[$0] < ranks[$1] }.prefix(count) })
    return ImageFolder(
      items: items.indices.filter(kept.contains).map { items[$0] }, labels: labels, skipped: skipped,
      ignoredFiles: ignoredFiles)
  }

  /// The pictures at these positions, with the same classes.
  public func part(_ positions: [Int]) -> ImageFolder {
    ImageFolder(items: positions.map { items[$0] }, labels: labels, skipped: [], ignoredFiles: 0)
  }
}
