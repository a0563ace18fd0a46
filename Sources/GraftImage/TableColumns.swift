public import GraftData

/// Which column of a table says what, by the names in its first line.
struct TableColumns {
  /// Where the answer about a picture stands.
  enum Answer {
    /// A class.
    case label(Int)
    /// Labels that hold, in one field.
    case marks(Int, separator: Character)
    /// A column a label, with 1 where it holds and 0 where it does not.
    case indicators([Int])
    /// A box: its four columns in the order of `Box.coordinateNames`, or of left, top, right, bottom, and those of the
    /// picture's width and height where they stand in pixels.
    case box([Int], areEdges: Bool, pixels: (width: Int, height: Int)?)
  }

  var path = 0
  var answer = Answer.label(1)
  var split: Int?
  /// Columns that nothing was made of, though they may have been meant: their names, and why.
  var leftAlone: [(name: String, reason: String)] = []

  private static let pathNames: Set<String> = [
    "path", "file", "filename", "file_name", "image", "picture", "image_name", "image_path", "filepath",
    "file_path",
  ]
  private static let labelNames: Set<String> = ["label", "class", "category", "target", "class_name"]
  private static let marksNames: Set<String> = ["labels", "tags", "classes", "categories"]
  private static let splitNames: Set<String> = ["split", "set", "part", "subset", "fold"]
  private static let edgeNames = [["xmin", "ymin", "xmax", "ymax"], ["x_min", "y_min", "x_max", "y_max"]]
  private static let sizeNames = [("width", "height"), ("image_width", "image_height"), ("p_w", "p_h")]

  /// Understands the first line of a table; nil if it is no heading.
  ///
  /// - Parameters:
  ///   - rows: all lines.
  ///   - options: what was said about the table.
  /// - Throws: `ImageError` with the code `.invalidClasses` where the table does not have what was asked for.
  init?(heading rows: ArraySlice<DelimitedText.Row>, _ options: TableOptions, path file: String) throws {
    guard let names = rows.first?.fields.map({ $0.lowercased() }),
      let path = names.firstIndex(where: Self.pathNames.contains)
    else { return nil }
    self.path = path
    split = names.firstIndex(where: Self.splitNames.contains)
    let label = names.firstIndex(where: Self.labelNames.contains)
    let marks = names.firstIndex(where: Self.marksNames.contains)
    let box = Self.box(names)
    let task = try options.task ?? Self.task(rows, label: label, marks: marks, hasBox: box != nil, options)
    switch task {
    case .boxes:
      guard let box else {
        throw ImageError(
          .invalidClasses, path: file,
          reason: "the table has no columns for boxes: b_x, b_y, b_w, b_h, or xmin, ymin, xmax, ymax")
      }
      answer = box
      if let column = label ?? marks {
        leftAlone.append((names[column], "boxes are learned; give --task classes or labels to learn those"))
      }
    case .classes:
      guard let column = label ?? marks else {
        throw ImageError(.invalidClasses, path: file, reason: "the table has no column called label")
      }
      answer = .label(column)
    case .labels:
      if let column = marks ?? label {
        answer = .marks(column, separator: options.separator ?? "|")
      } else {
        let places = try indicators(rows, path: file)
        guard !places.isEmpty else {
          throw ImageError(
            .invalidClasses, path: file,
            reason:
              "the table has a column of paths, but none called label or labels, none of 0 and 1, and none for boxes"
              + (leftAlone.first.map { " (in \"\($0.name)\", \($0.reason))" } ?? ""))
        }
        answer = .indicators(places)
      }
    }
  }

  /// A table without a heading: path, label and perhaps a third column that divides.
  init(plain rows: ArraySlice<DelimitedText.Row>, _ options: TableOptions) {
    if rows.allSatisfy({ $0.fields.count == 3 }) { split = 2 }
    let separator = options.separator ?? "|"
    let hasSeveral = rows.contains { $0.fields.count > 1 && $0.fields[1].contains(separator) }
    if options.task == .labels || (options.task == nil && (hasSeveral || options.separator != nil)) {
      answer = .marks(1, separator: separator)
    }
  }

  private static func task(
    _ rows: ArraySlice<DelimitedText.Row>, label: Int?, marks: Int?, hasBox: Bool, _ options: TableOptions
  ) throws -> PictureTask {
    if hasBox { return .boxes }
    guard let label, marks == nil, options.separator == nil else { return .labels }
    return rows.dropFirst().contains { $0.fields.count > label && $0.fields[label].contains("|") }
      ? .labels : .classes
  }

  private static func box(_ names: [String]) -> Answer? {
    func places(_ wanted: [String]) -> [Int]? {
      let found = wanted.compactMap { names.firstIndex(of: $0) }
      return found.count == wanted.count ? found : nil
    }
    let pixels = sizeNames.lazy.compactMap { places([$0.0, $0.1]) }.first.map {
      (width: $0[0], height: $0[1])
    }
    if let middle = places(Box.coordinateNames) { return .box(middle, areEdges: false, pixels: pixels) }
    return edgeNames.lazy.compactMap(places).first.map { .box($0, areEdges: true, pixels: pixels) }
  }

  /// The columns that hold nothing but 0 and 1.
  private mutating func indicators(_ rows: ArraySlice<DelimitedText.Row>, path file: String) throws -> [Int] {
    guard let heading = rows.first else { return [] }
    var found: [Int] = []
    for column in heading.fields.indices where column != path && column != split {
      let wrong = rows.dropFirst().first {
        $0.fields.count > column && Self.indicator($0.fields[column]) == nil
      }
      if let wrong {
        leftAlone.append(
          (heading.fields[column], "line \(wrong.line) has \"\(wrong.fields[column])\", neither 0 nor 1"))
      } else {
        found.append(column)
      }
    }
    return found
  }

  /// Whether a field says that a label holds; nil if it says nothing of the kind.
  static func indicator(_ field: String) -> Bool? {
    switch field.lowercased() {
    case "1", "1.0", "true": true
    case "0", "0.0", "false": false
    default: nil
    }
  }

  /// The last column that is needed.
  var last: Int {
    let needed =
      switch answer {
      case .label(let column), .marks(let column, _): [column]
      case .indicators(let columns): columns
      case .box(let columns, _, let pixels): columns + (pixels.map { [$0.width, $0.height] } ?? [])
      }
    return (needed + [path, split ?? 0]).max() ?? 0
  }
}

/// What a user says about a table of pictures.
public struct TableOptions: Sendable, Hashable {
  /// What the table is read for; nil to see that by its columns: boxes where there are such, several labels where a
  /// column is called `labels` or `tags`, a field of the column `label` has a `|`, or the columns hold 0 and 1.
  public var task: PictureTask?
  /// What stands between the labels of a field; nil for `|`.
  public var separator: Character?

  /// Describes a table.
  public init(task: PictureTask? = nil, separator: Character? = nil) {
    self.task = task
    self.separator = separator
  }
}
