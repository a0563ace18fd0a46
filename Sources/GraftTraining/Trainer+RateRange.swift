package import GraftGraph
internal import GraftTensor

extension Trainer {
  /// Makes steps at growing rates, from the start of a run on, and records their losses. All stages that would ever train
  /// take part from the first step. The rest of an epoch that fills no batch is left out: its mean would say less.
  ///
  /// Some batches are harder than others, by more than training changes in a few steps. So the starting network is asked
  /// about each batch too, and recorded is its mean loss over all batches plus what this batch's loss has changed by.
  ///
  /// - Parameters:
  ///   - test: the rates.
  ///   - start: the network at the start of a run.
  ///   - pictures: pictures to learn from.
  ///   - report: is told after each step; stops the test by throwing.
  /// - Returns: the test with its losses.
  /// - Throws: as `run` does, but not for a loss that is no longer a number, which ends the test.
  package func recording(
    _ test: RateRangeTest, of start: Network, on pictures: any PictureSource,
    report: (RateRangeTest) throws -> Void
  ) throws -> RateRangeTest {
    struct IsOver: Error {}
    let labels = pictures.labels
    guard batchSize > 0, !labels.isEmpty else {
      throw TrainingError(
        .input, "\(labels.count) pictures and batches of \(batchSize): all must be positive")
    }
    let (run, reference) = (try TrainingRun(start, self), try TrainingRun(start, self))
    let size = min(batchSize, labels.count)
    var (current, epoch, changes, sum) = (test, 0, [Double](), 0.0)
    do {
      while changes.count < test.steps {
        let order = sampling.pictures(labels: labels, seed: seed, epoch: epoch)
        let batches = stride(from: 0, through: labels.count - size, by: size).map {
          order[$0..<$0 + size]
        }.prefix(test.steps - changes.count)
        try pictures.forEachBatch(Array(batches), epoch: epoch) { number, boundary in
          let (step, targets) = (changes.count, pictures.targets(batches[number], epoch: epoch))
          let before = Self.mean(try reference.losses(boundary: boundary, targets: targets, step: step))
          let after = try loss(run, boundary, targets, rate: test.rate(at: step))
          sum += before
          changes.append(after - before)
          current.record(loss: sum / Double(changes.count) + after - before)
          try report(current)
          if current.hasDiverged { throw IsOver() }
        }
        epoch += 1
      }
    } catch is IsOver {}
    var result = test
    for change in changes { result.record(loss: sum / Double(changes.count) + change) }
    return result
  }

  private static func mean(_ losses: [Double]) -> Double {
    losses.reduce(0, +) / Double(max(losses.count, 1))
  }

  /// The mean loss of a step; not a number where it is none.
  private func loss(
    _ run: TrainingRun, _ boundary: [Tensor], _ targets: TrainingTargets, rate: Double
  ) throws -> Double {
    do {
      // An epoch by which every stage has begun to train.
      return Self.mean(
        try run.step(boundary: boundary, targets: targets, learningRate: rate, epoch: 1_000_000).losses)
    } catch let error as TrainingError where error.code == .diverged {
      return .nan
    }
  }
}
