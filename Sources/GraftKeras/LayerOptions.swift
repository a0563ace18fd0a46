internal import GraftGraph
internal import GraftTensor

/// One call of a layer, while it is turned into an operation: its options, and what it is called with.
///
/// Options are taken one by one; what nobody took in the end is an option that is not supported, unless it is
/// known not to matter.
struct LayerOptions {
  let file: String
  let className: String
  let layer: String
  /// The shapes of the results that it reads.
  let inputs: [Shape]
  /// What it is called with.
  let call: ModelConfiguration.Call
  /// The major version of the Keras that wrote the model.
  let kerasMajor: Int
  /// The order of axes that Keras's tensors have here; the graph's are height, width, channels.
  let layout: TensorLayout

  private var options: [String: JSON]

  init(
    _ layer: ModelConfiguration.Layer, call: ModelConfiguration.Call, inputs: [Shape], kerasMajor: Int,
    layout: TensorLayout = .channelsLast, file: String
  ) {
    self.file = file
    self.className = layer.className
    self.layer = layer.name
    self.inputs = inputs
    self.call = call
    self.kerasMajor = kerasMajor
    self.layout = layout
    self.options = layer.options
  }

  /// More than any layer has: numbers up to here can be multiplied without overflow where it matters.
  static let maximum = 1 << 24

  /// Takes the value of an option under any of its names; nil where it is missing or null.
  mutating func take(_ names: [String]) -> (name: String, value: JSON)? {
    var found: (String, JSON)?
    for name in names {
      guard let value = options.removeValue(forKey: name) else { continue }
      if found == nil, !value.isNull { found = (name, value) }
    }
    return found
  }

  /// An option that is a whole number in `range`.
  mutating func integer(_ names: String..., in range: ClosedRange<Int> = 1...maximum) throws -> Int? {
    guard let (name, value) = take(names) else { return nil }
    guard let integer = value.integer, range.contains(integer) else {
      throw invalid(
        name, value, "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return integer
  }

  /// An option that is a finite number.
  mutating func float(_ names: String...) throws -> Float? {
    guard let (name, value) = take(names) else { return nil }
    guard let double = number(value), Float(double).isFinite else { throw invalid(name, value, "a number") }
    return Float(double)
  }

  /// An option that is true or false. Python's 0 and 1 are understood.
  mutating func flag(_ names: String..., default: Bool) throws -> Bool {
    guard let (name, value) = take(names) else { return `default` }
    guard let flag = value.bool ?? value.integer.flatMap({ $0 == 0 ? false : $0 == 1 ? true : nil }) else {
      throw invalid(name, value, "true or false")
    }
    return flag
  }

  /// An option that is a length along height and width, or one for both.
  mutating func extent(_ names: String..., least: Int = 1) throws -> Extent? {
    guard let (name, value) = take(names) else { return nil }
    let lengths = (value.elements ?? [value, value]).compactMap(\.integer)
    guard lengths.count == 2, value.elements.map({ $0.count == 2 }) ?? true,
      lengths.allSatisfy({ (least...1 << 16).contains($0) })
    else { throw invalid(name, value, "two whole numbers from \(least) to 65536") }
    return Extent(height: lengths[0], width: lengths[1])
  }

  /// The padding: valid or same.
  mutating func padding() throws -> Padding {
    guard let (name, value) = take(["padding", "border_mode"]) else { return .valid }
    guard let padding = value.string.flatMap({ Padding(rawValue: $0.lowercased()) }) else {
      throw unsupported(name, value, "valid or same")
    }
    return padding
  }

  /// Takes the order of axes that the layer works in, which its inputs have been brought into; see `TensorLayout`.
  mutating func requireChannelsLast() throws {
    guard let (name, value) = take(["data_format", "dim_ordering"]) else { return }
    guard TensorLayout(option: value) != nil else {
      throw unsupported(name, value, "channels_last or channels_first")
    }
  }

  /// Refuses an option that has another value than those given, where it is there at all.
  mutating func require(_ name: String, _ isRight: (JSON) -> Bool, _ expected: String) throws {
    guard let (name, value) = take([name]) else { return }
    guard isRight(value) else { throw unsupported(name, value, expected) }
  }

  /// Refuses an axis other than the innermost. Axis 0 is that of the batch.
  mutating func requireInnermostAxis(_ names: String...) throws {
    guard let (name, value) = take(names) else { return }
    // Keras 2 wrote the axes of a normalization as a list.
    let axis = value.elements.map { $0.count == 1 ? $0[0].integer : nil } ?? value.integer
    guard let axis, place(ofAxis: axis) == (inputs.first?.rank ?? 0) - 1 else {
      throw unsupported(name, value, "the axis of the channels, -1 or \(inputs.first?.rank ?? 3)")
    }
  }

  /// An option that is an axis other than that of the batch: its place in the graph's own order, from 0 on.
  mutating func axis(_ names: String...) throws -> Int? {
    guard let (name, value) = take(names) else { return nil }
    guard let axis = value.integer, let place = place(ofAxis: axis) else {
      throw unsupported(name, value, "an axis from 1 to \(inputs.first?.rank ?? 3)")
    }
    return place
  }

  /// Takes an option that lists all axes but that of the batch, if it does.
  mutating func takeAllAxes(_ name: String) throws -> Bool {
    let rank = inputs.first?.rank ?? 0
    guard let axes = options[name]?.elements?.compactMap(\.integer), layout == .channelsLast,
      Set(axes.map { $0 < 0 ? $0 + rank + 1 : $0 }) == Set(1...max(rank, 1))
    else { return false }
    options[name] = nil
    return true
  }

  /// Where an axis of Keras's tensor, which counts that of the batch, is in the graph.
  private func place(ofAxis axis: Int) -> Int? {
    let rank = inputs.first?.rank ?? 0
    let place = axis < 0 ? axis + rank : axis - 1
    guard (0..<rank).contains(place) else { return nil }
    return layout == .channelsFirst && rank == 3 ? (place + 2) % 3 : place
  }

  /// Puts the options of a layer inside this one in the place of its own.
  mutating func replaceOptions(by options: [String: JSON]) { self.options = options }

  /// Lets all options pass, for a layer that does nothing at inference.
  mutating func dropAll() { options = [:] }

  /// Refuses what is left of the options and is known or likely to matter.
  func finish() throws {
    for (name, value) in options.sorted(by: { $0.key < $1.key }) {
      if value.isNull || value == false || Self.ignored.contains(name) { continue }
      if Self.ignoredEndings.contains(where: name.hasSuffix) { continue }
      throw unsupported(name, value, nil)
    }
  }

  /// The error for an option with a value that no layer can have.
  func invalid(_ option: String, _ value: JSON, _ expected: String) -> ImportError {
    ImportError(
      .configuration, "the option \(option) of \(className) makes no sense", file: file, layer: layer,
      expected: expected, found: value.description)
  }

  /// The error for an option that is not supported.
  func unsupported(_ option: String, _ value: JSON, _ expected: String?) -> ImportError {
    ImportError(
      .unsupported, "the option \(option) of \(className) is not supported with this value", file: file,
      layer: layer, expected: expected, found: value.description)
  }

  /// The error for an option that is missing.
  func missing(_ option: String) -> ImportError {
    ImportError(
      .configuration, "\(className) lacks the option \(option)", file: file, layer: layer)
  }

  /// A number, also as old versions wrote NumPy's.
  private func number(_ json: JSON) -> Double? {
    json.double ?? json["value"]?.double ?? json["config"]?["value"]?.double
  }

  /// Options without influence on what a trained layer computes.
  private static let ignored: Set = [
    "name", "trainable", "dtype", "batch_input_shape", "batch_shape", "input_shape", "input_dtype",
    "input_dim",
    "batch_size", "seed", "init", "fused", "synchronized", "renorm_momentum", "renorm_clipping", "autocast",
    "gamma_init", "beta_init", "weights", "supports_masking",
  ]

  private static let ignoredEndings = ["_initializer", "_regularizer", "_constraint"]
}
