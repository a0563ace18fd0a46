internal import Foundation
internal import GraftHDF5
internal import GraftSupport
internal import GraftTensor

/// Writing features as NumPy's array file, version 1.0 of its format (numpy.lib.format).
enum ArrayOutput {
  static func write(
    _ source: some FeatureSource, _ rows: [FeatureRow], scalar: FeatureScalar, to path: String
  ) throws {
    let file = try OutputFile(path)
    let shape = [rows.count] + source.layers[0].shape.dimensions
    try file.write(header(type: scalar == .float16 ? "<f2" : "<f4", shape: shape))
    try source.forEachBlock(layer: 0, of: rows) { _, values in
      switch scalar {
      case .float32:
        if UInt32(1).littleEndian == 1 {
          try file.write(UnsafeRawBufferPointer(values))
        } else {
          try file.write(values.flatMap { little($0.bitPattern) })
        }
      case .float16: try file.write(values.flatMap { little(HalfPrecision.bits(Double($0))) })
      }
    }
    try file.flush()
  }

  /// Writes what an array has no room for: paths, and labels and classes where there are any.
  ///
  /// A line break in a name stands as `\n` or `\r` in the text, so that there is a line a name.
  static func writeCompanions(
    of path: String, _ rows: [FeatureRow], classes: [String], classIndices: [Int]?
  ) throws {
    let stem = String(path.dropLast(".npy".count))
    try replace("\(stem)_paths.txt") { try writeLines(rows.lazy.map(\.path), to: $0) }
    guard let classIndices else {
      // What an earlier run left would pass for this one's.
      unlink("\(stem)_labels.npy")
      unlink("\(stem)_classes.txt")
      return
    }
    try replace("\(stem)_classes.txt") { try writeLines(classes, to: $0) }
    try replace("\(stem)_labels.npy") { temporary in
      let file = try OutputFile(temporary)
      try file.write(header(type: "<i4", shape: [rows.count]))
      try file.write(classIndices.flatMap { little(UInt32(truncatingIfNeeded: $0)) })
      try file.flush()
    }
  }

  /// Not under a name of this process alone: what a run that was killed left is overwritten by the next.
  private static func replace(_ path: String, with body: (_ temporary: String) throws -> Void) throws {
    let temporary = path + ".part"
    do {
      try body(temporary)
      try AtomicFile.rename(temporary, to: path)
    } catch {
      unlink(temporary)
      throw error
    }
  }

  private static func writeLines(_ lines: some Sequence<String>, to path: String) throws {
    let file = try OutputFile(path)
    for line in lines {
      let text = line.replacing("\r", with: "\\r").replacing("\n", with: "\\n")
      try file.write((text + "\n").utf8)
    }
    try file.flush()
  }

  /// The header: magic, version, length, and a Python literal, filled up so that data begin at a multiple of
  /// 64.
  private static func header(type: String, shape: [Int]) -> [UInt8] {
    let axes = shape.map { "\($0)" }.joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var text = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(axes)), }"
    // As NumPy does: room for the number of rows to grow in place to 21 digits.
    text += String(repeating: " ", count: 21 - "\(shape[0])".utf8.count)
    while (10 + text.utf8.count + 1) % 64 != 0 { text += " " }
    text += "\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0] + little(UInt16(text.utf8.count)) + Array(text.utf8)
  }

  private static func little(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }
}
