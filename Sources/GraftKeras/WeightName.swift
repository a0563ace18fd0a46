/// The name of a weight in a file, taken apart: which layer it says it belongs to, and what it is.
struct WeightName: Hashable {
  /// What stands before the parameter: a layer's name, perhaps with nested models before it. Nil where the
  /// name is only a parameter.
  let layer: String?
  /// The parameter in Keras 2's spelling, where it is a known one.
  let parameter: String?
  /// Whether the spelling is that of Keras 1.
  let isKeras1: Bool

  init(_ name: String) {
    var text = Substring(name)
    if let colon = text.lastIndex(of: ":"), text[text.index(after: colon)...].allSatisfy(\.isNumber) {
      text = text[..<colon]
    }
    let leaf = text.split(separator: "/").last ?? text
    let parents = text.dropLast(leaf.count).split(separator: "/")
    if let known = Self.parameters[String(leaf)] {
      layer = parents.isEmpty ? nil : parents.joined(separator: "/")
      parameter = known
      isKeras1 = false
      return
    }
    // Keras 1: block1_conv1_W_1, bn_conv1_running_std. The trailing number made the name unique.
    var stem = leaf
    if let end = stem.lastIndex(of: "_"), end > stem.startIndex, !stem[stem.index(after: end)...].isEmpty,
      stem[stem.index(after: end)...].allSatisfy(\.isNumber),
      Self.keras1.contains(where: { stem[..<end].hasSuffix("_" + $0.suffix) })
    {
      stem = stem[..<end]
    }
    for (suffix, known) in Self.keras1 where stem.hasSuffix("_" + suffix) && stem.count > suffix.count + 1 {
      layer = String(stem.dropLast(suffix.count + 1))
      parameter = known
      isKeras1 = true
      return
    }
    layer = parents.isEmpty ? nil : parents.joined(separator: "/")
    parameter = nil
    isKeras1 = false
  }

  /// Keras 2's and 3's names of parameters. Keras 3 calls a depthwise kernel `kernel`; that is left to the
  /// network to tell.
  private static let parameters: [String: String] = [
    "kernel": "kernel", "depthwise_kernel": "depthwise_kernel", "bias": "bias", "gamma": "gamma",
    "beta": "beta", "moving_mean": "moving_mean", "moving_variance": "moving_variance",
    "pointwise_kernel": "pointwise_kernel", "mean": "mean", "variance": "variance", "count": "count",
    "alpha": "alpha",
  ]

  /// The parameters of a batch normalization.
  static let normalization: Set<String> = ["gamma", "beta", "moving_mean", "moving_variance"]

  /// Keras 1's suffixes. `running_std` holds a variance, and is given to the normalization as one.
  private static let keras1: [(suffix: String, parameter: String)] = [
    ("depthwise_kernel", "depthwise_kernel"), ("pointwise_kernel", "pointwise_kernel"),
    ("running_mean", "moving_mean"),
    ("running_std", "moving_variance"), ("gamma", "gamma"), ("beta", "beta"), ("W", "kernel"), ("b", "bias"),
  ]
}
