import Foundation
import Graft
import GraftSupport

/// Pictures that are drawn, with what is known about them: coloured shapes on grey noise.
enum Drawings {
  /// One shape.
  struct Shape {
    /// Its box, in pixels.
    var columns: Range<Int>
    var rows: Range<Int>
    var isDisc: Bool
    var color: (UInt8, UInt8, UInt8)
  }

  /// Draws shapes on noise.
  static func picture(_ width: Int, _ height: Int, _ shapes: [Shape], _ generator: inout SeededGenerator)
    -> Image
  {
    var pixels = (0..<width * height).flatMap { _ -> [UInt8] in
      let grey = UInt8(90 + generator.below(60))
      return [grey, grey, grey]
    }
    for shape in shapes {
      let (radiusX, radiusY) = (Double(shape.columns.count) / 2, Double(shape.rows.count) / 2)
      for row in shape.rows {
        for column in shape.columns {
          let x = (Double(column - shape.columns.lowerBound) + 0.5 - radiusX) / radiusX
          let y = (Double(row - shape.rows.lowerBound) + 0.5 - radiusY) / radiusY
          if shape.isDisc && x * x + y * y > 1 { continue }
          let place = (row * width + column) * 3
          (pixels[place], pixels[place + 1], pixels[place + 2]) = shape.color
        }
      }
    }
    return Image(width: width, height: height, pixels: pixels)
  }

  /// A range of `length` at a random place below `limit`.
  static func range(_ length: Int, below limit: Int, _ generator: inout SeededGenerator) -> Range<Int> {
    let first = generator.below(limit - length + 1)
    return first..<first + length
  }

  /// Writes pictures with one shape each, and a table of their boxes.
  static func boxes(_ count: Int, in folder: URL, table name: String = "boxes.csv") throws {
    try FileManager.default.createDirectory(
      at: folder.appending(path: "boxes"), withIntermediateDirectories: true)
    var generator = SeededGenerator(seed: 4, stream: "boxes")
    var lines = ["path,b_x,b_y,b_w,b_h,split"]
    for number in 0..<count {
      let (width, height) = (96 + generator.below(64), 96 + generator.below(64))
      let shape = Shape(
        columns: range(width * (20 + generator.below(30)) / 100, below: width, &generator),
        rows: range(height * (20 + generator.below(30)) / 100, below: height, &generator),
        isDisc: number % 2 == 0, color: number % 3 == 0 ? (240, 230, 40) : (30, 60, 220))
      try picture(width, height, [shape], &generator)
        .writeJPEG(to: folder.appending(path: "boxes/\(number).jpg").path, quality: 92)
      let box = Box(
        left: Double(shape.columns.lowerBound) / Double(width),
        top: Double(shape.rows.lowerBound) / Double(height),
        right: Double(shape.columns.upperBound) / Double(width),
        bottom: Double(shape.rows.upperBound) / Double(height))
      let values = box.coordinates.map { "\($0)" }.joined(separator: ",")
      lines.append("boxes/\(number).jpg,\(values),\(number % 4 == 3 ? "val" : "train")")
    }
    try Data(lines.joined(separator: "\n").utf8).write(to: folder.appending(path: name))
  }

  /// Writes pictures with any of three kinds of shape, and tables of their labels: one with a field for all of them, one
  /// with a column for each.
  static func labels(_ count: Int, in folder: URL) throws {
    try FileManager.default.createDirectory(
      at: folder.appending(path: "labels"), withIntermediateDirectories: true)
    var generator = SeededGenerator(seed: 6, stream: "labels")
    let colors: [(UInt8, UInt8, UInt8)] = [(230, 40, 40), (40, 210, 60), (40, 60, 230)]
    let names = ["red", "green", "blue"]
    var (fields, columns) = (["path,labels,split"], ["path,red,green,blue,split"])
    for number in 0..<count {
      let holds = (0..<3).map { _ in generator.below(2) == 1 }
      // Each kind has its own third, so that none hides another.
      let shapes = (0..<3).filter { holds[$0] }.map { kind in
        Shape(
          columns: kind * 37..<kind * 37 + 36, rows: range(70, below: 112, &generator), isDisc: kind == 1,
          color: colors[kind])
      }
      try picture(112, 112, shapes, &generator)
        .writeJPEG(to: folder.appending(path: "labels/\(number).jpg").path, quality: 92)
      let part = number % 4 == 3 ? "val" : "train"
      let own = zip(names, holds).filter(\.1).map(\.0)
      fields.append("labels/\(number).jpg,\(own.joined(separator: "|")),\(part)")
      columns.append("labels/\(number).jpg,\(holds.map { $0 ? "1" : "0" }.joined(separator: ",")),\(part)")
    }
    try Data(fields.joined(separator: "\n").utf8).write(to: folder.appending(path: "labels.csv"))
    try Data(columns.joined(separator: "\n").utf8).write(to: folder.appending(path: "columns.csv"))
  }
}
