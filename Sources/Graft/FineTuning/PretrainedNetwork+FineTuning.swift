public import GraftData
public import GraftModels
internal import GraftGraph
internal import GraftImage

/// A network to fine-tune, and what becomes of its classifier.
public struct FineTuningStart: Sendable {
  /// The network, with its classifier if that goes on training.
  public let pretrained: PretrainedNetwork
  /// Whether the network has a classifier for just the classes of the pictures, which goes on training.
  public let keepsHead: Bool
  /// What a user should know.
  public let warnings: [String]

  /// Loads a network, with its classifier if that tells just these classes apart: by name, or, where the file does not
  /// name them, by their number. For boxes the whole picture is squeezed into the network's size unless something else
  /// is asked for, so that no object is out of sight.
  ///
  /// - Throws: as `PretrainedNetwork` does.
  public init(
    _ source: WeightSource, architecture: Architecture? = nil, inputSize: Int? = nil,
    preprocessing: PreprocessingChoice = PreprocessingChoice(), labels: Labels, task: PictureTask = .classes
  ) throws {
    var preprocessing = preprocessing
    let whole = try? PretrainedNetwork(
      classifier: source, architecture: architecture, inputSize: inputSize, preprocessing: preprocessing)
    if let whole, whole.suits(task, outputs: labels.count) {
      if let classes = whole.classes, Set(classes.identifiers) == Set(labels.identifiers) {
        (pretrained, keepsHead, warnings) = (whole, true, [])
        return
      }
      if whole.classes == nil, case .file(let path) = source {
        let isLogits = task == .classes && whole.givesLogits
        let usable = try isLogits ? whole.withProbabilities() : whole
        pretrained = PretrainedNetwork(usable, network: usable.network, classes: labels)
        keepsHead = true
        warnings =
          [
            task == .boxes
              ? "\(path) does not say what its 4 outputs are; they are taken to be \(labels)"
              : "\(path) does not name its \(labels.count) \(task.rawValue); they are taken to be those of the pictures in "
                + "the order \(labels), as Keras takes classes from folders"
          ] + (isLogits ? [whole.logitsWarning] : [])
        return
      }
    }
    if task == .boxes, preprocessing.resize == nil { preprocessing.resize = .squeeze }
    pretrained = try PretrainedNetwork(
      source, architecture: architecture, inputSize: inputSize, preprocessing: preprocessing)
    (keepsHead, warnings) = (false, [])
  }
}

extension PretrainedNetwork {
  /// A network with other weights or classes, and all else the same.
  init(_ other: PretrainedNetwork, network: Network, classes: Labels?) {
    self.init(
      network: network, name: other.name, preprocessing: other.preprocessing, classes: classes,
      source: other.source, digest: other.digest, facts: other.facts, matches: other.matches,
      usualMode: other.usualMode)
  }

  /// A model in memory as a network to go on from.
  init(_ model: ImageClassifier) {
    self.init(
      network: model.network, name: model.facts.architecture, preprocessing: model.preprocessing,
      classes: model.classes, source: WeightSource(parsing: model.facts.weights),
      digest: model.facts.weightsDigest, facts: model.facts, matches: nil)
  }
}
