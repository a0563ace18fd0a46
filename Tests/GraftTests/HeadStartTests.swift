import Foundation
import Graft
import Testing
import _GraftTestSupport

@Suite("The head that training begins from")
struct HeadStartTests {
  private let pictures: DividedPictures

  init() throws {
    func folder(_ part: String, _ count: Int) throws -> ImageFolder {
      try ImageFolder(TestData.package.appending(path: "examples/pictures/\(part)").path)
        .limited(perClass: count, seed: 1)
    }
    pictures = try DividedPictures(training: folder("train", 4), validation: folder("val", 4))
  }

  /// Without a crop, whose place in a mirror image may be a pixel off.
  private func network() throws -> PretrainedNetwork {
    try PretrainedNetwork(.embedded, preprocessing: PreprocessingChoice(resize: .squeeze))
  }

  /// A run whose steps change nothing, so that the pictures to judge by tell what training began from.
  private func epochs(
    _ head: HeadDesign, smoothing: Double, _ augmentation: Augmentation = .none
  ) throws -> (losses: [Double], plan: FineTuningPlan) {
    var trainer = Trainer(trainable: .head, epochs: 4, learningRate: .constant(1e-30))
    trainer.optimizer = .sgd()
    trainer.loss = .crossEntropy(labelSmoothing: smoothing)
    trainer.augmentation = augmentation
    let result = try FineTuner(trainer, head: head, caching: ActivationCaching(directory: nil))
      .fit(network(), on: pictures)
    return (result.history.epochs.compactMap { $0.validation?.loss }, result.plan)
  }

  /// The loss on the pictures to judge by of a classifier that is fitted to the pictures, and to `copies` mirror images
  /// of each.
  private func loss(copies: Int, smoothing: Double) throws -> Double {
    let extractor = try FeatureExtractor(network())
    var (rows, classes): ([Float], [Int]) = ([], [])
    for item in pictures.training.items {
      let image = try Image(contentsOf: item.path)
      let label = try #require(item.label)
      for view in [image] + Array(repeating: mirrored(image), count: copies) {
        rows += try extractor.features(of: view)
        classes.append(label)
      }
    }
    let regression = LogisticRegression(l2: 0.01, labelSmoothing: smoothing)
    let classifier = try regression.fit(
      features: Tensor(shape: [classes.count, rows.count / classes.count], scalars: rows),
      classIndices: classes, labels: pictures.labels)
    let held = try #require(pictures.validation)
    let losses = try held.items.map { item in
      let features = try extractor.features(of: Image(contentsOf: item.path))
      let answers = try classifier.probabilities(of: Tensor(shape: [1, features.count], scalars: features))
      return answers.scalars.enumerated().reduce(0.0) { sum, answer in
        let target = smoothing / Double(answers.count) + (answer.offset == item.label ? 1 - smoothing : 0)
        return sum - target * log(Double(answer.element))
      }
    }
    return losses.reduce(0, +) / Double(losses.count)
  }

  private func mirrored(_ image: Image) -> Image {
    var pixels: [UInt8] = []
    for row in 0..<image.height {
      for column in (0..<image.width).reversed() {
        let place = (row * image.width + column) * 3
        pixels += image.pixels[place..<place + 3]
      }
    }
    return Image(width: image.width, height: image.height, pixels: pixels)
  }

  private func expectClose(_ a: Double, _ b: Double) {
    #expect(abs(a - b) < 2e-4 * b, "\(a), \(b)")
  }

  @Test("It is fitted to smoothed labels and to changed views where training has these; epoch 0 is not")
  func viewsAndSmoothing() throws {
    let head = HeadDesign(l2: 0.01)
    let (plain, smooth) = (try loss(copies: 0, smoothing: 0.1), try loss(copies: 2, smoothing: 0.1))
    let (losses, plan) = try epochs(head, smoothing: 0.1, .flip(probability: 1))
    #expect(losses.count == 5 && plan.headStart.map { [$0.smoothing, Double($0.views)] } == [0.1, 2])
    expectClose(losses[1], smooth)
    expectClose(losses[4], smooth)
    #expect(abs(plain - smooth) > 2e-3 * plain)
    let hard = try loss(copies: 2, smoothing: 0)
    let (others, second) = try epochs(head, smoothing: 0, .flip(probability: 1))
    #expect(second.headStart.map { [$0.smoothing, Double($0.views)] } == [0, 2])
    expectClose(others[1], hard)
    // Epoch 0 is the linear classifier for pictures and labels as they are.
    expectClose(others[0], try loss(copies: 0, smoothing: 0))
  }

  @Test("Without augmentation, or with no views asked for, it is fitted to the pictures as they are")
  func plain() throws {
    let expected = try loss(copies: 0, smoothing: 0.1)
    let unchanged = try epochs(HeadDesign(l2: 0.01), smoothing: 0.1)
    #expect(unchanged.plan.headStart.map { [$0.smoothing, Double($0.views)] } == [0.1, 0])
    expectClose(unchanged.losses[1], expected)
    let none = try epochs(HeadDesign(l2: 0.01, views: 0), smoothing: 0.1, .flip(probability: 1))
    expectClose(none.losses[1], expected)
    let same = try epochs(HeadDesign(l2: 0.01), smoothing: 0)
    #expect(same.plan.headStart == nil && same.losses[0] == same.losses[1])
    let many = try epochs(HeadDesign(l2: 0.01, views: 7), smoothing: 0, .flip(probability: 1))
    #expect(many.plan.headStart?.views == 7)
    expectClose(many.losses[1], try loss(copies: 7, smoothing: 0))
    let random = try epochs(HeadDesign(initialization: .glorot), smoothing: 0.1, .flip)
    #expect(random.plan.headStart == nil)
  }
}
