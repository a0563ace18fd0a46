public import GraftData

/// Pictures to train on and pictures to judge the result by, with the same classes.
public struct DividedPictures: Sendable, Hashable {
  /// The pictures to train on; every class has at least one.
  public let training: ImageFolder
  /// The pictures to judge by; nil where none are held out.
  public let validation: ImageFolder?
  /// The classes.
  public let labels: Labels
  /// How the pictures were divided, in words.
  public let division: String
  /// What a user should know, such as a part that was left out.
  public let warnings: [String]

  /// What was left out, of both parts.
  public var skipped: [SkippedPicture] { training.skipped + (validation?.skipped ?? []) }

  /// Names that people give to the parts, the likeliest first.
  private static let trainingNames = ["train", "training"]
  private static let validationNames = [
    "val", "valid", "validation", "dev", "eval", "holdout", "test", "testing",
  ]

  /// Reads a data set: a folder with `train` and `val` in it (also `training`, and `valid`, `validation`, `dev`, `eval`,
  /// `holdout` or `test`), a folder with one sub-folder a class, or a table of pictures.
  ///
  /// A table is a text file of comma-separated values with the columns path, label and, if it is divided already,
  /// split (`train`, `val` …), in this order or under a first line with these names. Paths are relative to the
  /// table's folder. What is not divided is divided by `Split`: stratified, fixed by the seed, equal files on one
  /// side.
  ///
  /// - Parameters:
  ///   - fraction: the share to hold out where the data are not divided, from 0 to below 1.
  ///   - seed: another seed gives another division.
  /// - Throws: `ImageError` as `ImageFolder` does, for a flat folder with the code `.invalidClasses`; `DataError`
  ///   with the code `.unknownClass` for a class that only the held-out part has, or `.invalidFraction`.
  public init(_ path: String, holdingOut fraction: Double = 0.2, seed: UInt64 = 1) throws {
    guard case .folder = FileStatus(path).kind else {
      try self.init(table: PictureTable(path), path: path, holdingOut: fraction, seed: seed)
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

  private init(
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
      try self.init(whole: table.folder(), path: path, holdingOut: fraction, seed: seed)
    }
  }

  private init(whole: ImageFolder, path: String, holdingOut fraction: Double, seed: UInt64) throws {
    _ = try Self.labels(of: whole, path: path)
    let (training, heldOut) = try whole.split(holdingOut: fraction, seed: seed)
    try self.init(
      training: ImageFolder(
        items: training.items, labels: whole.labels, skipped: whole.skipped, ignoredFiles: whole.ignoredFiles),
      validation: heldOut.items.isEmpty ? nil : heldOut, path: path,
      division: "\(Int((100 * fraction).rounded())) % of each class held out, seed \(seed)", warnings: [])
  }

  /// Puts parts together; the classes are those of the pictures to train on.
  private init(
    training: ImageFolder, validation: ImageFolder?, path: String, division: String, warnings: [String]
  ) throws {
    labels = try Self.labels(of: training, path: path)
    self.training = training
    self.validation = try validation?.relabelled(labels)
    self.division = division
    self.warnings = warnings
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
    let places = try own.indices(in: labels, used: Set(items.compactMap(\.label)))
    return ImageFolder(
      items: items.map {
        Item(path: $0.path, relativePath: $0.relativePath, label: $0.label.flatMap { places[$0] })
      },
      labels: labels, skipped: skipped, ignoredFiles: ignoredFiles)
  }
}
