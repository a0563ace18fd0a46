internal import GraftGraph
internal import GraftTensor

/// Keras classes as operations: a table.
enum LayerImporters {
  /// What a layer becomes.
  enum Result {
    /// A node of the graph.
    case operation(Operation)
    /// Nothing: at inference it gives what it takes.
    case identity
  }

  typealias Importer = @Sendable (inout LayerOptions) throws -> Result

  /// What a call of a layer becomes.
  ///
  /// - Throws: `ImportError` with code `.unsupported` or `.configuration`, naming layer, class and option.
  static func result(for options: LayerOptions) throws -> Result {
    var options = options
    // Registered classes have the name of their package before their own.
    let className = options.className.split(separator: ">").last.map(String.init) ?? options.className
    if className == "Lambda" {
      throw ImportError(
        .unsupported, "is a Lambda, whose Python code is in the file; it is never run", file: options.file,
        layer: options.layer,
        advice:
          "Replace it in Keras by layers that do the same, such as Rescaling or Resizing, and save again")
    }
    guard let importer = table[className] else {
      throw ImportError(
        .unsupported, "layers of class \(options.className) are not supported", file: options.file,
        layer: options.layer,
        advice: "Supported are \(table.keys.sorted().joined(separator: ", "))")
    }
    let result = try importer(&options)
    try options.finish()
    return result
  }

  /// The importers by the names of Keras's classes; those of Keras 1 at the end of a line.
  static let table: [String: Importer] = {
    var table = layers
    for name in identities {
      table[name] = { options in
        options.dropAll()
        return .identity
      }
    }
    for others in [arithmetic, special, activations, shapes] { table.merge(others) { first, _ in first } }
    return table
  }()

  /// Layers that do something in training only, which is left out.
  private static let identities = [
    "RandomFlip", "RandomRotation", "RandomZoom", "RandomTranslation", "RandomContrast", "RandomBrightness",
    "RandomHeight", "RandomWidth", "RandomSharpness", "RandomHue", "RandomSaturation", "RandomColorJitter",
    "RandomColorDegeneration", "RandomGrayscale", "RandomPosterization", "RandomErasing", "RandomShear",
    "RandomPerspective", "RandomGaussianBlur", "RandomInvert", "RandomElasticTransform", "RandAugment",
    "AugMix",
    "MixUp", "CutMix", "GaussianNoise", "GaussianDropout", "AlphaDropout", "SpatialDropout2D",
    "ActivityRegularization", "Identity",
  ]

  private static let layers: [String: Importer] = [
    "Conv2D": convolution, "Convolution2D": convolution, "DepthwiseConv2D": depthwiseConvolution,
    "SeparableConv2D": separableConvolution, "SeparableConvolution2D": separableConvolution,
    "Conv2DTranspose": transposedConvolution, "Dense": dense, "LayerNormalization": layerNormalization,
    "GroupNormalization": groupNormalization, "Normalization": normalization,
    "BatchNormalization": batchNormalization, "BatchNormalizationV1": batchNormalization,
    "BatchNormalizationV2": batchNormalization, "SyncBatchNormalization": batchNormalization,
    "UnitNormalization": { options in
      try options.requireInnermostAxis("axis")
      return .operation(.unitNormalization)
    },
    "MaxPooling2D": { .operation(.maxPooling(try pooling(&$0))) },
    "AveragePooling2D": { .operation(.averagePooling(try pooling(&$0))) },
    "GlobalAveragePooling2D": { try globalPooling(&$0, .average) },
    "GlobalMaxPooling2D": { try globalPooling(&$0, .max) },
    "ZeroPadding2D": zeroPadding,
    "Cropping2D": { options in
      try options.requireChannelsLast()
      return .operation(.cropping(try options.insets("cropping") ?? .zero))
    },
    "Concatenate": { try concatenation(&$0) },
    "Reshape": reshape,
    "Flatten": { options in
      try options.requireChannelsLast()
      return .operation(.flatten)
    },
    "Dropout": dropout,
    "Rescaling": rescaling,
    "Merge": merge,
  ]

  private static let convolution: Importer = { options in
    guard let filters = try options.integer("filters", "nb_filter") else { throw options.missing("filters") }
    try options.requireChannelsLast()
    return .operation(
      .convolution(
        Convolution(
          filters: filters, kernel: try options.kernel(),
          stride: try options.extent("strides", "subsample") ?? 1, padding: try options.padding(),
          dilation: try options.extent("dilation_rate") ?? 1, groups: try options.integer("groups") ?? 1,
          usesBias: try options.flag("use_bias", "bias", default: true),
          activation: try options.activation())))
  }

  private static let depthwiseConvolution: Importer = { options in
    try options.requireChannelsLast()
    // Keras 2 wrote this option of ordinary convolutions too.
    try options.require("groups", { $0 == 1 }, "1")
    var attributes = DepthwiseConvolution(
      kernel: try options.kernel(), stride: try options.extent("strides", "subsample") ?? 1,
      padding: try options.padding(), usesBias: try options.flag("use_bias", "bias", default: true),
      activation: try options.activation())
    attributes.dilation = try options.extent("dilation_rate") ?? 1
    attributes.multiplier = try options.integer("depth_multiplier", in: 1...1 << 16) ?? 1
    return .operation(.depthwiseConvolution(attributes))
  }

  private static let separableConvolution: Importer = { options in
    guard let filters = try options.integer("filters", "nb_filter") else { throw options.missing("filters") }
    try options.requireChannelsLast()
    try options.require("groups", { $0 == 1 }, "1")
    return .operation(
      .separableConvolution(
        SeparableConvolution(
          filters: filters, kernel: try options.kernel(),
          stride: try options.extent("strides", "subsample") ?? 1, padding: try options.padding(),
          dilation: try options.extent("dilation_rate") ?? 1,
          multiplier: try options.integer("depth_multiplier", in: 1...1 << 16) ?? 1,
          usesBias: try options.flag("use_bias", "bias", default: true),
          activation: try options.activation())))
  }

  private static let transposedConvolution: Importer = { options in
    guard let filters = try options.integer("filters", "nb_filter") else { throw options.missing("filters") }
    try options.requireChannelsLast()
    try options.require("groups", { $0 == 1 }, "1")
    return .operation(
      .transposedConvolution(
        TransposedConvolution(
          filters: filters, kernel: try options.kernel(),
          stride: try options.extent("strides", "subsample") ?? 1, padding: try options.padding(),
          outputPadding: try options.extent("output_padding", least: 0),
          dilation: try options.extent("dilation_rate") ?? 1,
          usesBias: try options.flag("use_bias", "bias", default: true),
          activation: try options.activation())))
  }

  private static let dense: Importer = { options in
    guard let units = try options.integer("units", "output_dim") else { throw options.missing("units") }
    return .operation(
      .dense(
        Dense(
          units: units, usesBias: try options.flag("use_bias", "bias", default: true),
          activation: try options.activation())))
  }

  private static let batchNormalization: Importer = { options in
    try options.requireInnermostAxis("axis")
    try options.require("mode", { $0 == 0 }, "0")
    return .operation(
      .batchNormalization(
        BatchNormalization(
          epsilon: try options.float("epsilon") ?? 1e-3, momentum: try options.float("momentum") ?? 0.99,
          scales: try options.flag("scale", default: true),
          centers: try options.flag("center", default: true))))
  }

  private static func pooling(_ options: inout LayerOptions) throws -> Pooling {
    try options.requireChannelsLast()
    let window = try options.extent("pool_size") ?? 2
    return Pooling(
      window: window, stride: try options.extent("strides") ?? window, padding: try options.padding())
  }

  private static func globalPooling(
    _ options: inout LayerOptions, _ kind: GlobalPooling.Kind
  ) throws -> Result {
    try options.requireChannelsLast()
    return .operation(
      .globalPooling(
        GlobalPooling(kind, keepsDimensions: try options.flag("keepdims", default: false))))
  }

  private static let zeroPadding: Importer = { options in
    try options.requireChannelsLast()
    return .operation(.zeroPadding(try options.insets("padding") ?? EdgeInsets(1)))
  }

  private static let reshape: Importer = { options in
    guard let (name, value) = options.take(["target_shape", "dims"]), let input = options.inputs.first else {
      throw options.missing("target_shape")
    }
    var lengths = (value.elements ?? []).compactMap(\.integer)
    guard lengths.count == value.elements?.count, lengths.count <= 8,
      lengths.allSatisfy({ $0 == -1 || (1...LayerOptions.maximum).contains($0) }),
      lengths.count(where: { $0 == -1 }) <= 1
    else { throw options.invalid(name, value, "axis lengths, one of them -1 at most") }
    let known = lengths.filter { $0 != -1 }.reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue }
    if let open = lengths.firstIndex(of: -1) {
      guard known > 0, input.count % known == 0 else {
        throw options.invalid(name, value, "axis lengths that \(input) can be divided into")
      }
      lengths[open] = input.count / known
    }
    guard lengths.reduce(1, { $0.multipliedReportingOverflow(by: $1).partialValue }) == input.count else {
      throw options.invalid(name, value, "axis lengths that \(input) can be divided into")
    }
    return .operation(.reshape(Shape(lengths)))
  }

  /// Keras 1's only layer for several inputs.
  private static let merge: Importer = { options in
    let (name, value) = options.take(["mode"]) ?? ("mode", "sum")
    switch value.string {
    case "sum":
      options.dropAll()
      return .operation(.add)
    case "mul":
      options.dropAll()
      return .operation(.multiply)
    case "ave", "max":
      options.dropAll()
      return .operation(.combination(value.string == "ave" ? .average : .maximum))
    case "concat":
      let result = try concatenation(&options)
      options.dropAll()
      return result
    default: throw options.unsupported(name, value, "sum, mul, ave, max or concat")
    }
  }
}

extension LayerOptions {
  /// An option that is a number of rows and columns for each side of a picture.
  fileprivate mutating func insets(_ option: String) throws -> EdgeInsets? {
    guard let (name, value) = take([option]) else { return nil }
    // 1, [1, 2] (height, width), or [[0, 1], [0, 1]] (top and bottom, left and right).
    let axes = value.elements ?? [value, value]
    let sides = axes.flatMap { axis in (axis.elements ?? [axis, axis]).map(\.integer) }.compactMap(\.self)
    guard axes.count == 2, sides.count == 4, sides.allSatisfy({ (0...1 << 16).contains($0) }) else {
      throw invalid(name, value, "whole numbers from 0 to 65536, as [[top, bottom], [left, right]]")
    }
    return EdgeInsets(top: sides[0], bottom: sides[1], left: sides[2], right: sides[3])
  }

  /// The size of a convolution's window.
  fileprivate mutating func kernel() throws -> Extent {
    if let kernel = try extent("kernel_size") { return kernel }
    guard let height = try integer("nb_row", in: 1...1 << 16),
      let width = try integer("nb_col", in: 1...1 << 16)
    else { throw missing("kernel_size") }
    return Extent(height: height, width: width)
  }
}
