public import GraftData
internal import GraftEngine
internal import GraftGraph
public import GraftImage
internal import Foundation
internal import GraftSupport

extension ImageClassifier {
  /// The same model with probabilities that mean what they say, by temperature scaling.
  ///
  /// No prediction changes, and the model that is saved gives the calibrated probabilities in Keras too: the weights of
  /// its last layer are divided by the temperature.
  ///
  /// - Parameters:
  ///   - folder: pictures whose classes are known, kept for this: neither those that the model was trained on, nor those
  ///     that it will be judged on.
  ///   - batch: pictures computed together; has no influence on the result.
  ///   - progress: called with the number of pictures done; stops the work by throwing.
  /// - Returns: the model, the temperature, and the pictures that were skipped.
  /// - Throws: `DataError` for a flat folder, a class that the model does not know, and no readable picture; `WeightError`
  ///   with code `.unsuitable` for a model that does not end in softmax; `EngineError`.
  public func calibrated(
    on folder: ImageFolder, batch: Int = 32,
    progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws -> (model: ImageClassifier, scaling: TemperatureScaling, skipped: [SkippedPicture]) {
    guard let cut = try network.endingInLogits(), try network.dividingLogits(by: 1) != nil else {
      throw WeightError(
        .unsuitable,
        "\(facts.architecture): the model does not end in a dense layer or a convolution with softmax, so there is "
          + "nothing that a temperature could divide")
    }
    let labels = try classes.requiredLabels(of: folder)
    let source = ImageClassifier(
      network: cut, classes: classes, preprocessing: preprocessing, summary: summary, warnings: warnings,
      facts: facts, plan: try InferencePlan(cut))
    var logits: [Float] = []
    var truth: [Int] = []
    let skipped = try ClassifierEnsemble(source).forEachPicture(folder, batch: batch, progress: progress) {
      index, row in
      guard let label = folder.items[index].label else { return }
      logits += row
      truth.append(label)
    }
    let places = try labels.indices(in: classes, used: Set(truth))
    let scaling = try TemperatureScaling(
      logits: logits, truth: truth.compactMap { places[$0] }, width: classes.count)
    return (try dividedBy(scaling), scaling, skipped)
  }

  private func dividedBy(_ scaling: TemperatureScaling) throws -> ImageClassifier {
    guard let divided = try network.dividingLogits(by: scaling.temperature) else { return self }
    var facts = facts
    facts.temperature = (facts.temperature ?? 1) * scaling.temperature
    return ImageClassifier(
      network: divided, classes: classes, preprocessing: preprocessing, summary: summary, warnings: warnings,
      facts: facts, plan: try InferencePlan(divided))
  }
}

extension Labels {
  /// The classes of a folder, all of which with pictures are among these.
  ///
  /// - Throws: `DataError` for a flat folder or a class that is not among these.
  func requiredLabels(of folder: ImageFolder) throws -> Labels {
    guard let labels = folder.labels else {
      throw DataError(
        .missingClasses,
        "the pictures have no classes to compare with; give a folder with one sub-folder per class "
          + "(\(names.prefix(3).joined(separator: ", ")), …)")
    }
    _ = try labels.indices(in: self, used: Set(folder.items.compactMap(\.label)))
    return labels
  }
}

extension ImageFolder {
  /// Checks that no picture of this folder is in another, byte for byte.
  ///
  /// - Parameters:
  ///   - other: the other folder.
  ///   - purpose: what goes wrong if one is, for the message.
  /// - Throws: `DataError` with code `.differentPictures` that names the first.
  func requireDisjoint(from other: ImageFolder, because purpose: String) throws {
    // Whatever cannot be read is reported where it is used.
    var known: [String: String] = [:]
    for item in items {
      if let digest = try? Digest.sha256(ofFile: item.path) { known[digest] = item.path }
    }
    let shared = other.items.compactMap { item -> (String, String)? in
      guard let digest = try? Digest.sha256(ofFile: item.path), let first = known[digest] else { return nil }
      return (first, item.path)
    }
    guard let first = shared.first else { return }
    throw DataError(
      .differentPictures,
      "\(shared.count) of \(other.items.count) pictures are in both sets, such as \(first.0) and \(first.1); \(purpose)"
    )
  }
}
