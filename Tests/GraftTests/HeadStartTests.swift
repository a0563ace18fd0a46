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

  /// A run whose steps change nothing, so that the pictures to judge by tell what training began from.
  private func epochs(
    smoothing: Double
  ) throws -> (losses: [Double], plan: FineTuningPlan) {
    var trainer = Trainer(trainable: .head, epochs: 4, learningRate: .constant(1e-30))
    trainer.optimizer = .sgd()
    trainer.loss = .crossEntropy(labelSmoothing: smoothing)
    let result = try FineTuner(
      trainer, head: HeadDesign(l2: 0.01), caching: ActivationCaching(directory: nil)
    )
    .fit(PretrainedNetwork(.embedded), on: pictures)
    return (result.history.epochs.compactMap { $0.validation?.loss }, result.plan)
  }

  /// The loss on the pictures to judge by of a classifier that is fitted to the others.
  private func loss(smoothing: Double) throws -> Double {
    let extractor = try FeatureExtractor(PretrainedNetwork(.embedded))
    func rows(_ items: [ImageFolder.Item]) throws -> Tensor {
      let rows = try items.flatMap { try extractor.features(of: Image(contentsOf: $0.path)) }
      return Tensor(shape: [items.count, rows.count / items.count], scalars: rows)
    }
    let (learnt, judged) = (pictures.training.items, try #require(pictures.validation).items)
    let classifier = try LogisticRegression(l2: 0.01, labelSmoothing: smoothing).fit(
      features: rows(learnt), classIndices: learnt.compactMap(\.label), labels: pictures.labels)
    let answers = try classifier.probabilities(of: rows(judged))
    let classes = pictures.labels.count
    let sum = answers.scalars.enumerated().reduce(0.0) { sum, answer in
      let isRight = answer.offset % classes == judged[answer.offset / classes].label
      let target = smoothing / Double(classes) + (isRight ? 1 - smoothing : 0)
      return sum - target * log(Double(answer.element))
    }
    return sum / Double(judged.count)
  }

  private func expectClose(_ a: Double, _ b: Double) {
    #expect(abs(a - b) < 2e-4 * b, "\(a), \(b)")
  }

  @Test("It is fitted to smoothed labels where training has these; epoch 0 is not")
  func smoothed() throws {
    let (losses, plan) = try epochs(smoothing: 0.1)
    #expect(losses.count == 5 && plan.startSmoothing == 0.1)
    expectClose(losses[1], try loss(smoothing: 0.1))
    #expect(losses[4] == losses[1])
    // What is judged as epoch 0 is fitted to the labels as they are, and judged by the smoothed ones like all epochs.
    let (hard, other) = try epochs(smoothing: 0)
    #expect(other.startSmoothing == nil && hard[0] == hard[1])
    expectClose(hard[0], try loss(smoothing: 0))
    #expect(losses[0] > losses[1])
  }
}
