internal import Foundation

/// The names of layers by the groups that hold their weights in a `.weights.h5`, as the model's configuration tells
/// them: groups are called by class and number alone.
struct ArchiveLayerNames {
  /// The names of the models that a layer is in, and its own, by the groups on the way to it.
  private var paths: [[String]: [String]] = [:]

  /// Reads a configuration; one that is not understood gives no names, and is refused elsewhere.
  init(_ configuration: [UInt8]) {
    guard let model = try? ModelConfigurationReader(file: "").model(configuration).model else { return }
    collect(model, groups: [], names: [])
  }

  private mutating func collect(_ model: ModelConfiguration, groups: [String], names: [String]) {
    var groupNames = GroupNames()
    for layer in model.layers {
      let group = groups + [groupNames.next(layer.className)]
      let name = names + [layer.name]
      paths[group] = name
      if let inner = layer.model { collect(inner, groups: group, names: name) }
    }
  }

  /// The layer under its own name: the one that its variables say, where they do, since a file may list the layers of its
  /// configuration in an order of its own.
  func naming(_ layer: KerasFile.Layer) -> KerasFile.Layer {
    guard let path = paths[layer.place], let name = path.last else { return layer }
    return KerasFile.Layer(
      name: layer.isNamed ? layer.name : name, otherNames: [], owners: Array(path.dropLast()),
      kind: layer.kind, isNamed: true,
      weights: layer.weights, place: layer.place)
  }
}

/// The groups of a model's layers, in order: the class in snake case, and a number from the second of a class on
/// (`_get_unique_name` in Keras's `saving_lib.py`).
struct GroupNames {
  private var counts: [String: Int] = [:]

  mutating func next(_ className: String) -> String {
    let kind = Self.snakeCase(className)
    let number = counts[kind, default: 0]
    counts[kind] = number + 1
    return number == 0 ? kind : "\(kind)_\(number)"
  }

  /// A class's name in snake case as Keras writes it: `BatchNormalization` is `batch_normalization`, `Conv2D` is
  /// `conv2d`, `PReLU` is `p_re_lu`.
  static func snakeCase(_ className: String) -> String {
    // Registered classes have the name of their package before their own.
    let own = className.split(separator: ">").last.map(Array.init) ?? []
    func isUpper(_ index: Int) -> Bool { own.indices.contains(index) && own[index].isUppercase }
    func isLower(_ index: Int) -> Bool { own.indices.contains(index) && own[index].isLowercase }
    var text = ""
    for (index, letter) in own.enumerated() {
      // Before a capital that starts a word of small letters, and between a small letter and a capital.
      if index > 0, isUpper(index), isLower(index + 1) || isLower(index - 1) { text += "_" }
      text += letter.lowercased()
    }
    return text
  }
}
