internal import GraftGraph
internal import GraftTensor

extension LayerImporters {
  /// Layers that move elements, or change the size of a picture.
  static let shapes: [String: Importer] = [
    "Permute": { options in
      guard let (name, value) = options.take(["dims"]) else { throw options.missing("dims") }
      let rank = options.inputs.first?.rank ?? 0
      let order = (value.elements ?? []).compactMap(\.integer).map { $0 - 1 }
      guard order.sorted() == Array(0..<rank) else {
        throw options.invalid(name, value, "the axes from 1 to \(rank), each once")
      }
      return .operation(.permutation(order: order))
    },
    "UpSampling2D": { options in
      try options.requireChannelsLast()
      let factor = try options.extent("size") ?? 2
      return .operation(.resampling(Resampling(.factor(factor), try options.interpolation("nearest"))))
    },
    "Resizing": { options in
      try options.requireChannelsLast()
      guard let height = try options.integer("height", in: 1...1 << 16),
        let width = try options.integer("width", in: 1...1 << 16)
      else { throw options.missing("height") }
      for name in ["fill_mode", "fill_value"] { _ = options.take([name]) }
      return .operation(
        .resampling(
          Resampling(.size(Extent(height: height, width: width)), try options.interpolation("bilinear"))))
    },
    "CenterCrop": { options in
      try options.requireChannelsLast()
      guard let height = try options.integer("height", in: 1...1 << 16),
        let width = try options.integer("width", in: 1...1 << 16), let input = options.inputs.first,
        input.rank == 3
      else { throw options.missing("height") }
      guard height <= input[0], width <= input[1] else {
        throw options.unsupported(
          "height", .integer(height), "at most the picture's own size, \(input[0])×\(input[1])")
      }
      let (top, left) = ((input[0] - height) / 2, (input[1] - width) / 2)
      return .operation(
        .cropping(
          EdgeInsets(
            top: top, bottom: input[0] - height - top, left: left, right: input[1] - width - left)))
    },
  ]

  /// Inputs joined along any axis but that of the batch.
  static func concatenation(_ options: inout LayerOptions) throws -> Result {
    guard let axis = try options.axis("axis", "concat_axis") else { return .operation(.concatenate) }
    return .operation(axis == (options.inputs.first?.rank ?? 0) - 1 ? .concatenate : .stacking(axis: axis))
  }

  static let groupNormalization: Importer = { options in
    try options.requireInnermostAxis("axis")
    let channels = options.inputs.first?.channels ?? 1
    var groups = 32
    if let (name, value) = options.take(["groups"]) {
      // -1 stands for one a channel.
      guard let number = value.integer, number == -1 || number >= 1 else {
        throw options.invalid(name, value, "a whole number from 1 on, or -1")
      }
      groups = number == -1 ? max(channels, 1) : number
    }
    return .operation(
      .groupNormalization(
        GroupNormalization(
          groups: groups, epsilon: try options.float("epsilon") ?? 1e-3,
          scales: try options.flag("scale", default: true), centers: try options.flag("center", default: true)
        )))
  }
}

extension LayerOptions {
  fileprivate mutating func interpolation(_ usual: String) throws -> Resampling.Interpolation {
    let (name, value) = take(["interpolation"]) ?? ("interpolation", .string(usual))
    guard let interpolation = value.string.flatMap(Resampling.Interpolation.init(rawValue:)) else {
      throw unsupported(name, value, "nearest or bilinear")
    }
    return interpolation
  }
}
