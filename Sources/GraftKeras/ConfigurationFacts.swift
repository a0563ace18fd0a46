/// The few facts of a model's configuration that tell networks of equal weights apart.
struct ConfigurationFacts {
  /// The side of the pictures, if they are square and of fixed size.
  private(set) var inputSize: Int?
  /// The epsilons of the normalizations, by layer.
  private(set) var epsilons: [String: Double] = [:]

  /// Reads a configuration; one that is not there or not understood gives no facts.
  init(_ json: String?) {
    guard let json, let tree = try? JSON(Array(json.utf8)) else { return }
    var open = [tree]
    var sizes: [Int?] = []
    // Layers of nested models are found too, whatever the version calls the lists that hold them.
    while let value = open.popLast() {
      if let list = value.elements {
        open += list.reversed()
      } else if let fields = value.members {
        if let config = fields["config"]?.members {
          if fields["class_name"]?.string == "BatchNormalization" {
            if let name = config["name"]?.string, let epsilon = config["epsilon"]?.double {
              epsilons[name] = epsilon
            }
          } else if let shape = config["batch_input_shape"]?.elements ?? config["batch_shape"]?.elements {
            sizes.append(Self.side(shape))
          }
        }
        // Sorted, so that the first picture found does not depend on the order of a dictionary.
        open += fields.keys.sorted(by: >).compactMap { fields[$0] }
      }
    }
    inputSize = sizes.lazy.compactMap { $0 }.first
  }

  private static func side(_ shape: [JSON]) -> Int? {
    guard shape.count == 4, let height = shape[1].integer, let width = shape[2].integer, height == width,
      height > 0
    else { return nil }
    return height
  }

  /// The normalizations whose epsilon in the file is not the network's.
  func differingEpsilons(_ fit: CandidateFit) -> [(layer: String, expected: Float, found: Double)] {
    guard !epsilons.isEmpty else { return [] }
    return fit.trunk.slots.indices.compactMap { index in
      let slot = fit.trunk.slots[index]
      guard let expected = fit.epsilons[slot.name], let pair = fit.trunk.pairs[index],
        let found = epsilons[fit.trunk.layers[pair.layer].name],
        abs(Double(expected) - found) > 1e-3 * found
      else { return nil }
      return (slot.name, expected, found)
    }
  }
}
