internal import GraftTensor

/// What a file of features says about its rows: two files with equal headers can be merged.
struct FeatureHeader: Hashable, Codable {
  var origin: FeatureOrigin
  var layers: [FeatureLayer]
  var scalar: FeatureScalar

  /// Checks that there are layers, that they have names, all different, and that they are those of the
  /// origin.
  ///
  /// - Throws: `FeatureError` with code `wrongLayer`.
  func check(path: String) throws {
    precondition(
      origin.layers == layers.map(\.name),
      "the origin names the layers \(origin.layers), the features are those of \(layers.map(\.name))")
    guard !layers.isEmpty else {
      throw FeatureError(.wrongLayer, "no layer was given whose features to keep", file: path)
    }
    var seen: Set<String> = []
    for layer in layers {
      guard !layer.name.isEmpty, !layer.name.utf8.contains(0) else {
        throw FeatureError(.wrongLayer, "a layer has no usable name: \"\(layer.name)\"", file: path)
      }
      guard seen.insert(layer.name).inserted else {
        throw FeatureError(.wrongLayer, "layer \(layer.name) was given twice; name it once", file: path)
      }
      guard layer.shape.count > 0 else {
        throw FeatureError(.wrongLayer, "layer \(layer) has no values", file: path)
      }
    }
  }
}
