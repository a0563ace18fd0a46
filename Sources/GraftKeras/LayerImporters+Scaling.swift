internal import GraftGraph
internal import GraftTensor

extension LayerImporters {
  /// Layers that belong to one network of Keras Applications.
  static let special: [String: Importer] = [
    "CustomScaleLayer": { options in
      guard let scale = try options.float("scale") else { throw options.missing("scale") }
      return .operation(.scaledAddition(scale: scale))
    },
    "LayerScale": { options in
      _ = options.take(["init_values"])
      _ = options.take(["projection_dim"])
      return .operation(.layerScale)
    },
    "StochasticDepth": { .operation(.stochasticDepth(rate: try $0.float("drop_path_rate") ?? 0)) },
  ]

  static let layerNormalization: Importer = { options in
    // Over all axes it is a normalization of the whole picture.
    if let rank = options.inputs.first?.rank, rank == 3, try options.takeAllAxes("axis") {
      return .operation(
        .groupNormalization(
          GroupNormalization(
            groups: 1, epsilon: try options.float("epsilon") ?? 1e-3,
            scales: try options.flag("scale", default: true),
            centers: try options.flag("center", default: true), scope: .element)))
    }
    try options.requireInnermostAxis("axis")
    return .operation(
      .layerNormalization(
        LayerNormalization(
          epsilon: try options.float("epsilon") ?? 1e-3, scales: try options.flag("scale", default: true),
          centers: try options.flag("center", default: true))))
  }

  static let normalization: Importer = { options in
    try options.requireInnermostAxis("axis")
    let (mean, variance) = (try options.channelValues("mean"), try options.channelValues("variance"))
    switch (mean, variance) {
    case (nil, nil): return .operation(.normalization(Normalization()))
    case (let mean?, let variance?):
      let figures = Normalization.Figures(mean: mean.map(Float.init), variance: variance.map(Float.init))
      return .operation(.normalization(Normalization(figures)))
    default: throw options.missing(mean == nil ? "mean" : "variance")
    }
  }

  /// With a factor a channel it is a normalization.
  static let rescaling: Importer = { options in
    guard let (name, value) = options.take(["scale"]) else { throw options.missing("scale") }
    guard value.elements != nil else {
      guard let scale = value.double.map({ Float($0) }), scale.isFinite else {
        throw options.invalid(name, value, "a number, or one a channel")
      }
      return .operation(.rescaling(scale: scale, offset: try options.float("offset") ?? 0))
    }
    let scale = try options.channelValues(name, value)
    let offset = try options.channelValues("offset") ?? scale.map { _ in 0 }
    guard scale.allSatisfy({ $0 > 0 }) else { throw options.unsupported(name, value, "positive numbers") }
    // In Double, so that the factors that Keras takes from variances lead back to them.
    let mean = zip(scale, offset).map { Float(-$1 / $0) }
    let variance = scale.map { Float(1 / ($0 * $0)) }
    guard variance.allSatisfy({ $0.isFinite && $0 > 0 }), mean.allSatisfy(\.isFinite) else {
      throw options.unsupported(name, value, "numbers from 1e-19 to 1e19")
    }
    return .operation(.normalization(Normalization(.init(mean: mean, variance: variance))))
  }

  /// Where all elements of a picture share one draw, the picture is dropped.
  static let dropout: Importer = { options in
    let rate = try options.float("rate", "p") ?? 0.5
    guard let (name, value) = options.take(["noise_shape"]) else {
      return .operation(.dropout(rate: rate))
    }
    guard let lengths = value.elements, lengths.count > 1, lengths.dropFirst().allSatisfy({ $0 == 1 }) else {
      throw options.unsupported(name, value, "none, or 1 for all axes but the first")
    }
    return .operation(.stochasticDepth(rate: rate))
  }
}

extension LayerOptions {
  /// An option that is a finite number a channel, or one for all.
  fileprivate mutating func channelValues(_ option: String) throws -> [Double]? {
    guard let (name, value) = take([option]) else { return nil }
    return try channelValues(name, value)
  }

  fileprivate func channelValues(_ name: String, _ value: JSON) throws -> [Double] {
    let channels = inputs.first?.channels ?? 0
    // NumPy's arrays are written with their axes of length 1.
    var elements = value.elements ?? [value]
    while elements.count == 1, let inner = elements[0].elements { elements = inner }
    let values = elements.compactMap(\.double)
    guard values.count == elements.count, values.allSatisfy({ Float($0).isFinite }),
      values.count == channels || values.count == 1
    else { throw invalid(name, value, "\(channels) numbers, one a channel") }
    return values.count == channels ? values : [Double](repeating: values[0], count: channels)
  }
}
