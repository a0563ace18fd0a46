internal import GraftHDF5
internal import GraftTensor

/// The layout in which Keras 1 and 2 kept weights, and in which whole models keep them still: a group for each
/// layer in the order of the attribute `layer_names`, whose attribute `weight_names` orders its arrays.
enum LegacyLayout {
  /// More layers than any network has.
  static let maximumLayers = 20_000

  /// The layers of a group; the arrays of their weights are added to `datasets`, by path.
  static func layers(
    of group: HDF5Group, file: String, _ datasets: inout [String: HDF5Dataset]
  ) throws -> [KerasFile.Layer] {
    guard let names = try group.stringList("layer_names") else {
      throw ImportError(
        .damaged, "\(group.path) has no attribute layer_names", file: file,
        advice: "The file is damaged or was not written by Keras; download or save it again")
    }
    guard names.count <= maximumLayers else {
      throw ImportError(
        .unsupported, "names \(names.count) layers, more than any network has", file: file)
    }
    var layers: [KerasFile.Layer] = []
    var seen: Set<String> = []
    for name in names {
      guard seen.insert(name).inserted else {
        throw ImportError(.damaged, "names the layer twice", file: file, layer: name)
      }
      layers += try ImportError.wrapping(file, layer: name) {
        try self.layers(named: name, in: group, file: file, &datasets)
      }
      guard layers.count <= maximumLayers else {
        throw ImportError(.unsupported, "has more layers than any network", file: file)
      }
    }
    return layers
  }

  /// The layer of one group; several, if the group is a nested model's.
  private static func layers(
    named name: String, in group: HDF5Group, file: String, _ datasets: inout [String: HDF5Dataset]
  ) throws -> [KerasFile.Layer] {
    let own = try group.group(name)
    var inner = InnerGroup(of: own)
    // Keras 1 wrote no weight_names for some layers without weights.
    let weights = try (own.stringList("weight_names") ?? []).map { weightName in
      let dataset = try inner.dataset(weightName)
      datasets[dataset.path] = dataset
      return (WeightName(weightName), weightName, try dataset.weightShape(file), dataset.path)
    }
    if let single = singleLayer(name, weights) { return [single] }
    var order: [String] = []
    var members: [String: [KerasFile.Weight]] = [:]
    for (parsed, weightName, shape, path) in weights {
      let owner = parsed.layer ?? name
      if members[owner] == nil { order.append(owner) }
      members[owner, default: []].append(
        KerasFile.Weight(name: weightName, parameter: parsed.parameter, shape: shape, path: path))
    }
    guard order.count > 1 else {
      let others = order.filter { $0 != name }
      return [
        KerasFile.Layer(
          name: name, otherNames: others.flatMap(suffixes), owners: [], kind: nil, isNamed: true,
          weights: order.first.flatMap { members[$0] } ?? [])
      ]
    }
    return order.map { inner in
      // Keras 3 repeats the nested model's name in front of the layer's.
      let parts = inner.split(separator: "/").map(String.init)
      let own = parts.count > 1 && parts[0] == name ? parts.dropFirst().joined(separator: "/") : inner
      return KerasFile.Layer(
        name: own, otherNames: suffixes(inner).filter { $0 != own }, owners: [name], kind: nil, isNamed: true,
        weights: members[inner] ?? [])
    }
  }

  /// A layer whose weights were written under different scopes, told by its being exactly one layer's.
  private static func singleLayer(
    _ name: String, _ weights: [(parsed: WeightName, name: String, shape: Shape, path: String)]
  ) -> KerasFile.Layer? {
    let parameters = weights.compactMap(\.parsed.parameter)
    let isNormalization =
      parameters.contains("moving_mean") && parameters.allSatisfy(WeightName.normalization.contains)
    let isKernel =
      parameters.count == 2 && parameters.contains { $0.hasSuffix("kernel") } && parameters.contains("bias")
    guard parameters.count == weights.count, Set(parameters).count == parameters.count,
      isNormalization || isKernel
    else { return nil }
    let others = Set(weights.compactMap(\.parsed.layer)).subtracting([name]).sorted()
    return KerasFile.Layer(
      name: name, otherNames: others.flatMap(suffixes), owners: [], kind: nil, isNamed: true,
      weights: weights.map {
        KerasFile.Weight(name: $0.name, parameter: $0.parsed.parameter, shape: $0.shape, path: $0.path)
      })
  }

  /// "a/b/c", "b/c" and "c" for "a/b/c".
  private static func suffixes(_ path: String) -> [String] {
    let parts = path.split(separator: "/")
    return parts.indices.prefix(8).map { parts[$0...].joined(separator: "/") }
  }

  /// Whose spelling the names have; the version decides where names do not.
  static func generation(_ layers: [KerasFile.Layer], version: String?) -> KerasFile.Generation {
    let names = layers.lazy.flatMap(\.weights).map(\.name)
    if names.contains(where: { WeightName($0).isKeras1 }) { return .keras1 }
    if let major = version?.split(separator: ".").first.flatMap({ Int($0) }) {
      return major >= 3 ? .keras3 : major == 2 ? .keras2 : .keras1
    }
    if names.isEmpty { return .keras1 }
    return names.contains { $0.hasSuffix(":0") } ? .keras2 : .keras3
  }
}

/// The group that a layer's arrays lie in, below the layer's own: looked up once for arrays that stand in one.
private struct InnerGroup {
  private let layer: HDF5Group
  private var found: (path: Substring, group: HDF5Group)?

  init(of layer: HDF5Group) { self.layer = layer }

  mutating func dataset(_ path: String) throws -> HDF5Dataset {
    guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return try layer.dataset(path) }
    let (parent, name) = (path[..<slash], path[slash...].dropFirst())
    guard name != "", name != "." else { return try layer.dataset(path) }
    if found?.path != parent { found = try layer.groupIfPresent(String(parent)).map { (parent, $0) } }
    // Without such a group, the layer's says what is missing.
    guard let found else { return try layer.dataset(path) }
    return try found.group.dataset(String(name))
  }
}

extension HDF5Dataset {
  /// The shape, for a dataset that holds a weight.
  ///
  /// - Throws: `ImportError` if there is nothing in it.
  func weightShape(_ file: String) throws -> Shape {
    let shape = self.shape
    guard !shape.contains(0) else {
      throw ImportError(
        .damaged, "\(path) holds no values, shape \(shape)", file: file,
        advice: "Save the model again, with its weights")
    }
    return Shape(shape)
  }
}

extension HDF5Group {
  /// Whether there is a list of strings of this name, in one piece or in several.
  func hasStringList(_ name: String) throws -> Bool {
    if try attribute(name) != nil { return true }
    return try attribute(name + "0") != nil
  }

  /// A list of strings; one that was too long for an attribute is joined from `name0`, `name1`, … as Keras
  /// splits it. Nil where there is none.
  func stringList(_ name: String) throws -> [String]? {
    if let attribute = try attribute(name) { return attribute.stringList }
    var list: [String]?
    var piece = 0
    while let strings = try attribute("\(name)\(piece)")?.stringList {
      list = (list ?? []) + strings
      piece += 1
      if piece > 10_000 { break }
    }
    return list
  }
}
