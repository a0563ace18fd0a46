internal import GraftData

/// A text file that lists pictures with their classes: path, label and, where it is divided, split.
struct PictureTable {
  private struct Entry {
    let line: Int
    let path: String
    let label: String
    let part: Part?
  }

  private enum Part { case training, validation, other(String) }

  private let path: String
  private var entries: [Entry] = []
  private var skipped: [SkippedPicture] = []
  /// What a user should know.
  private(set) var warnings: [String] = []

  private static let largest = 1 << 28
  private static let pathNames: Set<String> = ["path", "file", "filename", "file_name", "image", "picture"]
  private static let labelNames: Set<String> = ["label", "class", "category", "target", "class_name"]
  private static let splitNames: Set<String> = ["split", "set", "part", "subset", "fold"]

  init(_ path: String) throws {
    self.path = path
    let bytes = try FileBytes.read(path)
    guard bytes.count <= Self.largest, let text = String(validating: bytes, as: UTF8.self), !text.isEmpty
    else {
      throw ImageError(
        .invalidClasses, path: path,
        reason:
          "neither a folder nor a table of pictures (text with the columns path, label and perhaps split)")
    }
    var rows = DelimitedText(text).rows[...]
    var (pathColumn, labelColumn, splitColumn) = (0, 1, Int?.none)
    if let heading = rows.first?.fields.map({ $0.lowercased() }),
      let first = heading.firstIndex(where: Self.pathNames.contains),
      let second = heading.firstIndex(where: Self.labelNames.contains)
    {
      (pathColumn, labelColumn) = (first, second)
      splitColumn = heading.firstIndex(where: Self.splitNames.contains)
      rows = rows.dropFirst()
    } else if rows.allSatisfy({ $0.fields.count == 3 }) {
      splitColumn = 2
    }
    for row in rows {
      guard row.fields.count > max(pathColumn, labelColumn, splitColumn ?? 0),
        !row.fields[pathColumn].isEmpty, !row.fields[labelColumn].isEmpty
      else {
        skipped.append(
          SkippedPicture(path: "\(path):\(row.line)", reason: "the line has no path or no label"))
        continue
      }
      entries.append(
        Entry(
          line: row.line, path: row.fields[pathColumn], label: row.fields[labelColumn],
          part: splitColumn.flatMap { Self.part(row.fields[$0]) }))
    }
    guard !entries.isEmpty else {
      throw ImageError(
        .noPictures, path: path,
        reason: "the table lists no pictures; a line has a path, a label and perhaps train or val")
    }
  }

  private static func part(_ text: String) -> Part? {
    switch text.lowercased() {
    case "train", "training": .training
    case "val", "valid", "validation", "dev", "eval", "holdout": .validation
    case "": nil
    default: .other(text)
    }
  }

  /// All pictures of the table.
  func folder() throws -> ImageFolder { try folder(entries, skipped: skipped) }

  /// The parts, where the table names them; nil where it does not.
  mutating func divided() throws -> (training: ImageFolder, validation: ImageFolder?)? {
    var (training, validation, test): ([Entry], [Entry], [Entry]) = ([], [], [])
    for entry in entries {
      switch entry.part {
      case .training: training.append(entry)
      case .validation: validation.append(entry)
      case .other(let name) where ["test", "testing"].contains(name.lowercased()): test.append(entry)
      case .other(let name):
        throw ImageError(
          .invalidClasses, path: path,
          reason: "line \(entry.line): \"\(name)\" is no part of a data set; write train, val or test")
      case nil:
        if entries.contains(where: { $0.part != nil }) {
          throw ImageError(
            .invalidClasses, path: path, reason: "line \(entry.line) does not say whether it is train or val")
        }
        return nil
      }
    }
    guard !training.isEmpty else {
      throw ImageError(.noPictures, path: path, reason: "the table has no line whose split is train")
    }
    if validation.isEmpty {
      validation = test
    } else if !test.isEmpty {
      warnings.append("\(path): the \(test.count) pictures of the split test are left alone")
    }
    let first = try folder(training, skipped: skipped)
    guard !validation.isEmpty else { return (first, nil) }
    return (first, try folder(validation, skipped: []))
  }

  /// Pictures in the order of classes, then of the table; classes in the order of their names' bytes.
  private func folder(_ entries: [Entry], skipped: [SkippedPicture]) throws -> ImageFolder {
    let classes = Dictionary(grouping: entries, by: \.label)
    let names = classes.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    let labels: Labels
    do {
      labels = try Labels(names)
    } catch let error as DataError {
      throw ImageError(.invalidClasses, path: path, reason: error.message)
    }
    let base = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    let items = names.enumerated().flatMap { label, name in
      (classes[name] ?? []).map { entry in
        ImageFolder.Item(
          path: entry.path.hasPrefix("/") ? entry.path : base + entry.path, relativePath: entry.path,
          label: label)
      }
    }
    return ImageFolder(items: items, labels: labels, skipped: skipped, ignoredFiles: 0)
  }
}
