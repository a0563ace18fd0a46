extension Augmentation {
  /// The kinds of steps, by the words that texts use for them.
  enum Kind: String, Sendable, Hashable, CaseIterable {
    case crop
    case scaleJitter = "scale-jitter"
    case flip
    case verticalFlip = "vertical-flip"
    case rotation
    case translation
    case shear
    case brightness
    case contrast
    case saturation
    case hue
    case pcaColor = "pca"
    case cutout

    /// One number of a step: what it is, where it must lie, and what it is when nobody says.
    struct Parameter {
      var name: String
      var bounds: ClosedRange<Double>
      var standard: Double
    }

    /// The numbers that a step of this kind has.
    var parameters: [Parameter] {
      switch self {
      case .crop:
        [
          Parameter(name: "smallest share of the area", bounds: 1e-4...1, standard: 0.5),
          Parameter(name: "largest share of the area", bounds: 1e-4...1, standard: 1),
          Parameter(name: "smallest width over height", bounds: 0.01...100, standard: 3.0 / 4),
          Parameter(name: "largest width over height", bounds: 0.01...100, standard: 4.0 / 3),
        ]
      case .scaleJitter:
        [
          Parameter(name: "smallest shorter side", bounds: 224...8192, standard: 256),
          Parameter(name: "largest shorter side", bounds: 224...8192, standard: 480),
        ]
      case .flip, .verticalFlip: [Parameter(name: "probability", bounds: 0...1, standard: 0.5)]
      case .rotation: [Parameter(name: "degrees", bounds: 0...180, standard: 10)]
      case .translation: [Parameter(name: "share of the side", bounds: 0...1, standard: 0.1)]
      case .shear: [Parameter(name: "degrees", bounds: 0...80, standard: 10)]
      case .brightness, .contrast, .saturation: [Parameter(name: "amount", bounds: 0...1, standard: 0.2)]
      case .hue: [Parameter(name: "share of the circle", bounds: 0...0.5, standard: 0.05)]
      case .pcaColor: [Parameter(name: "deviation", bounds: 0...10, standard: 0.1)]
      case .cutout: [Parameter(name: "share of the side", bounds: 0...1, standard: 0.25)]
      }
    }

    /// Whether it chooses the part of the picture.
    var isFraming: Bool { self == .crop || self == .scaleJitter }

    /// What is wrong with a step's numbers, as the end of a sentence; nil if nothing is.
    func problem(with values: [Double]) -> String? {
      let parameters = parameters
      guard values.count == parameters.count else {
        return "\(rawValue) takes up to \(parameters.count) numbers, not \(values.count)"
      }
      for (value, parameter) in zip(values, parameters) where !parameter.bounds.contains(value) {
        return """
          \(rawValue)'s \(parameter.name) must be from \(shortest(parameter.bounds.lowerBound)) to \
          \(shortest(parameter.bounds.upperBound)), not \(shortest(value))
          """
      }
      guard isFraming else { return nil }
      for first in stride(from: 0, to: values.count, by: 2) where values[first] > values[first + 1] {
        return """
          \(rawValue)'s \(parameters[first].name) is \(shortest(values[first])), more than the \
          \(parameters[first + 1].name), \(shortest(values[first + 1]))
          """
      }
      return nil
    }
  }
}

/// A number with as many digits as are needed to read it back: 10, not 10.0.
func shortest(_ value: Double) -> String {
  let text = "\(value)"
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
