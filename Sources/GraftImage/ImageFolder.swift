public import GraftData
internal import GraftSupport

/// Pictures on disk, in an order that is the same on every machine, with their classes where folders give them.
///
/// A folder of folders is a set of classes: each sub-folder is a class, whatever lies below it belongs to it. The
/// classes are in the order of their names' bytes, so `B` comes before `a` and `10` before `2`; the pictures in the
/// order of classes, then of the bytes of their paths. A folder without such sub-folders is flat: pictures
/// without classes.
///
/// Pictures are the files that end in jpg, jpeg, jpe, jfif or png, in any case. Pictures of other kinds and
/// whatever cannot be used are in `skipped`, with the reason. Hidden files and folders and files of other
/// kinds are left out in silence and counted. Whether a picture is sound shows only when it is decoded.
public struct ImageFolder: Sendable, Hashable {
  /// A picture.
  public struct Item: Sendable, Hashable {
    /// Where it is: the path to open and to show, starting with the folder as it was given.
    public let path: String
    /// The path below the folder, the same wherever the folder lies; the whole path for a single picture.
    public let relativePath: String
    /// Its class, an index into `labels`; nil in a flat folder, and where several labels or a box take its place.
    public let label: Int?
    /// The labels that hold, indices into `labels`, ascending; nil where pictures have one class or none.
    public let marks: [Int]?
    /// Where its object is; nil where that is not said.
    public let box: Box?

    /// Names a picture.
    public init(
      path: String, relativePath: String? = nil, label: Int? = nil, marks: [Int]? = nil, box: Box? = nil
    ) {
      self.path = path
      self.relativePath = relativePath ?? path
      self.label = label
      self.marks = marks
      self.box = box
    }
  }

  /// The pictures.
  public let items: [Item]
  /// The classes; nil for a flat folder or single pictures.
  public let labels: Labels?
  /// What was left out although a person may have meant it, in the order of the paths' bytes.
  public let skipped: [SkippedPicture]
  /// How many files were left out in silence because they are no pictures.
  public let ignoredFiles: Int

  init(items: [Item], labels: Labels?, skipped: [SkippedPicture], ignoredFiles: Int) {
    self.items = items
    self.labels = labels
    self.skipped = skipped
    self.ignoredFiles = ignoredFiles
  }

  /// Lists a folder with one sub-folder a class, or a flat folder.
  ///
  /// A class folder without pictures is no class; it is among `skipped`. Loose pictures beside class folders are an
  /// error, because either reading would lose pictures.
  ///
  /// - Throws: `ImageError` with the code `.unreadable`, `.noPictures`, `.ambiguousFolder` or `.invalidClasses`.
  public init(_ path: String) throws {
    var walk = try FolderWalk(root: path)
    let (loose, folders) = try walk.listRoot()
    var classes: [(name: String, pictures: [String])] = []
    for name in folders {
      let pictures = walk.pictures(in: name)
      if !pictures.isEmpty { classes.append((name, pictures)) }
    }
    guard loose.isEmpty || classes.isEmpty else {
      throw ImageError(
        .ambiguousFolder, path: path,
        reason: """
          \(loose.count) loose pictures (\(loose[0]), ...) lie beside \(classes.count) folders with pictures \
          (\(classes[0].name), ...). Move them into class folders, or give the pictures themselves instead
          """)
    }
    if !classes.isEmpty {
      walk.noteEmptyClasses(folders, except: Set(classes.map(\.name)))
    }
    let items =
      loose.map { Item(path: walk.joined($0), relativePath: $0) }
      + classes.enumerated().flatMap { label, entry in
        entry.pictures.map { Item(path: walk.joined($0), relativePath: $0, label: label) }
      }
    guard !items.isEmpty else { throw walk.noPictures() }
    self.init(
      items: items, labels: try Self.labels(classes.map(\.name), path: path), skipped: walk.sortedSkipped,
      ignoredFiles: walk.ignoredFiles)
  }

  /// Lists pictures and folders as a command line gives them.
  ///
  /// A single folder is read as by `init(_:)`. Otherwise the pictures stay in the given order and have no classes; a
  /// named file is taken whatever its name ends in, and a folder stands for all pictures in and below it. What
  /// cannot be found is in `skipped`.
  ///
  /// - Throws: `ImageError` as `init(_:)` does, and with the code `.noPictures` when nothing is left.
  public init(paths: [String]) throws {
    if paths.count == 1, FileStatus(paths[0]).kind == .folder {
      try self.init(paths[0])
      return
    }
    var items: [Item] = []
    var skipped: [SkippedPicture] = []
    var ignored = 0
    for path in paths {
      switch FileStatus(path).kind {
      case .file:
        items.append(Item(path: path))
      case .folder:
        var walk = try FolderWalk(root: path)
        items += walk.pictures(in: "").map { Item(path: walk.joined($0)) }
        skipped += walk.sortedSkipped
        ignored += walk.ignoredFiles
      case .other:
        skipped.append(SkippedPicture(path: path, reason: "neither a file nor a folder"))
      case .missing(let code):
        skipped.append(SkippedPicture(path: path, reason: FileBytes.unreadable(path, code).reason))
      }
    }
    guard !items.isEmpty else {
      let first = skipped.first.map { "; \($0.path): \($0.reason)" } ?? ""
      throw ImageError(
        .noPictures, path: paths.first ?? "(no path)",
        reason: "no picture in the \(paths.count) paths that were given\(first)")
    }
    self.init(items: items, labels: nil, skipped: skipped, ignoredFiles: ignored)
  }

  private static func labels(_ names: [String], path: String) throws -> Labels? {
    guard !names.isEmpty else { return nil }
    do {
      return try Labels(names)
    } catch let error as DataError {
      throw ImageError(.invalidClasses, path: path, reason: error.message)
    }
  }
}
