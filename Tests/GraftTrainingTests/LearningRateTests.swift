import Foundation
import GraftTraining
import Testing

@Suite("Courses of the learning rate")
struct LearningRateTests {
  /// The two phases of PyTorch's `OneCycleLR` with `anneal_strategy="cos"`, from its documentation: from peak / 25 to
  /// peak over the first 30 % of steps less one, then to peak / 25e4 at the last step.
  private func oneCycle(_ step: Int, _ total: Int, peak: Double) -> Double {
    let top = 0.3 * Double(total) - 1
    let end = Double(total) - 1
    func between(_ a: Double, _ b: Double, _ share: Double) -> Double {
      b + (a - b) / 2 * (cos(.pi * share) + 1)
    }
    return Double(step) <= top
      ? between(peak / 25, peak, Double(step) / top)
      : between(peak, peak / 25e4, (Double(step) - top) / (end - top))
  }

  @Test("One cycle rises and falls as PyTorch's")
  func oneCycle() {
    let rate = LearningRate.oneCycle(peak: 0.1)
    for step in 0..<60 {
      let found = rate.rate(at: step, stepsPerEpoch: 12, epochs: 5)
      #expect(abs(found - oneCycle(step, 60, peak: 0.1)) < 1e-12, "step \(step)")
    }
    // PyTorch 2: OneCycleLR(max_lr=0.1, total_steps=10), its first, third and last rates.
    for (step, expected) in [(0, 0.004), (2, 0.1), (9, 4e-7)] {
      let found = rate.rate(at: step, stepsPerEpoch: 10, epochs: 1)
      #expect(abs(found - expected) < 1e-9, "step \(step): \(found)")
    }
    // Runs shorter than the rise still have rates.
    for total in 1...4 {
      for step in 0..<total {
        #expect((0...0.1).contains(rate.rate(at: step, stepsPerEpoch: total, epochs: 1)))
      }
    }
  }

  @Test("A warm-up grows to where the schedule begins, which then runs as if it began there")
  func warmup() {
    for rate: LearningRate in [
      .constant(0.2), .step(0.2, factor: 0.5, every: 1), .exponential(0.2, factor: 0.5),
      .inverseTime(0.2), .restarts(peak: 0.2, first: 2), .oneCycle(peak: 0.2), .cosine(peak: 0.2),
    ] {
      let warm = rate.warmingUp(1.5)
      let begin = rate.rate(at: 0, stepsPerEpoch: 10, epochs: 4)
      for step in 0..<15 {
        let found = warm.rate(at: step, stepsPerEpoch: 10, epochs: 4)
        #expect(abs(found - begin * Double(step) / 15) < 1e-12, "\(rate), step \(step)")
      }
      #expect(abs(warm.rate(at: 15, stepsPerEpoch: 10, epochs: 4) - begin) < 1e-12)
    }
    #expect(
      LearningRate.step(1, factor: 0.5, every: 1).warmingUp(1).rate(at: 25, stepsPerEpoch: 10, epochs: 4)
        == 0.5)
  }

  @Test("Snapshots are taken where a cosine ends, just before the rate jumps up")
  func snapshots() {
    let plain = LearningRate.restarts(peak: 1, first: 3)
    #expect(plain.snapshots(epochs: 10) == [3, 6, 9])
    let growing = LearningRate.restarts(peak: 1, first: 1, growth: 2)
    #expect(growing.snapshots(epochs: 15) == [1, 3, 7, 15])
    #expect(growing.warmingUp(0.5).snapshots(epochs: 8) == [2, 4, 8])
    for epoch in growing.snapshots(epochs: 14) {
      let last = growing.rate(at: epoch * 20 - 1, stepsPerEpoch: 20, epochs: 15)
      let next = growing.rate(at: epoch * 20, stepsPerEpoch: 20, epochs: 15)
      #expect(last < 0.01 && next == 1, "epoch \(epoch): \(last), \(next)")
    }
    #expect(LearningRate.cosine(peak: 1).snapshots(epochs: 10).isEmpty)
  }

  @Test("A range test grows evenly, finds the steepest fall, and ends when the loss explodes")
  func rangeTest() throws {
    var test = RateRangeTest(lowest: 1e-6, highest: 1, steps: 61, smoothing: 0.9)
    #expect(test.rate(at: 0) == 1e-6 && abs(test.rate(at: 60) - 1) < 1e-12)
    #expect(abs(test.rate(at: 10) / 1e-5 - 1) < 1e-9)
    #expect(test.suggestion == nil && !test.hasDiverged)
    // A loss that falls around 1e-3 over half a decade, and explodes beyond 0.1.
    func loss(_ rate: Double) -> Double {
      let x = log10(rate)
      return 1.2 - 1 / (1 + exp(-6 * (x + 3))) + exp(8 * (x + 0.8))
    }
    var steps = 0
    var means: [Double] = []
    var mean = 0.0
    while steps < test.steps && !test.hasDiverged {
      let value = loss(test.rate(at: steps))
      test.record(loss: value)
      mean = 0.9 * mean + 0.1 * value
      means.append(mean / (1 - pow(0.9, Double(steps + 1))))
      steps += 1
    }
    #expect(steps < 61 && test.losses.count == steps)
    for (a, b) in zip(test.smoothed, means) { #expect(abs(a - b) < 1e-12) }
    // Smoothing lags behind by some steps of a tenth of a decade each.
    let steepest = try #require(test.steepest)
    #expect(steepest > 1e-3 && steepest < 1e-2, "\(steepest)")
    let suggestion = try #require(test.suggestion)
    #expect(suggestion <= steepest && suggestion > 1e-4, "\(suggestion)")

    #expect(test.advice?.reason == (steepest <= test.tenthOfBest ?? 0 ? .steepestFall : .tenthOfBest))

    // A head that starts at its optimum: chance until the loss explodes.
    var flat = RateRangeTest(lowest: 1e-6, highest: 1, steps: 61, smoothing: 0.9)
    for step in 0..<61 where !flat.hasDiverged {
      flat.record(loss: 0.5 + 0.01 * sin(Double(7 * step)) + exp(8 * (log10(flat.rate(at: step)) + 1.5)))
    }
    let advice = try #require(flat.advice)
    #expect(advice.reason == .tenthOfHarmless && advice.rate > 1e-3 && advice.rate < 4e-3, "\(advice)")
    // It begins in chance only: the first means are not believed.
    var lucky = RateRangeTest(lowest: 1e-6, highest: 1, steps: 61, smoothing: 0.9)
    for step in 0..<61 where !lucky.hasDiverged {
      lucky.record(loss: (step < 2 ? 3 : 1.2) - 1 / (1 + exp(-6 * (log10(lucky.rate(at: step)) + 2))))
    }
    #expect(try #require(lucky.steepest) > 1e-4, "\(lucky.steepest ?? 0)")

    // All rates are too small: what the loss gains by the last one says nothing of larger ones.
    var faint = RateRangeTest(lowest: 1e-8, highest: 1e-5, steps: 30, smoothing: 0.9)
    for step in 0..<30 { faint.record(loss: 0.97 - 0.00005 * Double(step)) }
    #expect(faint.advice == nil)

    var rising = RateRangeTest(steps: 10)
    for step in 0..<10 { rising.record(loss: Double(step) + 1) }
    #expect(rising.suggestion == nil)
    var broken = RateRangeTest(steps: 10)
    for value in [1, 0.9, 0.7, .nan] { broken.record(loss: value) }
    #expect(broken.hasDiverged && broken.tenthOfBest == broken.rate(at: 2) / 10)
  }

  @Test("Rates fall from the head backwards, and stages wake one after the other")
  func stages() throws {
    let stages = ["conv3", "conv4", "conv5", "head"]
    #expect(try ParameterRates.uniform.factors(of: stages, epoch: 0) == [1, 1, 1, 1])
    let falling = try ParameterRates.stages(factor: 0.5).factors(of: stages, epoch: 9)
    #expect(falling == [0.125, 0.25, 0.5, 1])
    let named = try ParameterRates.stages(["head": 10], others: 0.1).factors(of: stages, epoch: 0)
    #expect(named == [0.1, 0.1, 0.1, 10])
    let waking = ParameterRates.stages(factor: 0.5).unfreezing(every: 2)
    #expect(try waking.factors(of: stages, epoch: 0) == [0, 0, 0, 1])
    #expect(try waking.factors(of: stages, epoch: 1) == [0, 0, 0, 1])
    #expect(try waking.factors(of: stages, epoch: 2) == [0, 0, 0.5, 1])
    #expect(try waking.factors(of: stages, epoch: 60) == [0.125, 0.25, 0.5, 1])
    #expect(try ParameterRates.uniform.unfreezing(every: 0.5).factors(of: stages, epoch: 1) == [0, 1, 1, 1])
    let error = #expect(throws: TrainingError.self) {
      try ParameterRates.stages(["conv9": 1]).factors(of: stages, epoch: 0)
    }
    #expect(error?.message.contains("conv9") == true && error?.message.contains("conv3, conv4") == true)
  }
}
