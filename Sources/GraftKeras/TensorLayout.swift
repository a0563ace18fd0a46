/// The order of the axes of a picture as Keras sees it. The graph's own is height, width, channels in any case.
enum TensorLayout: Hashable, Sendable {
  case channelsLast
  case channelsFirst

  /// The layout that the option `data_format`, or Keras 1's `dim_ordering`, names.
  init?(option: JSON) {
    switch option.string {
    case "channels_last", "tf", "default": self = .channelsLast
    case "channels_first", "th": self = .channelsFirst
    default: return nil
    }
  }
}

extension ModelConfiguration {
  /// Whether a layer, also of a model inside, works on pictures with channels first.
  var usesChannelsFirst: Bool {
    layers.contains { $0.ownLayout == .channelsFirst || $0.model?.usesChannelsFirst ?? false }
  }
}

extension ModelConfiguration.Layer {
  /// The layout that the layer's options name; nil where they name none.
  var ownLayout: TensorLayout? {
    (options["data_format"] ?? options["dim_ordering"]).flatMap(TensorLayout.init(option:))
  }

  /// The layout that the layer wants pictures in that come in `layout`: its own, or any if it takes each element by
  /// itself or each channel wherever it is. What counts axes otherwise gets Keras's own order, which is nobody's
  /// channels first.
  func layout(for layout: TensorLayout) -> TensorLayout {
    if let ownLayout { return ownLayout }
    guard layout == .channelsFirst else { return layout }
    let name = className.split(separator: ">").last.map(String.init) ?? className
    if Self.elementwise.contains(name) { return options["activation"] == "softmax" ? .channelsLast : layout }
    if Self.channelwise.contains(name) {
      let axis = options["axis"] ?? options["concat_axis"]
      let number = axis?.elements.map { $0.count == 1 ? $0[0].integer : nil } ?? axis?.integer
      return number == 1 || number == -3 ? layout : .channelsLast
    }
    return .channelsLast
  }

  private static let elementwise: Set = [
    "Activation", "ReLU", "LeakyReLU", "ELU", "ThresholdedReLU", "Dropout", "SpatialDropout2D",
    "AlphaDropout",
    "GaussianDropout", "GaussianNoise", "ActivityRegularization", "Identity", "Add", "Subtract", "Multiply",
    "Maximum", "Minimum", "Average",
  ]

  private static let channelwise: Set = [
    "BatchNormalization", "BatchNormalizationV1", "BatchNormalizationV2", "SyncBatchNormalization",
    "Concatenate", "GroupNormalization", "LayerNormalization",
  ]
}
