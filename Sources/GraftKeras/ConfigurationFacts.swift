internal import Foundation

/// The few facts of a model's configuration that tell networks of equal weights apart.
struct ConfigurationFacts {
  /// The side of the pictures, if they are square and of fixed size.
  private(set) var inputSize: Int?
  /// The epsilons of the normalizations, by layer.
  private(set) var epsilons: [String: Double] = [:]

  /// Reads a configuration; one that is not there or not understood gives no facts.
  init(_ json: String?) {
    guard let json, let tree = try? JSONSerialization.jsonObject(with: Data(json.utf8)) else { return }
    var open: [Any] = [tree]
    var sizes: [Int?] = []
    // Layers of nested models are found too, whatever the version calls the lists that hold them.
    while let value = open.popLast() {
      if let list = value as? [Any] {
        open += list.reversed()
      } else if let fields = value as? [String: Any] {
        if let config = fields["config"] as? [String: Any] {
          switch fields["class_name"] as? String {
          case "BatchNormalization":
            if let name = config["name"] as? String, let epsilon = config["epsilon"] as? Double {
              epsilons[name] = epsilon
            }
          default:
            if let shape = config["batch_input_shape"] as? [Any] ?? config["batch_shape"] as? [Any] {
              sizes.append(Self.side(shape))
            }
          }
        }
        // Sorted, so that the first picture found does not depend on the order of a dictionary.
        open += fields.keys.sorted(by: >).compactMap { fields[$0] }
      }
    }
    inputSize = sizes.lazy.compactMap { $0 }.first
  }

  private static func side(_ shape: [Any]) -> Int? {
    guard shape.count == 4, let height = shape[1] as? Int, let width = shape[2] as? Int, height == width,
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
