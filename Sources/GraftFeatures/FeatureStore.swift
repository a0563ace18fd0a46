public import GraftData
internal import GraftTensor

/// Features on disk: an HDF5 file that `FeatureStoreWriter` wrote.
///
/// Paths, classes and where the features come from are read at once, the features when a table of them is
/// asked for.
public struct FeatureStore: Sendable {
  /// Where the features come from.
  public let origin: FeatureOrigin
  /// The layers, in their order.
  public let layers: [FeatureLayer]
  /// How the features are stored; in memory they are in single precision.
  public let scalar: FeatureScalar
  /// The names of the classes; nil where pictures have none.
  public let labels: Labels?
  /// The class of each row, an index into `labels`; nil where pictures have no classes.
  public let classIndices: [Int]?
  /// The path of each row's picture.
  public let paths: [String]
  /// The SHA-256 digest of each row's picture: 64 lower-case hexadecimal digits.
  public let digests: [String]

  private let file: StoreFile

  /// Opens a store and checks that its parts fit together.
  ///
  /// - Throws: `FeatureError` with code `notFeatures` for other files, `unknownVersion`, `damaged`,
  ///   `cannotRead`.
  public init(path: String) throws {
    file = try StoreFile(path)
    origin = file.header.origin
    layers = file.header.layers
    scalar = file.header.scalar
    paths = try file.paths()
    digests = try file.digests()
    do {
      let classes = try file.classes()
      classIndices = try file.classIndices(classes: classes.count)
      labels = classIndices == nil ? nil : try Labels(classes)
    } catch let error as DataError {
      throw FeatureError(
        .damaged, "\(error.message); the file is damaged, extract the features again", file: path,
        underlying: error)
    }
  }

  /// The file.
  public var path: String { file.path }

  /// The number of rows.
  public var count: Int { file.count }

  /// Whether a file is a feature store; it may still be damaged.
  public static func isStore(_ path: String) -> Bool { StoreFile.isStore(path) }

  /// Reads the features of one layer, N x D.
  ///
  /// - Parameter name: The layer; may be left out where there is only one.
  /// - Throws: `FeatureError` with code `wrongLayer` if there is no such layer, or several and none was
  ///   named; `damaged` or `cannotRead`.
  public func table(layer name: String? = nil) throws -> FeatureTable {
    let index = try position(of: name)
    let layer = layers[index]
    let features = Tensor(shape: [count, layer.shape.count], scalars: try file.read(layer: index))
    return FeatureTable(
      features: features, classIndices: classIndices, labels: labels, paths: paths, digests: digests,
      layer: layer, origin: origin)
  }

  private func position(of name: String?) throws -> Int {
    try positions(of: name.map { [$0] } ?? [])[0]
  }

  /// The places of layers; with no name that of the only one. There is at least one.
  func positions(of names: [String]) throws -> [Int] {
    let all = layers.map(\.name).joined(separator: ", ")
    guard !names.isEmpty else {
      guard layers.count == 1 else {
        throw FeatureError(.wrongLayer, "has several layers; choose one with --layer: \(all)", file: path)
      }
      return [0]
    }
    var places: [Int] = []
    for name in names {
      guard let index = layers.firstIndex(where: { $0.name == name }) else {
        throw FeatureError(.wrongLayer, "has no layer \(name); there are: \(all)", file: path)
      }
      guard !places.contains(index) else {
        throw FeatureError(.wrongLayer, "layer \(name) was given twice; name it once", file: path)
      }
      places.append(index)
    }
    return places
  }

  func matrix(_ places: [Int], memory: Int?) throws -> FeatureMatrix {
    try FeatureMatrix(file, layers: places, memory: memory)
  }
}
