/// Saying why features that are there cannot be continued.
enum OriginCheck {
  /// The refusal of features made otherwise than wanted, with every difference named.
  static func refusal(
    _ found: FeatureHeader, _ wanted: FeatureHeader, file: String, what: String,
    advice: String
  ) -> FeatureError {
    var points = wanted.origin.differences(from: found.origin).map(\.description)
    if found.origin.layers == wanted.origin.layers {
      for (old, new) in zip(found.layers, wanted.layers) where old != new {
        points.append("layer \(old), not \(new)")
      }
    }
    if found.scalar != wanted.scalar {
      points.append("numbers stored as \(found.scalar.rawValue), not \(wanted.scalar.rawValue)")
    }
    return FeatureError(
      .otherOrigin, "holds \(what) made with \(points.joined(separator: "; ")); \(advice)", file: file)
  }
}
