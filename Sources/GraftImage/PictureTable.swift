internal import GraftData

/// A text file that lists pictures with what is known about them: path, then a class, labels or a box, and, where it is
/// divided, split.
struct PictureTable {
  private struct Entry {
    let line: Int
    let path: String
    /// The class, or the labels that hold.
    var names: [String]
    let box: Box?
    let part: Part?
  }

  private enum Part: Equatable { case training, validation, other(String) }

  private let path: String
  private var entries: [Entry] = []
  private var skipped: [SkippedPicture] = []
  /// What is asked about the pictures.
  let task: PictureTask
  /// All labels, where columns are called so.
  private var columnNames: [String] = []
  /// What a user should know.
  private(set) var warnings: [String] = []

  private static let largest = 1 << 28

  init(_ path: String, _ options: TableOptions = TableOptions()) throws {
    self.path = path
    let bytes = try FileBytes.read(path)
    guard bytes.count <= Self.largest else {
      throw ImageError(
        .invalidClasses, path: path,
        reason: "has \(bytes.count >> 20) MB; a table of pictures may have \(Self.largest >> 20)")
    }
    guard !bytes.isEmpty, let text = String(validating: bytes, as: UTF8.self) else {
      // Text has no zeros; that of two bytes a letter begins with a mark.
      let isOtherText =
        !bytes.isEmpty && !bytes.contains(0) || [[0xFF, 0xFE], [0xFE, 0xFF]].contains(bytes.prefix(2))
      throw ImageError(
        .invalidClasses, path: path,
        reason: isOtherText
          ? "its letters are not in UTF-8; save the table as CSV in UTF-8"
          : "neither a folder nor a table of pictures (text with the columns path, label and perhaps split)")
    }
    let delimited = DelimitedText(text)
    if let line = delimited.unclosedQuote {
      throw ImageError(
        .invalidClasses, path: path, reason: "line \(line): a quote begins there and does not end")
    }
    var rows = delimited.rows[...]
    let width = rows.first?.fields.count ?? 0
    let columns: TableColumns
    if let headed = try TableColumns(heading: rows, options, path: path) {
      columns = headed
      if case .indicators(let places) = headed.answer, let heading = rows.first {
        columnNames = places.map { heading.fields[$0] }
      }
      rows = rows.dropFirst()
    } else {
      guard options.task != .boxes else {
        throw ImageError(
          .invalidClasses, path: path,
          reason: "a table of boxes needs a first line with the names path, b_x, b_y, b_w and b_h")
      }
      columns = TableColumns(plain: rows, options)
    }
    warnings = columns.leftAlone.map { "\(path): the column \"\($0.name)\" is left alone: \($0.reason)" }
    task =
      switch columns.answer {
      case .label: .classes
      case .marks, .indicators: .labels
      case .box: .boxes
      }
    try read(rows, columns, width: width)
    guard !entries.isEmpty else {
      throw ImageError(
        .noPictures, path: path,
        reason: "the table lists no pictures; a line has a path, a label and perhaps train or val"
          + (skipped.first.map { "; \($0.path): \($0.reason)" } ?? ""))
    }
    try settleRepetitions()
  }

  private mutating func read(
    _ rows: ArraySlice<DelimitedText.Row>, _ columns: TableColumns, width: Int
  ) throws {
    var boxes: TableBox?
    if case .box(let places, let areEdges, let pixels) = columns.answer {
      boxes = TableBox(places, areEdges: areEdges, pixels: pixels, rows: rows)
    }
    for row in rows {
      func skip(_ reason: String) {
        skipped.append(SkippedPicture(path: "\(path):\(row.line)", reason: reason))
      }
      guard row.fields.count > columns.last, !row.fields[columns.path].isEmpty else {
        skip("the line has no path or no label")
        continue
      }
      guard row.fields.dropFirst(width).allSatisfy(\.isEmpty) else {
        skip(
          "the line has \(row.fields.count) fields, the first one \(width); a field with the separator in it has to be in "
            + "quotes")
        continue
      }
      var names: [String] = []
      var box: Box?
      switch columns.answer {
      case .label(let column):
        guard !row.fields[column].isEmpty else {
          skip("the line has no path or no label")
          continue
        }
        names = [row.fields[column]]
      case .marks(let column, let separator):
        names = row.fields[column].split(separator: separator).map(Self.trimmed).filter { !$0.isEmpty }
      case .indicators(let places):
        names = zip(places, columnNames).filter { TableColumns.indicator(row.fields[$0.0]) == true }.map(\.1)
      case .box:
        do { box = try boxes?.box(row.fields) } catch let problem as TableBox.Problem {
          skip(problem.reason)
          continue
        }
      }
      entries.append(
        Entry(
          line: row.line, path: row.fields[columns.path], names: names, box: box,
          part: columns.split.flatMap { Self.part(row.fields[$0]) }))
    }
  }

  private static func trimmed(_ text: Substring) -> String {
    text.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
  }

  private static func part(_ text: String) -> Part? {
    switch text.lowercased() {
    case "train", "training": .training
    case "val", "valid", "validation", "dev", "eval", "holdout": .validation
    case "test", "testing": .other("test")
    case "": nil
    default: .other(text)
    }
  }

  /// Lines of the same picture: equal ones are taken once, labels are put together; a second class, box or part is
  /// refused.
  private mutating func settleRepetitions() throws {
    var places: [String: Int] = [:]
    var repeated: [Entry] = []
    var settled: [Entry] = []
    for entry in entries {
      let file = entry.path.hasPrefix("./") ? String(entry.path.dropFirst(2)) : entry.path
      guard let place = places[file] else {
        places[file] = settled.count
        settled.append(entry)
        continue
      }
      if task == .classes, settled[place].part == entry.part {
        guard settled[place].names == entry.names else {
          throw ImageError(
            .invalidClasses, path: path,
            reason: "lines \(settled[place].line) and \(entry.line) give \(entry.path) two classes, "
              + "\(settled[place].names[0]) and \(entry.names[0]); keep one of them")
        }
        repeated.append(entry)
        continue
      }
      guard task == .labels, settled[place].part == entry.part else {
        throw ImageError(
          .invalidClasses, path: path,
          reason: task != .boxes
            ? "lines \(settled[place].line) and \(entry.line) put \(entry.path) into different parts"
            : "lines \(settled[place].line) and \(entry.line) are both about \(entry.path); one object is looked for "
              + "in a picture: keep one line for each")
      }
      settled[place].names += entry.names.filter { !settled[place].names.contains($0) }
    }
    entries = settled
    if let first = repeated.first {
      warnings.append(
        "\(path): \(repeated.count == 1 ? "a line repeats an earlier one" : "\(repeated.count) lines repeat earlier ones") "
          + "and counts once: line \(first.line), \(first.path)")
    }
  }
}

extension PictureTable {
  /// All pictures of the table.
  func folder() throws -> ImageFolder { try folder(entries, skipped: skipped) }

  /// The pictures of one part: of the named one; else, where the table is divided, those to test with, else those to
  /// judge by; else all.
  ///
  /// - Throws: `ImageError` with the code `.noPictures` for a part that the table does not have.
  func judged(part name: String?) throws -> (folder: ImageFolder, part: String?) {
    let wanted = name.map { [Self.part($0)] } ?? [Self.part("test"), .validation]
    for part in wanted {
      let own = entries.filter { $0.part == part }
      if !own.isEmpty, let part { return (try folder(own, skipped: []), Self.name(part)) }
    }
    guard name == nil || name == "all" else {
      throw ImageError(
        .noPictures, path: path, reason: "the table has no line whose split is \(name ?? "")")
    }
    return (try folder(), nil)
  }

  private static func name(_ part: Part) -> String {
    switch part {
    case .training: "train"
    case .validation: "val"
    case .other(let name): name
    }
  }

  /// The parts, where the table names them; nil where it does not.
  mutating func divided() throws -> (training: ImageFolder, validation: ImageFolder?)? {
    var (training, validation, test): ([Entry], [Entry], [Entry]) = ([], [], [])
    for entry in entries {
      switch entry.part {
      case .training: training.append(entry)
      case .validation: validation.append(entry)
      case .other("test"): test.append(entry)
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

  /// The pictures by what the table says of their part, in the order in which the parts first appear; under no name
  /// those of which it says nothing.
  func parts() throws -> [(name: String?, folder: ImageFolder)] {
    var names: [String] = []
    var groups: [String: [Entry]] = [:]
    for entry in entries {
      let name =
        switch entry.part {
        case .training: "train"
        case .validation: "val"
        case .other(let name): name
        case nil: ""
        }
      if groups[name] == nil { names.append(name) }
      groups[name, default: []].append(entry)
    }
    return try names.enumerated().map { place, name in
      (name.isEmpty ? nil : name, try folder(groups[name] ?? [], skipped: place == 0 ? skipped : []))
    }
  }

  /// Pictures in the order of classes, then of the table; several labels and boxes in the order of the table. Classes are
  /// in the order of their names' bytes, and labels that columns are called by in the order of the columns.
  private func folder(_ entries: [Entry], skipped: [SkippedPicture]) throws -> ImageFolder {
    let names: [String] =
      switch task {
      case .classes: Self.sorted(entries)
      // Labels of the whole table: a part without one of them has pictures that do not have it.
      case .labels: columnNames.isEmpty ? Self.sorted(self.entries) : columnNames
      case .boxes: Box.coordinateNames
      }
    let labels: Labels
    do {
      labels = try Labels(names)
    } catch let error as DataError {
      throw ImageError(.invalidClasses, path: path, reason: error.message)
    }
    let base = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    let places = Dictionary(uniqueKeysWithValues: zip(names, names.indices))
    let items = entries.map { entry in
      ImageFolder.Item(
        path: entry.path.hasPrefix("/") ? entry.path : base + entry.path, relativePath: entry.path,
        label: task == .classes ? entry.names.first.flatMap { places[$0] } : nil,
        marks: task == .labels ? entry.names.compactMap { places[$0] }.sorted() : nil, box: entry.box)
    }
    // By class, within one in the order of the table.
    let order = items.indices.sorted { (items[$0].label ?? 0, $0) < (items[$1].label ?? 0, $1) }
    return ImageFolder(items: order.map { items[$0] }, labels: labels, skipped: skipped, ignoredFiles: 0)
  }

  private static func sorted(_ entries: [Entry]) -> [String] {
    Set(entries.flatMap(\.names)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}

extension ImageFolder {
  /// Reads a data set to judge a model by: a folder with one sub-folder a class, or a table; of a table that is divided
  /// the part to test with, or else that to judge by.
  ///
  /// - Parameter part: the part of a table to take instead: `train`, `val`, `test` or `all`.
  /// - Returns: the pictures, and which part of the table they are.
  /// - Throws: `ImageError`.
  public static func judged(
    _ path: String, part: String? = nil, options: TableOptions = TableOptions()
  ) throws -> (folder: ImageFolder, part: String?) {
    guard case .file = FileStatus(path).kind else { return (try ImageFolder(path), nil) }
    return try PictureTable(path, options).judged(part: part)
  }
}
