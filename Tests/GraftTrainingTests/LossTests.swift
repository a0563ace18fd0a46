import Foundation
import GraftTensor
import GraftTraining
import Testing
import _GraftTestSupport

@Suite("Losses")
struct LossTests {
  struct Golden: Decodable {
    struct Case: Decodable {
      let targets: [Float]
      let losses: [Double]
      let gradient: [Float]
    }
    let outputs: [Float]
    let labels: [Int]
    let classWeights: [Double]
    let cases: [String: Case]
  }

  private func golden() throws -> Golden {
    let path = TestData.package.appending(path: "Tests/GraftTrainingTests/Golden/losses.json")
    return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: path))
  }

  @Test("Losses and their gradients are those of Keras")
  func keras() throws {
    let golden = try golden()
    let losses: [(String, Loss)] = [
      ("softmax", .crossEntropy()), ("softmax_smooth", .crossEntropy(labelSmoothing: 0.1)),
      ("softmax_mixed", .crossEntropy()),
      ("softmax_weighted", .crossEntropy(labelSmoothing: 0.2, classWeights: golden.classWeights)),
      ("sigmoid", .binaryCrossEntropy()), ("sigmoid_smooth", .binaryCrossEntropy(labelSmoothing: 0.2)),
      ("squares", .meanSquaredError), ("huber", .smoothL1(delta: 0.5)),
    ]
    #expect(Set(losses.map(\.0)) == Set(golden.cases.keys))
    let outputs = Tensor(shape: [5, 4], scalars: golden.outputs)
    for (name, loss) in losses {
      let expected = try #require(golden.cases[name])
      let (found, gradient) = try loss.evaluate(
        outputs, targets: Tensor(shape: [5, 4], scalars: expected.targets))
      for (a, b) in zip(found, expected.losses) {
        #expect(abs(a - b) <= 2e-6 * max(1, abs(b)), "\(name): \(a), \(b)")
      }
      for (a, b) in zip(gradient.scalars, expected.gradient) {
        #expect(abs(a - b) <= 1e-6, "\(name): \(a), \(b)")
      }
    }
  }

  @Test("Gradients agree with central differences, class weights and mixed targets included")
  func differences() throws {
    let outputs: [Float] = [0.5, -1.25, 2, 0.125, -0.75, 1.5]
    let targets = Tensor(shape: [2, 3], scalars: [0.25, 0.5, 0.25, 1, 0, 0])
    for loss: Loss in [
      .crossEntropy(labelSmoothing: 0.1, classWeights: [0.5, 2, 1]),
      .binaryCrossEntropy(labelSmoothing: 0.1, classWeights: [0.5, 2, 1]), .meanSquaredError, .smoothL1(),
    ] {
      func mean(_ values: [Float]) throws -> Double {
        try loss.evaluate(Tensor(shape: [2, 3], scalars: values), targets: targets).losses.reduce(0, +) / 2
      }
      let gradient = try loss.evaluate(Tensor(shape: [2, 3], scalars: outputs), targets: targets).gradient
        .scalars
      for index in outputs.indices {
        // A power of two, so that the sums are exact in Float.
        let h: Float = 1.0 / 1024
        var (up, down) = (outputs, outputs)
        up[index] += h
        down[index] -= h
        let slope = try (mean(up) - mean(down)) / Double(2 * h)
        #expect(
          abs(slope - Double(gradient[index])) < 2e-6, "\(loss.form) \(index): \(slope), \(gradient[index])")
      }
    }
  }

  @Test("What does not fit is refused with both numbers")
  func refused() throws {
    let outputs = Tensor(shape: [2, 3], scalars: [0, 0, 0, 0, 0, 0])
    #expect(throws: TrainingError.self) {
      try Loss.crossEntropy().evaluate(outputs, targets: Tensor(shape: [3, 2], scalars: outputs.scalars))
    }
    let weights = #expect(throws: TrainingError.self) {
      try Loss.crossEntropy(classWeights: [1, 2]).evaluate(outputs, targets: outputs)
    }
    #expect(weights?.message == "2 class weights for 3 classes; one each is needed")
    #expect(throws: TrainingError.self) { try Loss.targets([0, 3], classes: 3) }
    #expect(try Loss.targets([2, 0], classes: 3).scalars == [0, 0, 1, 1, 0, 0])
  }

  @Test("Class weights are scikit-learn's")
  func classWeights() throws {
    // compute_class_weight("balanced", classes=[0, 1, 2], y=[0, 0, 0, 1, 1, 2, 0, 0])
    let weights = try ClassWeights.balanced([0, 0, 0, 1, 1, 2, 0, 0], classes: 3)
    for (found, expected) in zip(weights, [8.0 / 15, 4.0 / 3, 8.0 / 3]) {
      #expect(abs(found - expected) < 1e-12)
    }
    #expect(try ClassWeights.balanced([1, 1, 3, 3], classes: 4) == [0, 1, 0, 1])
    #expect(throws: TrainingError.self) { try ClassWeights.balanced([4], classes: 4) }
  }
}

@Suite("Order and mixing of pictures")
struct SamplingTests {
  @Test("A shuffled epoch has each picture once, another order each epoch")
  func shuffled() {
    let labels = (0..<50).map { $0 % 3 }
    let first = SamplingOrder.shuffled.pictures(labels: labels, seed: 1, epoch: 0)
    #expect(first.sorted() == Array(0..<50) && first != Array(0..<50))
    #expect(first == SamplingOrder.shuffled.pictures(labels: labels, seed: 1, epoch: 0))
    #expect(first != SamplingOrder.shuffled.pictures(labels: labels, seed: 1, epoch: 1))
    #expect(first != SamplingOrder.shuffled.pictures(labels: labels, seed: 2, epoch: 0))
    #expect(SamplingOrder.balanced.pictures(labels: [], seed: 1, epoch: 0).isEmpty)
  }

  @Test(
    "A balanced epoch has as many of each class, and no picture more than once more often than another of its class"
  )
  func balanced() {
    // 70, 25 and 6 of three classes, and a class number without pictures between them.
    let labels =
      [Int](repeating: 0, count: 70) + [Int](repeating: 2, count: 25) + [Int](repeating: 3, count: 6)
    var extra: Set<Int> = []
    var seen: Set<Int> = []
    for epoch in 0..<12 {
      let order = SamplingOrder.balanced.pictures(labels: labels, seed: 3, epoch: epoch)
      #expect(order.count == 101)
      let counts = Dictionary(grouping: order, by: { labels[$0] }).mapValues(\.count)
      #expect(counts.values.sorted() == [33, 34, 34], "\(counts)")
      extra.formUnion(counts.filter { $0.value == 33 }.keys)
      seen.formUnion(order)
      for (label, members) in Dictionary(grouping: order, by: { labels[$0] }) {
        let times = Dictionary(grouping: members, by: { $0 }).mapValues(\.count)
        let all = labels.indices.filter { labels[$0] == label }.map { times[$0] ?? 0 }
        #expect((all.max() ?? 0) - (all.min() ?? 0) <= 1, "class \(label)")
      }
      // Shuffled across classes, not one class after the other.
      #expect(order.prefix(30).contains { labels[$0] == 3 } && order.suffix(30).contains { labels[$0] == 3 })
    }
    #expect(extra == [0, 2, 3] && seen.count == 101)
  }

  private let inputs = Tensor(shape: [3, 4, 4, 2], scalars: (0..<96).map { Float($0) })
  private let targets = Tensor(shape: [3, 3], scalars: [1, 0, 0, 0, 1, 0, 0, 0, 1])

  @Test("Mixup gives sums of pictures, and the same sums of targets")
  func mixup() throws {
    for step in 0..<20 {
      let mixing = BatchMixing.mixup(alpha: 0.4)
      let draw = try mixing.draw(3, height: 1, width: 1, seed: 1, step: step)
      let (x, t) = try mixing.mix(inputs, targets, seed: 1, step: step)
      for picture in 0..<3 {
        for i in 0..<32 {
          let own = Double(inputs.scalars[picture * 32 + i])
          let other = Double(inputs.scalars[draw.partners[picture] * 32 + i])
          let expected = draw.share * own + (1 - draw.share) * other
          #expect(abs(Double(x.scalars[picture * 32 + i]) - expected) < 1e-4)
        }
        for c in 0..<3 {
          let expected = (c == picture ? draw.share : 0) + (c == draw.partners[picture] ? 1 - draw.share : 0)
          #expect(abs(Double(t.scalars[picture * 3 + c]) - expected) < 1e-6)
        }
      }
    }
  }

  @Test("Cutmix takes a rectangle from the partner, and counts the targets by area")
  func cutmix() throws {
    var areas: Set<Int> = []
    for step in 0..<40 {
      let mixing = BatchMixing.cutmix(alpha: 1)
      let draw = try mixing.draw(3, height: 4, width: 4, seed: 2, step: step)
      let (x, t) = try mixing.mix(inputs, targets, seed: 2, step: step)
      for picture in 0..<3 {
        var cut = 0
        for row in 0..<4 {
          for column in 0..<4 {
            let isCut = draw.rows.contains(row) && draw.columns.contains(column)
            let from = isCut ? draw.partners[picture] : picture
            cut += isCut ? 1 : 0
            for channel in 0..<2 {
              let at = (row * 4 + column) * 2 + channel
              #expect(x.scalars[picture * 32 + at] == inputs.scalars[from * 32 + at])
            }
          }
        }
        areas.insert(cut)
        let own = t.scalars[picture * 3 + picture]
        let expected = draw.partners[picture] == picture ? 1 : 1 - Float(cut) / 16
        #expect(abs(own - expected) < 1e-6)
      }
    }
    #expect(areas.count > 4)
    #expect(throws: TrainingError.self) {
      try BatchMixing.cutmix(alpha: 1).mix(targets, targets, seed: 1, step: 0)
    }
    #expect(throws: TrainingError.self) {
      try BatchMixing.mixup(alpha: 0).mix(inputs, targets, seed: 1, step: 0)
    }
  }

  @Test("Shares have the mean and the variance of the beta distribution", arguments: [0.1, 0.4, 1, 3])
  func beta(_ alpha: Double) throws {
    let shares = try (0..<4000).map {
      try BatchMixing.mixup(alpha: alpha).draw(2, height: 1, width: 1, seed: 7, step: $0).share
    }
    let mean = shares.reduce(0, +) / 4000
    let variance = shares.reduce(0) { $0 + ($1 - 0.5) * ($1 - 0.5) } / 4000
    let expected = 1 / (4 * (2 * alpha + 1))
    #expect(shares.allSatisfy { (0...1).contains($0) })
    #expect(abs(mean - 0.5) < 4 * (expected / 4000).squareRoot(), "\(mean)")
    #expect(abs(variance / expected - 1) < 0.1, "\(variance), \(expected)")
  }
}

@Suite("Early stopping")
struct EarlyStoppingTests {
  private func history(losses: [Double], accuracies: [Double]? = nil) throws -> TrainingHistory {
    var history = TrainingHistory()
    for (number, loss) in losses.enumerated() {
      let accuracy = accuracies?[number] ?? 0
      let json = "{\"number\":\(number),\"validation\":{\"loss\":\(loss),\"accuracy\":\(accuracy)}}"
      history.epochs.append(try JSONDecoder().decode(TrainingHistory.Epoch.self, from: Data(json.utf8)))
    }
    return history
  }

  @Test("A run ends after as many epochs without improvement as are borne")
  func patience() throws {
    let losses = [1, 0.8, 0.9, 0.79, 0.85, 0.8, 0.795, 0.7]
    for (patience, end) in [(1, 2), (2, 5), (3, 6)] {
      let rule = EarlyStopping(patience: patience)
      let stops = try (1...losses.count).map {
        try rule.stops(after: history(losses: Array(losses.prefix($0))))
      }
      #expect(stops.firstIndex(of: true) == end, "\(patience): \(stops)")
    }
    // Keras' min_delta: 0.79 is no improvement on 0.8 by more than 0.02.
    let strict = EarlyStopping(patience: 3, leastImprovement: 0.02)
    #expect(try strict.stops(after: history(losses: Array(losses.prefix(5)))))
    #expect(try !strict.stops(after: history(losses: Array(losses.prefix(4)))))
  }

  @Test("Epochs in which the rate still grows are not held against a run")
  func patienceAndWarmup() throws {
    let rule = EarlyStopping(patience: 2)
    let losses = [1, 1.2, 1.1, 1.3, 1.4, 1.5]
    for (warmup, end) in [(0, 2), (1, 3), (2, 4), (2.5, 5)] as [(Double, Int)] {
      let stops = try (1...losses.count).map {
        try rule.stops(after: history(losses: Array(losses.prefix($0))), warmup: warmup)
      }
      #expect(stops.firstIndex(of: true) == end, "\(warmup): \(stops)")
    }
    // What is gained meanwhile counts.
    #expect(try rule.stops(after: history(losses: [1, 0.5, 0.8, 0.7]), warmup: 1))
  }

  @Test("Accuracy should rise, the starting point is to be beaten, and no validation stops nothing")
  func accuracy() throws {
    let rule = EarlyStopping(patience: 2, measure: .accuracy)
    #expect(try rule.stops(after: history(losses: [1, 1, 1], accuracies: [0.9, 0.9, 0.8])))
    #expect(try !rule.stops(after: history(losses: [1, 1, 1], accuracies: [0.9, 0.8, 0.95])))
    #expect(!rule.stops(after: TrainingHistory()))
  }
}
