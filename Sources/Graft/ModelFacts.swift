internal import Foundation
public import GraftData
internal import GraftHDF5
public import GraftImage
public import GraftTraining

/// What Graft adds to a saved model: everything that Keras's part of the file does not say, in the group `/graft`
/// that Keras takes no notice of.
public struct ModelFacts: Sendable, Hashable {
  /// What the model is asked about a picture.
  public var task = PictureTask.classes
  /// Of several labels, from which probability on each is given.
  public var thresholds: [Float]
  /// The name of the published architecture that the model was made of.
  public var architecture: String
  /// What is done to a picture before the network sees it.
  public var preprocessing: Preprocessing
  /// The side of the network's input, in pixels.
  public var inputSize: Int
  /// The classes, in the order of the outputs.
  public var classes: Labels
  /// What the pretrained weights were called.
  public var weights: String
  /// The SHA-256 digest of the pretrained weights' file.
  public var weightsDigest: String
  /// The layer that the classifier reads.
  public var layer: String
  /// What is kept of that layer's feature map.
  public var pooling: FeaturePooling
  /// How the classifier was trained, in JSON.
  public var training: String
  /// What the results before softmax were divided by so that probabilities mean what they say; nil for a model that was
  /// not calibrated.
  public var temperature: Double?
  /// How fine-tuning went; nil for a model that was not fine-tuned.
  public var history: TrainingHistory?

  /// Describes a model.
  public init(
    architecture: String, preprocessing: Preprocessing, inputSize: Int, classes: Labels,
    weights: String, weightsDigest: String, layer: String, pooling: FeaturePooling, training: String = "{}"
  ) {
    self.architecture = architecture
    self.preprocessing = preprocessing
    self.inputSize = inputSize
    self.classes = classes
    self.weights = weights
    self.weightsDigest = weightsDigest
    self.layer = layer
    self.pooling = pooling
    self.training = training
    thresholds = [Float](repeating: Self.usualThreshold, count: classes.count)
  }

  /// From which probability on a label is given where nothing else is said: it rather holds than not.
  public static let usualThreshold: Float = 0.5
}

extension ModelFacts {
  /// The newest version of the group's layout; models for classes are of the first, which earlier programs read.
  static let formatVersion = 2
  static let group = "graft"

  /// Reads the facts of a saved model; nil where there are none.
  ///
  /// - Throws: `HDF5Error` for a damaged file, `WeightError` for facts that make no sense.
  init?(in file: HDF5File) throws {
    guard let group = try file.root.groupIfPresent(Self.group) else { return nil }
    func wrong(_ what: String) -> WeightError {
      WeightError(
        .unsuitable, "\(file.path): the group /graft \(what); the file is damaged or from another program")
    }
    func text(_ name: String) throws -> String {
      guard let value = try group.attribute(name)?.stringValue else { throw wrong("has no text \"\(name)\"") }
      return value
    }
    // The group alone is no sign: it also holds the stages of any network that Graft wrote.
    guard let version = try group.attribute("format_version")?.integerValue else { return nil }
    guard version <= Self.formatVersion else {
      throw WeightError(
        .unsuitable,
        "\(file.path): was saved by a newer Graft (format \(version), this one knows \(Self.formatVersion)); update"
      )
    }
    let json = Data(try text("preprocessing_json").utf8)
    guard let preprocessing = try? JSONDecoder().decode(Preprocessing.self, from: json) else {
      throw wrong("has a preprocessing that cannot be read")
    }
    guard let size = try group.attribute("input_size")?.integerValue, (1...1 << 16).contains(size) else {
      throw wrong("has no input size")
    }
    guard let pooling = FeaturePooling(rawValue: try text("pooling")) else { throw wrong("has no pooling") }
    let names = try group.dataset("classes").readStrings()
    let identifiers = try group.datasetIfPresent("class_ids")?.readStrings() ?? names
    guard let classes = try? Labels(names, identifiers: identifiers) else {
      throw wrong("has no list of distinct classes")
    }
    self.init(
      architecture: try text("architecture"), preprocessing: preprocessing, inputSize: size,
      classes: classes, weights: try text("weights"),
      weightsDigest: try text("weights_digest"), layer: try text("layer"), pooling: pooling,
      training: try text("training"))
    if let name = try group.attribute("task")?.stringValue {
      guard let task = PictureTask(rawValue: name) else { throw wrong("is for an unknown task, \(name)") }
      self.task = task
    }
    if let values = try group.datasetIfPresent("thresholds")?.readFloats() {
      guard values.count == classes.count else { throw wrong("does not have a threshold for each label") }
      thresholds = values
    }
    temperature = try group.attribute("temperature")?.doubleValue
    history = try TrainingHistory(in: group)
  }

  /// Writes the facts.
  func write(to file: HDF5File) throws {
    let group = try file.root.createGroup(Self.group)
    try group.setAttribute("format_version", .integer(task == .classes ? 1 : Self.formatVersion))
    if task != .classes { try group.setAttribute("task", .string(task.rawValue)) }
    if task == .labels {
      try group.createDataset("thresholds", type: .float32, shape: [thresholds.count]).write(thresholds)
    }
    try group.setAttribute("architecture", .string(architecture))
    try group.setAttribute("preprocessing", .string(preprocessing.summary(size: inputSize)))
    try preprocessing.write(to: file)
    try group.setAttribute("input_size", .integer(inputSize))
    try group.setAttribute("weights", .string(weights))
    try group.setAttribute("weights_digest", .string(weightsDigest))
    try group.setAttribute("layer", .string(layer))
    try group.setAttribute("pooling", .string(pooling.rawValue))
    try group.setAttribute("training", .string(training))
    try group.createDataset("classes", type: .variableString, shape: [classes.count]).write(classes.names)
    if classes.identifiers != classes.names {
      try group.createDataset("class_ids", type: .variableString, shape: [classes.count]).write(
        classes.identifiers)
    }
    if let temperature { try group.setAttribute("temperature", .float(temperature)) }
    try history?.write(to: group)
  }
}

extension Preprocessing {
  private static let attribute = "preprocessing_json"

  /// Writes the preprocessing into the group that Keras takes no notice of.
  func write(to file: HDF5File) throws {
    try file.root.createGroup(ModelFacts.group).setAttribute(Self.attribute, .string(try json()))
  }

  /// The preprocessing that a network without classes was written with; nil where none was.
  init?(in file: HDF5File) throws {
    guard
      let json = try file.root.groupIfPresent(ModelFacts.group)?.attribute(Self.attribute)?.stringValue
    else { return nil }
    self.init(json: json)
  }

  /// The preprocessing as JSON, the same text for equal values.
  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}
