internal import GraftHDF5
public import GraftTensor

/// Rows of features, N x D, in memory or in a store on disk; readers do not see the difference.
///
/// In memory they are as they were stored: halves stay halves, and become single-precision numbers block by block as
/// they are read. On disk nothing is kept; every pass reads the file again. Several layers of a store stand side by
/// side in a row.
public struct FeatureMatrix: Sendable {
  /// The number of rows.
  public let count: Int
  /// The number of features of a row.
  public let width: Int

  private let storage: Storage

  private enum Storage: Sendable {
    case floats(Tensor)
    case halves([UInt16])
    case stored(StoreFile, [Part])
  }

  /// A layer of a store: its place there, and the columns that are its.
  private struct Part: Sendable {
    var layer: Int
    var columns: Range<Int>
  }

  /// The rows of a table: the first axis counts rows, what follows is one vector each.
  public init(_ features: Tensor) {
    count = features.shape.rank > 0 ? features.shape[0] : 0
    width =
      count > 0 ? features.count / count : features.shape.dimensions.dropFirst().reduce(1, *)
    storage = .floats(features)
  }

  /// Layers of a store side by side; read at once if they take no more than `memory` bytes as they are stored.
  init(_ file: StoreFile, layers: [Int], memory: Int?) throws {
    var width = 0
    let parts = layers.map { layer in
      let columns = width..<width + file.header.layers[layer].shape.count
      width = columns.upperBound
      return Part(layer: layer, columns: columns)
    }
    (count, self.width) = (file.count, width)
    let isHalf = file.header.scalar == .float16
    guard file.count * width * (isHalf ? 2 : 4) <= memory ?? .max else {
      storage = .stored(file, parts)
      return
    }
    storage =
      isHalf
      ? .halves(try Self.halves(file, parts, width: width))
      : .floats(try Self.floats(file, parts, width: width))
  }

  /// The features in single precision, where they are in memory so.
  package var tensor: Tensor? {
    if case .floats(let tensor) = storage { tensor } else { nil }
  }

  /// Whether every pass over the rows reads them from disk.
  public var isOnDisk: Bool {
    if case .stored = storage { true } else { false }
  }

  /// How much memory the features take.
  public var bytes: Int {
    switch storage {
    case .floats: count * width * 4
    case .halves: count * width * 2
    case .stored: 0
    }
  }

  /// Writes consecutive rows, one after the other.
  ///
  /// - Parameter target: room for the rows.
  /// - Throws: `FeatureError` with code `cannotRead` or `damaged` where they come from disk.
  package func read(_ rows: Range<Int>, into target: UnsafeMutablePointer<Float>) throws {
    switch storage {
    case .floats(let tensor):
      tensor.withUnsafeScalars { scalars in
        guard let base = scalars.baseAddress else { return }
        target.update(from: base + rows.lowerBound * width, count: rows.count * width)
      }
    case .halves(let halves):
      halves.withUnsafeBufferPointer { halves in
        guard let base = halves.baseAddress else { return }
        HalfPrecision.expand(base + rows.lowerBound * width, into: target, count: rows.count * width)
      }
    case .stored(let file, let parts):
      try Self.join(parts, rows: rows.count, width: width, into: target) { layer, buffer in
        try file.read(layer: layer, rows: rows, into: buffer)
      }
    }
  }
}

extension FeatureMatrix {
  /// How many values are read at once when all are brought to memory.
  private static let blockValues = 4 << 20

  private static func floats(_ file: StoreFile, _ parts: [Part], width: Int) throws -> Tensor {
    Tensor(
      shape: [file.count, width],
      scalars: try all(file, parts, width) { try file.read(layer: $0, rows: $1, into: $2) })
  }

  private static func halves(_ file: StoreFile, _ parts: [Part], width: Int) throws -> [UInt16] {
    try all(file, parts, width) { try file.readHalves(layer: $0, rows: $1, into: $2) }
  }

  /// All rows; `read` fills a buffer with some rows of a layer.
  private static func all<Value: BitwiseCopyable>(
    _ file: StoreFile, _ parts: [Part], _ width: Int,
    read: (_ layer: Int, _ rows: Range<Int>, _ buffer: UnsafeMutableBufferPointer<Value>) throws -> Void
  ) throws -> [Value] {
    try [Value](unsafeUninitializedCapacity: file.count * width) { target, count in
      try forEachBlock(file.count, width) { rows in
        guard let base = target.baseAddress else { return }
        try join(parts, rows: rows.count, width: width, into: base + rows.lowerBound * width) {
          try read($0, rows, $1)
        }
      }
      count = file.count * width
    }
  }

  private static func forEachBlock(_ count: Int, _ width: Int, _ body: (Range<Int>) throws -> Void) rethrows {
    let blockRows = max(blockValues / max(width, 1), 1)
    for start in stride(from: 0, to: count, by: blockRows) {
      try body(start..<min(start + blockRows, count))
    }
  }

  /// Puts rows of several layers side by side; `read` fills a buffer with the rows of one.
  private static func join<Value: BitwiseCopyable>(
    _ parts: [Part], rows: Int, width: Int, into target: UnsafeMutablePointer<Value>,
    read: (_ layer: Int, _ buffer: UnsafeMutableBufferPointer<Value>) throws -> Void
  ) throws {
    if parts.count == 1 {
      return try read(parts[0].layer, UnsafeMutableBufferPointer(start: target, count: rows * width))
    }
    for part in parts {
      let own = part.columns.count
      let buffer = UnsafeMutableBufferPointer<Value>.allocate(capacity: rows * own)
      defer { buffer.deallocate() }
      try read(part.layer, buffer)
      guard let source = buffer.baseAddress else { continue }
      for row in 0..<rows {
        (target + row * width + part.columns.lowerBound).update(from: source + row * own, count: own)
      }
    }
  }
}
