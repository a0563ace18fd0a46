public import GraftFeatures
internal import GraftImage
internal import Foundation
internal import GraftModels
internal import GraftSupport

extension PretrainedNetwork {
  /// Loads the network that features came from, as it was then.
  ///
  /// - Parameters:
  ///   - origin: what the feature store says about its making.
  ///   - layers: the layers that are needed.
  ///   - weights: where the same weights are now; by default where they were.
  /// - Throws: `WeightError` with code `.digest` if the weights are not the same, and what loading throws.
  public init(of origin: FeatureOrigin, layers: [String], weights: WeightSource? = nil) throws {
    let source = weights ?? WeightSource(parsing: origin.weights)
    guard let preprocessing = Preprocessing(json: origin.preprocessingJSON) else {
      throw WeightError(
        .unsuitable,
        "the feature store's preprocessing cannot be read: \(origin.preprocessingJSON); extract again")
    }
    if case .file(let path) = source, !FileManager.default.fileExists(atPath: path) {
      throw WeightError(
        .unknown,
        weights == nil
          ? "the weights that the features were made with are not at \(path) any more; say where they are with "
            + "--weights" : "\(path): there is no such file"
      )
    }
    if case .file(let path) = source {
      // Before another network's weights are found not to fit.
      try Self.requireDigest(origin.weightsDigest, found: try Digest.sha256(ofFile: path), source)
    }
    var loader = NetworkLoader(
      source: source, architecture: nil, inputSize: origin.inputSize,
      preprocessing: PreprocessingChoice(mode: preprocessing.mode, resize: preprocessing.resize),
      part: .layers(layers))
    if case .random = source { loader.architecture = try Architecture.named(origin.architecture) }
    self = try loader.load(as: origin.architecture)
    try Self.requireDigest(origin.weightsDigest, found: digest, source)
    self.preprocessing = preprocessing
  }

  private static func requireDigest(_ expected: String, found: String, _ source: WeightSource) throws {
    guard found != expected else { return }
    throw WeightError(
      .digest,
      "the features were made with weights of digest \(expected.prefix(16))…, \(source) has "
        + "\(found.prefix(16))…; give the same file with --weights, or extract again")
  }
}

extension Preprocessing {
  /// Reads what `json()` wrote; nil if it is something else.
  init?(json: String) {
    guard let value = try? JSONDecoder().decode(Preprocessing.self, from: Data(json.utf8)) else { return nil }
    self = value
  }
}
