public import GraftData
internal import GraftEngine
public import GraftImage

/// Several opinions on a picture, averaged: of several models, at several sizes, on several parts of the picture.
///
/// ```swift
/// let ensemble = try ClassifierEnsemble([first, second], crops: .mirrored, sizes: [224, 288])
/// print(try ensemble.predict(Image(contentsOf: "cat.jpg")).label)
/// ```
///
/// The result is the mean of probabilities: over parts and sizes for each model, then over models, each counting the
/// same (Simonyan and Zisserman, 2015, arXiv 1409.1556, section 4.4). Sums are in Float64 and in a fixed order, so that
/// neither batches nor threads matter; a single opinion stays as it is, to the bit.
public struct ClassifierEnsemble: Sendable {
  /// The models, as they were given.
  public let models: [ImageClassifier]
  /// The parts of a picture.
  public let crops: CropSet
  /// The sides in pixels at which each model is run; empty for each model's own.
  public let sizes: [Int]
  /// The classes, in the order of the first model's outputs.
  public let classes: Labels

  /// One model at one size.
  struct Member: Sendable {
    var classifier: ImageClassifier
    /// For each class of the ensemble, the model's output.
    var outputs: [Int]
    /// What its mean over parts counts; all weights together are 1.
    var weight: Double

    func inputCount(_ crops: CropSet) -> Int {
      crops.count * classifier.inputSize * classifier.inputSize * 3
    }
  }

  let members: [Member]

  /// One model as it is.
  public init(_ model: ImageClassifier) {
    models = [model]
    crops = .center
    sizes = []
    classes = model.classes
    members = [Member(classifier: model, outputs: Array(0..<model.classes.count), weight: 1)]
  }

  /// Several opinions.
  ///
  /// - Parameters:
  ///   - models: at least one; all know the same classes, in any order.
  ///   - crops: the parts of a picture that each is asked about.
  ///   - sizes: the sides in pixels at which each is run: the picture is resized for it as for a network of that size,
  ///     and the network applied as a whole (He et al., 2015, arXiv 1512.03385, section 3.4). Empty for each model's own
  ///     size; others need a network that pools globally before its classifier.
  /// - Throws: `DataError` with code `.unknownClass` if models know different classes; `WeightError` with code
  ///   `.unsuitable` for no model, a size below 1, or a preprocessing without parts to choose from; `GraphError` if a
  ///   network has no other size.
  public init(_ models: [ImageClassifier], crops: CropSet = .center, sizes: [Int] = []) throws {
    guard let first = models.first else {
      throw WeightError(.unsuitable, "an ensemble needs at least one model")
    }
    var members: [Member] = []
    for model in models {
      guard model.task == first.task else {
        throw WeightError(
          .unsuitable,
          "one model is for \(first.task.rawValue), another for \(model.task.rawValue); only models for the same are "
            + "averaged")
      }
      let outputs = try Self.outputs(of: model, for: first)
      guard crops == .center || model.preprocessing.allowsCrops else {
        throw WeightError(
          .unsuitable,
          "\(crops.count) crops need a picture that is larger than the network's input, and \(model.preprocessing.resize) "
            + "squeezes the whole of it into that; use antialias")
      }
      for size in sizes.isEmpty ? [model.inputSize] : sizes {
        guard size >= 1 else { throw WeightError(.unsuitable, "a scale is at least 1 pixel, not \(size)") }
        members.append(
          Member(
            classifier: try model.resized(to: size), outputs: outputs,
            weight: 1 / Double(models.count * max(sizes.count, 1))))
      }
    }
    self.models = models
    self.crops = crops
    self.sizes = sizes
    self.members = members
    classes = first.classes
  }

  private static func outputs(of model: ImageClassifier, for first: ImageClassifier) throws -> [Int] {
    let places = first.classes.identifiers.map { model.classes.index(of: $0) }
    if model.classes.count == first.classes.count && places.allSatisfy({ $0 != nil }) {
      return places.compactMap { $0 }
    }
    let strangers =
      first.classes.identifiers.filter { model.classes.index(of: $0) == nil }
      + model.classes.identifiers.filter { first.classes.index(of: $0) == nil }
    throw DataError(
      .unknownClass,
      "the models know different classes (\(first.classes.count) and \(model.classes.count)); only one of them has "
        + strangers.prefix(5).map { "\"\($0)\"" }.joined(separator: ", ")
        + "; models are averaged class by class, so give such as were trained on the same classes")
  }

  /// How many times a network looks at each picture.
  public var opinions: Int { members.count * crops.count }

  /// What the models say about a picture on average.
  ///
  /// - Throws: `EngineError` if memory runs out.
  public func predict(_ image: Image) throws -> Prediction {
    Prediction(probabilities: try probabilities(of: inputs(from: image), count: 1), classes: classes)
  }
}

extension ClassifierEnsemble {
  /// The inputs of all members for a picture, one after the other.
  func inputs(from image: Image) -> [Float] {
    members.flatMap {
      $0.classifier.preprocessing.inputs(from: image, size: $0.classifier.inputSize, crops: crops)
    }
  }

  /// How pictures are decoded: at a smaller size only if all models want that, and then at the largest of theirs.
  var decodingOptions: Image.DecodingOptions {
    let all = members.map { $0.classifier.preprocessing.decodingOptions(size: $0.classifier.inputSize) }
    let sides = all.compactMap(\.shortestSide)
    var options = Image.DecodingOptions()
    if sides.count == all.count { options.shortestSide = sides.max() }
    return options
  }

  /// The numbers that `inputs(from:)` gives.
  var inputCount: Int { members.reduce(0) { $0 + $1.inputCount(crops) } }

  /// The mean probabilities of pictures.
  ///
  /// - Parameter inputs: `count` pictures, each as `inputs(from:)` gives it.
  func probabilities(of inputs: [Float], count: Int) throws -> [Float] {
    var sums = [Double](repeating: 0, count: count * classes.count)
    var start = 0
    for member in members {
      let length = member.inputCount(crops)
      let own: [Float]
      if members.count == 1 {
        own = inputs
      } else {
        own = (0..<count).flatMap { inputs[$0 * inputCount + start..<$0 * inputCount + start + length] }
      }
      var rows = [[Float](repeating: 0, count: count * crops.count * classes.count)]
      try member.classifier.plan.run(own, count: count * crops.count, into: &rows)
      for picture in 0..<count {
        for (index, output) in member.outputs.enumerated() {
          var sum = 0.0
          for part in 0..<crops.count {
            sum += Double(rows[0][(picture * crops.count + part) * classes.count + output])
          }
          sums[picture * classes.count + index] += member.weight * (sum / Double(crops.count))
        }
      }
      start += length
    }
    return sums.map { Float($0) }
  }
}
