import Foundation
import GraftData
import GraftLinear
import GraftSupport
import GraftTensor
import Testing

@Suite("Choice of the strength")
struct CrossValidationTests {
  private func path(
    _ features: Tensor, _ classIndices: [Int], classes: Int, digests: [String]? = nil, folds: Int = 5
  ) throws -> RegularizationPath {
    let found = try LogisticRegression(l2: .auto, folds: folds, seed: 1).fit(
      features: features, classIndices: classIndices, labels: try Labels((0..<classes).map { "\($0)" }),
      digests: digests)
    let training = try #require(found.training)
    let path = try #require(training.path)
    #expect(training.l2 == path.l2)
    return path
  }

  /// A class that the first feature decides, but for noise; the rest of the features is noise.
  private func noisy(rows: Int, width: Int) -> (features: Tensor, classIndices: [Int]) {
    var generator = SeededGenerator(seed: 20, stream: "noisy")
    let features = (0..<rows * width).map { _ in Float(generator.normal()) }
    let classIndices = (0..<rows).map { Double(features[$0 * width]) + generator.normal() > 0 ? 1 : 0 }
    return (Tensor(shape: [rows, width], scalars: features), classIndices)
  }

  @Test("many noisy features and few rows get a strong penalty")
  func strong() throws {
    let data = noisy(rows: 80, width: 120)
    #expect(try path(data.features, data.classIndices, classes: 2).l2 >= 0.3)
  }

  @Test("few clean features and many rows get a weak one")
  func weak() throws {
    let data = Drawn(rows: 600, width: 6, classes: 4, spread: 0.4, seed: 21)
    #expect(try path(data.features, data.classIndices, classes: 4).l2 <= 0.01)
  }

  @Test("the whole path is told, from strong to weak, and the chosen one has the lowest log loss")
  func report() throws {
    let data = noisy(rows: 80, width: 20)
    let path = try path(data.features, data.classIndices, classes: 2, folds: 4)
    #expect(path.folds == 4 && path.rows == 80)
    #expect(zip(path.points, path.points.dropFirst()).allSatisfy { $0.l2 > $1.l2 })
    #expect(path.points[0].l2 == 10)
    #expect(path.points.count == min(path.chosen + 4, 13))
    #expect(path.points.allSatisfy { $0.logLoss >= path.points[path.chosen].logLoss })
    for point in path.points {
      #expect(point.foldAccuracies.count == 4 && point.foldLogLosses.count == 4)
      // The folds are of 20 rows each.
      #expect(abs(point.foldAccuracies.reduce(0, +) / 4 - point.accuracy) < 1e-12)
      #expect(abs(point.foldLogLosses.reduce(0, +) / 4 - point.logLoss) < 1e-12)
    }
  }

  @Test("the scores are those of classifiers fitted to the other folds")
  func scores() throws {
    let data = Drawn(rows: 90, width: 5, classes: 3, spread: 1.5, seed: 22)
    let path = try path(data.features, data.classIndices, classes: 3, folds: 3)
    let labels = try Labels(["0", "1", "2"])
    let folds = Folds(classIndices: data.classIndices, count: 3, seed: 1, digests: nil)
    for point in [path.points[0], path.points[path.chosen]] {
      for part in 0..<3 {
        let training = data.rows(folds.training(part))
        let heldOut = data.rows(folds.heldOut[part])
        let classifier = try LogisticRegression(l2: .fixed(point.l2), tolerance: 1e-10).fit(
          features: training.features, classIndices: training.classIndices, labels: labels)
        let evaluation = try classifier.evaluate(
          features: heldOut.features, classIndices: heldOut.classIndices, labels: labels)
        #expect(abs(evaluation.logLoss - point.foldLogLosses[part]) < 0.005)
        #expect(abs(evaluation.accuracy - point.foldAccuracies[part]) < 0.04)
      }
    }
  }

  @Test("with smoothed labels strengths are judged by the smoothed targets")
  func smoothed() throws {
    let data = Drawn(rows: 90, width: 5, classes: 3, spread: 1.5, seed: 22)
    let (labels, share) = (try Labels(["0", "1", "2"]), 0.2)
    let found = try LogisticRegression(folds: 3, seed: 1, labelSmoothing: share).fit(
      features: data.features, classIndices: data.classIndices, labels: labels)
    let path = try #require(found.training?.path)
    let folds = Folds(classIndices: data.classIndices, count: 3, seed: 1, digests: nil)
    for point in [path.points[0], path.points[path.chosen]] {
      for part in 0..<3 {
        let (training, heldOut) = (data.rows(folds.training(part)), data.rows(folds.heldOut[part]))
        let classifier = try LogisticRegression(
          l2: .fixed(point.l2), tolerance: 1e-10, labelSmoothing: share
        ).fit(features: training.features, classIndices: training.classIndices, labels: labels)
        let probabilities = try classifier.probabilities(of: heldOut.features).scalars.map { Double($0) }
        var mean = 0.0
        for (row, label) in heldOut.classIndices.enumerated() {
          for place in 0..<3 {
            let target: Double = share / 3 + (place == label ? 1 - share : 0)
            mean -= target * log(probabilities[3 * row + place]) / Double(heldOut.classIndices.count)
          }
        }
        #expect(abs(mean - point.foldLogLosses[part]) < 0.002)
      }
    }
    #expect(path.points.allSatisfy { $0.logLoss >= path.points[path.chosen].logLoss })
  }

  @Test("copies of a picture do not help to recognise it")
  func copies() throws {
    // Pure noise with classes by chance, each row four times: whoever has seen a copy knows the class.
    var generator = SeededGenerator(seed: 23, stream: "copies")
    let originals = (0..<40).map { _ in (0..<60).map { _ in Float(generator.normal()) } }
    let features = Tensor(shape: [160, 60], scalars: (0..<160).flatMap { originals[$0 % 40] })
    let classIndices = (0..<160).map { ($0 % 40) % 2 }
    let digests = (0..<160).map { "picture \($0 % 40)" }
    let apart = try path(features, classIndices, classes: 2, digests: digests)
    let leaking = try path(features, classIndices, classes: 2)
    #expect(apart.points[apart.chosen].accuracy < 0.75)
    #expect(leaking.points[leaking.chosen].accuracy > 0.95)
    #expect(apart.l2 > leaking.l2)
  }

  @Test("a class of one picture is no obstacle, but nothing to choose by is")
  func fewRows() throws {
    let data = Drawn(rows: 21, width: 3, classes: 2, spread: 1, seed: 24)
    let classIndices = data.classIndices.dropLast() + [2]
    _ = try path(data.features, Array(classIndices), classes: 3)
    let error = #expect(throws: LinearError.self) {
      try LogisticRegression().fit(
        features: Tensor(shape: [2, 1], scalars: [1, 2]), classIndices: [0, 1],
        labels: try Labels(["a", "b"]))
    }
    #expect(error?.code == .cannotCrossValidate)
    // A given strength is enough then.
    let found = try LogisticRegression(l2: 0.1).fit(
      features: Tensor(shape: [2, 1], scalars: [1, 2]), classIndices: [0, 1], labels: try Labels(["a", "b"]))
    #expect(found.predict([1]).label == "a" && found.predict([2]).label == "b")
  }
}
