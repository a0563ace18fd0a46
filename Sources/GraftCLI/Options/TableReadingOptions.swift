public import ArgumentParser
public import Graft

/// How a table of pictures is read.
struct TableReadingOptions: ParsableArguments {
  @Option(
    help: """
      What a table is read for: classes, labels (several a picture) or boxes (default: by its columns: b_x, b_y, b_w, \
      b_h or xmin, ymin, xmax, ymax are boxes; labels or tags, a | in the column label, and columns of 0 and 1 are \
      labels).
      """)
  var task: PictureTask?

  @Option(help: "What stands between the labels of a field, one character (default: |).")
  var labelSeparator: String?

  func validate() throws {
    if let labelSeparator, labelSeparator.count != 1 {
      throw ValidationError("--label-separator is one character, not \"\(labelSeparator)\"")
    }
  }

  /// The options as the library has them.
  var options: TableOptions { TableOptions(task: task, separator: labelSeparator?.first) }
}

extension PictureTask: ExpressibleByArgument {}
