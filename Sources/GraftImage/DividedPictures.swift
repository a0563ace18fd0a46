public import GraftData

/// Pictures to train on and pictures to judge the result by, with the same classes.
public struct DividedPictures: Sendable, Hashable {
  /// The pictures to train on; every class has at least one.
  public let training: ImageFolder
  /// The pictures to judge by; nil where none are held out.
  public let validation: ImageFolder?
  /// What is asked about the pictures.
  public var task: PictureTask { training.task }
  /// The classes; labels where several may hold; of boxes the names of their coordinates.
  public let labels: Labels
  /// How the pictures were divided, in words.
  public let division: String
  /// What a user should know, such as a part that was left out.
  public let warnings: [String]

  /// What was left out, of both parts.
  public var skipped: [SkippedPicture] { training.skipped + (validation?.skipped ?? []) }

  /// Names that people give to the parts, the likeliest first.
  static let trainingNames = ["train", "training"]
  private static let validationNames = [
    "val", "valid", "validation", "dev", "eval", "holdout", "test", "testing",
  ]

  /// Reads a data set: a folder with `train` and `val` in it (also `training`, and `valid`, `validation`, `dev`, `eval`,
  /// `holdout` or `test`), a folder with one sub-folder a class, or a table of pictures.
  ///
  /// A table is a text file of comma-separated values with the columns path, label and, if it is divided already,
  /// split (`train`, `val` …), in this order or under a first line with these names. Instead of one label there may be
  /// several (`cat|outdoor`), a column of 0 and 1 for each, or the columns of a box. Paths are relative to the table's
  /// folder. What is not divided is divided by `Split`: stratified, fixed by the seed, equal files on one
  /// side.
  ///
  /// - Parameters:
  ///   - fraction: the share to hold out where the data are not divided, from 0 to below 1.
  ///   - seed: another seed gives another division.
  ///   - table: what a table is read for.
  /// - Throws: `ImageError` as `ImageFolder` does, for a flat folder with the code `.invalidClasses`; `DataError`
  ///   with the code `.unknownClass` for a class that only the held-out part has, or `.invalidFraction`.
  public init(
    _ path: String, holdingOut fraction: Double = 0.2, seed: UInt64 = 1,
    table options: TableOptions = TableOptions()
  ) throws {
    guard case .folder = FileStatus(path).kind else {
      try self.init(table: PictureTable(path, options), path: path, holdingOut: fraction, seed: seed)
      return
    }
    let parts = try Self.parts(at: path)
    guard let training = parts.training else {
      try self.init(whole: ImageFolder(path), path: path, holdingOut: fraction, seed: seed)
      return
    }
    guard let validation = parts.validation else {
      try self.init(whole: ImageFolder(training.path), path: training.path, holdingOut: fraction, seed: seed)
      return
    }
    try self.init(
      training: ImageFolder(training.path), validation: ImageFolder(validation.path), path: training.path,
      division: "\(training.name) and \(validation.name)",
      warnings: parts.others.isEmpty ? [] : ["\(path): \(parts.others.joined(separator: ", ")) left alone"])
  }

  /// Takes pictures that are divided already; the classes are those of the pictures to train on.
  ///
  /// - Throws: `ImageError` with the code `.invalidClasses` for a flat folder; `DataError` with the code `.unknownClass`
  ///   for a class that only the held-out part has.
  public init(training: ImageFolder, validation: ImageFolder?) throws {
    try self.init(
      training: training, validation: validation, path: training.items.first?.path ?? "",
      division: "as given", warnings: [])
  }

  /// The same pictures with the classes of a model; see `ImageFolder.relabelled(_:)`.
  public func relabelled(_ labels: Labels) throws -> DividedPictures {
    DividedPictures(
      training: try training.relabelled(labels), validation: try validation?.relabelled(labels),
      labels: labels, division: division, warnings: warnings)
  }

  /// Puts checked parts together.
  init(
    training: ImageFolder, validation: ImageFolder?, labels: Labels, division: String, warnings: [String]
  ) {
    self.training = training
    self.validation = validation
    self.labels = labels
    self.division = division
    self.warnings = warnings
  }

  private init(table: PictureTable, path: String, holdingOut fraction: Double, seed: UInt64) throws {
    var table = table
    if let (training, validation) = try table.divided() {
      try self.init(
        training: training, validation: validation, path: path, division: "as the table says",
        warnings: table.warnings)
    } else {
      try self.init(
        whole: table.folder(), path: path, holdingOut: fraction, seed: seed, warnings: table.warnings)
    }
  }

  private init(
    whole: ImageFolder, path: String, holdingOut fraction: Double, seed: UInt64, warnings: [String] = []
  ) throws {
    _ = try Self.labels(of: whole, path: path)
    let (training, heldOut) = try whole.split(holdingOut: fraction, seed: seed)
    try self.init(
      training: ImageFolder(
        items: training.items, labels: whole.labels, skipped: whole.skipped, ignoredFiles: whole.ignoredFiles),
      validation: heldOut.items.isEmpty ? nil : heldOut, path: path,
      division: "\(Int((100 * fraction).rounded())) % \(Self.share(whole.task)), seed \(seed)",
      warnings: warnings)
  }

  private static func share(_ task: PictureTask) -> String {
    switch task {
    case .classes: "of each class held out"
    case .labels: "held out, of each picture's rarest label the same share"
    case .boxes: "held out"
    }
  }

  /// Puts parts together; the classes are those of the pictures to train on.
  private init(
    training: ImageFolder, validation: ImageFolder?, path: String, division: String, warnings: [String]
  ) throws {
    let labels = try Self.labels(of: training, path: path)
    self.labels = labels
    self.training = training
    self.validation = try validation.map { try Self.relabelled($0, labels, path: path) }
    self.division = division
    self.warnings = warnings
  }

  /// The pictures to judge by with the classes of those to train on.
  private static func relabelled(_ held: ImageFolder, _ labels: Labels, path: String) throws -> ImageFolder {
    let strangers = (held.labels?.names ?? []).filter { labels.index(of: $0) == nil }
    guard let first = strangers.first, held.task == .classes else { return try held.relabelled(labels) }
    throw DataError(
      .unknownClass,
      "\(path): no pictures of the class \"\(first)\""
        + (strangers.count > 1 ? " (and \(strangers.count - 1) others)" : "")
        + " to train on, though there are some to judge by; add some, or leave the class out of both")
  }

  private static func labels(of folder: ImageFolder, path: String) throws -> Labels {
    guard let labels = folder.labels else {
      throw ImageError(
        .invalidClasses, path: path,
        reason:
          "the pictures have no classes; put them into one sub-folder a class, or give a table of paths and "
          + "labels (.csv)")
    }
    return labels
  }

  /// The sub-folders that are parts of a divided data set.
  private static func parts(at path: String) throws -> (
    training: (name: String, path: String)?, validation: (name: String, path: String)?, others: [String]
  ) {
    var walk = try FolderWalk(root: path)
    let names = try walk.listRoot().folders
    func first(of wanted: [String]) -> String? {
      wanted.lazy.compactMap { name in names.first { $0.lowercased() == name } }.first
    }
    guard let training = first(of: trainingNames) else { return (nil, nil, []) }
    let validation = first(of: validationNames)
    let isPart = Set(trainingNames + validationNames)
    // A class may be called "train"; beside others that are no parts it is one.
    if validation == nil, names.contains(where: { !isPart.contains($0.lowercased()) }) {
      return (nil, nil, [])
    }
    return (
      (training, walk.joined(training)), validation.map { ($0, walk.joined($0)) },
      names.filter { $0 != training && $0 != validation }
    )
  }
}

extension DividedPictures {
  /// All sub-folders that are parts of a divided data set; none where it has no part to train on.
  static func partFolders(at path: String) throws -> [(name: String, path: String)] {
    let parts = try parts(at: path)
    guard let training = parts.training else { return [] }
    let names = Set(trainingNames + validationNames)
    let walk = try FolderWalk(root: path)
    let others = parts.others.filter { names.contains($0.lowercased()) }.map { ($0, walk.joined($0)) }
    return [training] + [parts.validation].compactMap(\.self) + others
  }
}

extension ImageFolder {
  /// The same pictures with the classes of a model: by name, so that they may be fewer and in any order.
  ///
  /// - Throws: `DataError` with the code `.unknownClass`; `ImageError` with the code `.invalidClasses` for a flat
  ///   folder.
  public func relabelled(_ labels: Labels) throws -> ImageFolder {
    guard let own = self.labels else {
      throw ImageError(
        .invalidClasses, path: items.first?.path ?? "", reason: "the pictures have no classes")
    }
    if own == labels { return self }
    let places = try own.indices(
      in: labels, used: Set(items.flatMap { ($0.marks ?? []) + [$0.label].compactMap(\.self) }))
    return ImageFolder(
      items: items.map {
        Item(
          path: $0.path, relativePath: $0.relativePath, label: $0.label.flatMap { places[$0] },
          marks: $0.marks?.compactMap { places[$0] }.sorted(), box: $0.box)
      },
      labels: labels, skipped: skipped, ignoredFiles: ignoredFiles)
  }
}
