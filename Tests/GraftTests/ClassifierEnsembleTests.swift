import Foundation
import Graft
import Testing
import _GraftTestSupport

@Suite("Averaged classifiers")
struct ClassifierEnsembleTests {
  /// A small network with random weights and a random head.
  private func classifier(
    _ seed: UInt64, classes: [String] = ["a", "b", "c"], resize: ResizeMode = .antialias
  ) throws -> ImageClassifier {
    let extractor = try FeatureExtractor(
      Architecture.named("mobilenet_0.25"), weights: .random(seed: seed), inputSize: 64,
      preprocessing: PreprocessingChoice(resize: resize))
    let kernel = Tensor(
      shape: [256, 3], scalars: (0..<768).map { Float(($0 * 37 + Int(seed) * 11) % 101 - 50) / 50 })
    let bias = Tensor(shape: [3], scalars: [0.1, -0.1, 0])
    return try ImageClassifier(
      extractor, head: LinearClassifier(labels: Labels(classes), kernel: kernel, bias: bias))
  }

  private let picture = Image(width: 90, height: 71, pixels: (0..<90 * 71 * 3).map { UInt8($0 * 31 % 251) })

  /// The probabilities in the order of the classes.
  private func row(_ prediction: Prediction) -> [Double] {
    prediction.guesses.sorted { $0.index < $1.index }.map { Double($0.probability) }
  }

  @Test("One model, asked once, says what it says alone, to the bit")
  func single() throws {
    let model = try classifier(1)
    #expect(try ClassifierEnsemble([model]).predict(picture) == model.predict(picture))
    #expect(try ClassifierEnsemble([model]).opinions == 1)
  }

  @Test("Several models, sizes and crops give the mean of what each says of each")
  func mean() throws {
    let models = [try classifier(1), try classifier(2)]
    let ensemble = try ClassifierEnsemble(models, crops: .mirrored, sizes: [64, 96])
    #expect(ensemble.opinions == 40)
    var expected = [0.0, 0.0, 0.0]
    for model in models {
      for size in [64, 96] {
        let resized = try model.resized(to: size)
        let inputs = model.preprocessing.inputs(from: picture, size: size, crops: .mirrored)
        let rows = try InferencePlan(resized.network)
          .run(Tensor(shape: [10, size, size, 3], scalars: inputs))[0].scalars
        for (index, value) in rows.enumerated() { expected[index % 3] += Double(value) / 40 }
      }
    }
    let found = row(try ensemble.predict(picture))
    for (a, b) in zip(found, expected) { #expect(abs(a - b) < 1e-6) }
    #expect(found != row(try models[0].predict(picture)))
  }

  @Test("Models with the same classes in another order are averaged class by class; others are refused")
  func classes() throws {
    let first = try classifier(1)
    let turned = try classifier(1, classes: ["c", "a", "b"])
    let both = row(try ClassifierEnsemble([first, turned]).predict(picture))
    let own = row(try first.predict(picture))
    for index in 0..<3 {
      // The turned model's output 1 is a, 2 is b, 0 is c.
      #expect(abs(both[index] - (own[index] + own[(index + 1) % 3]) / 2) < 1e-6)
    }
    let stranger = try classifier(1, classes: ["a", "b", "d"])
    let error = #expect(throws: DataError.self) { try ClassifierEnsemble([first, stranger]) }
    #expect(error?.message.contains("\"c\", \"d\"") == true, "\(error?.message ?? "")")
  }

  @Test("What cannot be done is refused with the reason")
  func refused() throws {
    let model = try classifier(1)
    #expect(throws: WeightError.self) { try ClassifierEnsemble([]) }
    #expect(throws: WeightError.self) { try ClassifierEnsemble([model], sizes: [0]) }
    let squeezed = try classifier(1, resize: .keras)
    let error = #expect(throws: WeightError.self) { try ClassifierEnsemble([squeezed], crops: .corners) }
    #expect(error?.message.contains("antialias") == true)
    #expect(try ClassifierEnsemble([squeezed], sizes: [64, 80]).opinions == 2)
  }

  @Test("Batches make no difference", arguments: [1, 3])
  func batches(_ batch: Int) throws {
    try TestData.withTemporaryFolder { folder in
      let pictures = folder.appending(path: "pictures")
      try FileManager.default.createDirectory(at: pictures, withIntermediateDirectories: true)
      for number in 0..<5 {
        let image = Image(
          width: 70 + number, height: 60,
          pixels: (0..<(70 + number) * 180).map { UInt8($0 * (number + 7) % 251) })
        try image.writeJPEG(to: pictures.appending(path: "\(number).jpg").path)
      }
      let ensemble = try ClassifierEnsemble(
        [try classifier(1), try classifier(2)], crops: .corners, sizes: [64, 80])
      let all = try ensemble.predict(ImageFolder(paths: [pictures.path]), batch: batch)
      #expect(all.skipped.isEmpty && all.predictions.count == 5)
      for (path, prediction) in all.predictions {
        #expect(try ensemble.predict(Image(contentsOf: path)) == prediction, "\(path)")
      }
    }
  }
}
