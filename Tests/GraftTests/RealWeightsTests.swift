import Foundation
import Graft
import Testing
import _GraftTestSupport

/// What Keras computed with real weights, against what we compute with the same files.
@Suite("Real weights", .enabled(if: TestData.folder != nil, "the folder with real weights is not here"))
struct RealWeightsTests {
  struct Reference {
    let weights: String
    let group: String
    let layer: String?
    let hasTop: Bool
  }

  static let references = [
    Reference(
      weights: "weights/mobilenet_2_5_224_tf.h5", group: "mobilenet_0.25", layer: nil, hasTop: true),
    Reference(
      weights: "weights/mobilenet_2_5_224_tf_no_top.h5", group: "mobilenet_0.25", layer: nil, hasTop: false),
    Reference(
      weights: "reference/mobilenet_0.25_224.whole_model.h5", group: "mobilenet_0.25", layer: nil,
      hasTop: true),
    Reference(
      weights: "reference/mobilenet_0.25_224.keras3.weights.h5", group: "mobilenet_0.25", layer: nil,
      hasTop: true),
    Reference(
      weights: "weights/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224.h5",
      group: "mobilenet_v2_1.0",
      layer: nil, hasTop: true),
    Reference(
      weights: "weights/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5",
      group: "mobilenet_v2_1.0", layer: nil, hasTop: false),
    Reference(
      weights: "weights/vgg16_weights_tf_dim_ordering_tf_kernels_up_to_block3_conv2.h5",
      group: "vgg16_block3_conv2", layer: "block3_conv2", hasTop: false),
  ]

  /// The eight pictures that Keras saw, 224 x 224.
  static func pictures() throws -> [Image] {
    let path = try #require(TestData.file("reference/reference.h5"))
    let dataset = try HDF5File(path).root.dataset("pixels")
    let bytes = try dataset.readBytes()
    let (side, count) = (224, dataset.shape[0])
    return (0..<count).map { index in
      let start = index * side * side * 3
      return Image(width: side, height: side, pixels: Array(bytes[start..<start + side * side * 3]))
    }
  }

  @Test(
    "Features are Keras's within 1e-4 of the largest, probabilities within 1e-5",
    arguments: references.indices)
  func matchesKeras(_ number: Int) throws {
    let reference = Self.references[number]
    let weights = try #require(TestData.file(reference.weights))
    let group = try HDF5File(try #require(TestData.file("reference/reference.h5"))).root.group(
      reference.group)
    let expected = try group.dataset("features").readFloats()
    let choice = PreprocessingChoice(resize: .nearest)
    let extractor = try FeatureExtractor(
      weights: .file(weights), at: reference.layer.map { [$0] } ?? [], preprocessing: choice)
    let pictures = try Self.pictures()
    let features = try pictures.flatMap { try extractor.features(of: $0) }
    try #require(features.count == expected.count)
    let largest = expected.reduce(0) { max($0, abs($1)) }
    let error = zip(features, expected).reduce(0) { max($0, abs($1.0 - $1.1)) }
    #expect(error <= 1e-4 * largest, "\(reference.group): \(error / largest) of the largest")
    guard reference.hasTop else { return }
    let classifier = try ImageClassifier(PretrainedNetwork(classifier: .file(weights), preprocessing: choice))
    let probabilities = try group.dataset("probabilities").readFloats()
    for (index, picture) in pictures.enumerated() {
      for guess in try classifier.predict(picture).guesses {
        let other = probabilities[index * 1000 + guess.index]
        #expect(
          abs(guess.probability - other) <= 1e-5, "\(reference.group), picture \(index), \(guess.label)")
      }
    }
  }

  @Test("The same network from three kinds of file gives the same features, bit for bit")
  func sameBitsFromThreeFiles() throws {
    let files = [
      "weights/mobilenet_2_5_224_tf_no_top.h5", "reference/mobilenet_0.25_224.whole_model.h5",
      "reference/mobilenet_0.25_224.keras3.weights.h5", "weights/mobilenet_2_5_224_tf.h5",
    ]
    let pictures = try Self.pictures()
    var results: Set<[UInt32]> = []
    for file in files {
      let extractor = try FeatureExtractor(weights: .file(try #require(TestData.file(file))))
      results.insert(try pictures.flatMap { try extractor.features(of: $0) }.map(\.bitPattern))
    }
    #expect(results.count == 1)
  }

  // Keras's figures were taken on the middle 224 x 224 pixels as they are; 97 of the photos are smaller than the 256
  // pixels that the default would make of their shorter side.
  @Test(
    "ImageNet accuracy on the sample is Keras's within 0.3 points",
    arguments: [
      ("weights/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224.h5", 86.7, 97.5),
      ("weights/mobilenet_2_5_224_tf.h5", 56.7, 80.0),
    ])
  func imageNetAccuracy(_ weights: String, _ top1: Double, _ top5: Double) throws {
    let classifier = try ImageClassifier(
      PretrainedNetwork(
        classifier: .file(try #require(TestData.file(weights))),
        preprocessing: PreprocessingChoice(resize: .crop)))
    let folder = try ImageFolder(try #require(TestData.file("photos/imagenet-sample")))
    let (predictions, skipped) = try classifier.predict(folder)
    #expect(skipped.isEmpty)
    try #require(predictions.count == 1000)
    var (first, five) = (0, 0)
    for (path, prediction) in predictions {
      let synset = (path as NSString).lastPathComponent.prefix { $0 != "_" }
      if prediction.best.identifier == synset { first += 1 }
      if prediction.top(5).contains(where: { $0.identifier == synset }) { five += 1 }
    }
    #expect(abs(Double(first) / 10 - top1) <= 0.3, "top-1 \(Double(first) / 10)")
    #expect(abs(Double(five) / 10 - top5) <= 0.3, "top-5 \(Double(five) / 10)")
  }

  @Test(
    "A linear classifier on MobileNetV2's features does its work on held-out photos",
    arguments: [("cats-dogs", 0.95), ("groceries", 0.85)])
  func transfer(_ name: String, _ least: Double) throws {
    let weights = try #require(
      TestData.file("weights/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5"))
    let extractor = try FeatureExtractor(weights: .file(weights))
    let train = try extractor.features(of: ImageFolder(try #require(TestData.file("photos/\(name)/train"))))
    let val = try extractor.features(of: ImageFolder(try #require(TestData.file("photos/\(name)/val"))))
    let classifier = try LogisticRegression(l2: .fixed(1e-3)).fit(train)
    let accuracy = try classifier.evaluate(val).accuracy
    #expect(accuracy >= least, "\(name): \(accuracy)")
  }
}
