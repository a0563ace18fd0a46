import ArgumentParser
import Graft

/// A layer of `graft fit --blend`: LAYER=WEIGHT, or LAYER=WEIGHT:L2.
struct BlendedLayer: ExpressibleByArgument {
  let layer: String
  let weight: Double
  /// The strength of the penalty; nil for that of `--l2`.
  let l2: Double?

  init?(argument: String) {
    guard let equals = argument.lastIndex(of: "="), equals > argument.startIndex else { return nil }
    layer = String(argument[..<equals])
    let numbers = argument[argument.index(after: equals)...].split(
      separator: ":", omittingEmptySubsequences: false)
    guard (1...2).contains(numbers.count), let weight = Double(numbers[0]), weight > 0, weight.isFinite else {
      return nil
    }
    self.weight = weight
    if numbers.count == 2 {
      guard let l2 = Double(numbers[1]), l2 >= 0, l2.isFinite else { return nil }
      self.l2 = l2
    } else {
      l2 = nil
    }
  }

  /// As it is given.
  init(layer: String, weight: Double, l2: Double?) {
    (self.layer, self.weight, self.l2) = (layer, weight, l2)
  }

  var argument: String {
    "\(layer)=\(Format.strength(weight))" + (l2.map { ":\(Format.strength($0))" } ?? "")
  }
}
