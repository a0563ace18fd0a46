internal import GraftHDF5
internal import GraftTensor

/// The layout of `.weights.h5`: `layers/<class>_<n>/vars/<i>`, nested models below their own `layers`.
///
/// `<n>` counts layers of a class in the order of `model.layers`; names are there only if Keras 3 wrote them.
enum LayerTree {
  /// What the group of a model's layers is called; the second by some versions of TensorFlow 2.13's time.
  static let childrenNames = ["layers", "_layer_checkpoint_dependencies"]

  /// Deeper than models are nested in practice, and shallow enough for a group that contains itself.
  private static let maximumDepth = 8

  /// The layers of a file; the arrays of their weights are added to `datasets`, by path.
  ///
  /// - Parameter names: the names of the layers, where the model's configuration is known.
  static func layers(
    of root: HDF5Group, file: String, named names: ArchiveLayerNames? = nil,
    _ datasets: inout [String: HDF5Dataset]
  ) throws -> [KerasFile.Layer] {
    var layers: [KerasFile.Layer] = []
    try collect(root, owners: [], into: &layers, file: file, &datasets)
    guard let names else { return layers }
    return layers.map(names.naming)
  }

  private static func collect(
    _ model: HDF5Group, owners: [String], into layers: inout [KerasFile.Layer], file: String,
    _ datasets: inout [String: HDF5Dataset]
  ) throws {
    guard owners.count < maximumDepth else {
      throw ImportError(
        .unsupported, "models are nested more than \(maximumDepth) deep", file: file,
        layer: owners.joined(separator: "/"))
    }
    for children in childrenNames where try model.kind(of: children) == .group {
      let group = try model.group(children)
      // Names sort "conv2d_10" before "conv2d_2".
      let members = try group.memberNames().map(Numbered.init).sorted()
      for member in members where try group.kind(of: member.text) == .group {
        let layer = try group.group(member.text)
        try collect(layer, owners: owners + [member.text], into: &layers, file: file, &datasets)
        if let own = try self.layer(layer, member, owners: owners, file: file, &datasets) {
          layers.append(own)
        }
        guard layers.count <= LegacyLayout.maximumLayers else {
          throw ImportError(.unsupported, "has more layers than any network", file: file)
        }
      }
      return
    }
  }

  private static func layer(
    _ group: HDF5Group, _ member: Numbered, owners: [String], file: String,
    _ datasets: inout [String: HDF5Dataset]
  ) throws -> KerasFile.Layer? {
    guard try group.kind(of: "vars") == .group else { return nil }
    let variables = try group.group("vars")
    let numbers = try variables.memberNames().map(Numbered.init).sorted()
    let weights = try numbers.map { number in
      let dataset = try variables.dataset(number.text)
      datasets[dataset.path] = dataset
      return try KerasFile.Weight(
        name: "vars/\(number.text)", parameter: nil, shape: dataset.weightShape(file), path: dataset.path)
    }
    let name = try variables.attribute("name")?.stringValue
    return KerasFile.Layer(
      name: name ?? member.text, otherNames: [], owners: owners, kind: member.stem, isNamed: name != nil,
      weights: weights, place: owners + [member.text])
  }
}

/// A name that ends in a number, ordered by what stands before it and then by the number.
struct Numbered: Comparable {
  let text: String
  let stem: String
  let number: Int

  init(_ text: String) {
    self.text = text
    if let number = Int(text) {
      (stem, self.number) = ("", number)
    } else if let end = text.lastIndex(of: "_"), let number = Int(text[text.index(after: end)...]) {
      (stem, self.number) = (String(text[..<end]), number)
    } else {
      (stem, number) = (text, 0)
    }
  }

  static func < (a: Numbered, b: Numbered) -> Bool { (a.stem, a.number) < (b.stem, b.number) }
}
