internal import GraftEngine
package import GraftGraph
internal import GraftTensor
internal import Foundation

/// Where a run of training reads its pictures and leaves its states.
package struct TrainingSurroundings {
  /// Pictures to learn from.
  package var training: any PictureSource
  /// Pictures to judge the starting point and each epoch by.
  package var validation: (any PictureSource)?
  /// The layers whose results the validation pictures are given as.
  package var validationBoundary: [String]
  /// The network that is judged as epoch 0 and competes for best, where training begins from other weights.
  package var startingPoint: Network?
  /// Keeps a state so that it outlives the process.
  package var keep: Keep?
  /// Seconds between states that are kept within an epoch.
  package var secondsBetweenStates = 120.0

  /// Told when a state may be kept: at the end of each epoch, now and then within long ones, and where the run ends
  /// early by an error or by `report`: then it is urgent, as no other state will follow. Not told before the starting
  /// point is judged, and not of a step that failed where statistics move. `brief` is the state without its weights and
  /// slots, which take time to copy; `whole` copies them. Where it throws at the end of an epoch, it is told once more of
  /// the state before that end, so that a run that goes on from there ends the epoch again.
  package typealias Keep = (
    _ brief: TrainingState, _ isUrgent: Bool, _ whole: () -> TrainingState
  ) throws -> Void

  package init(
    training: any PictureSource, validation: (any PictureSource)?, validationBoundary: [String],
    startingPoint: Network? = nil, keep: Keep? = nil
  ) {
    self.training = training
    self.validation = validation
    self.validationBoundary = validationBoundary
    self.startingPoint = startingPoint
    self.keep = keep
  }
}

extension Trainer {
  /// Trains a network from its start or from a state to the end.
  ///
  /// - Parameters:
  ///   - start: the network at the start of the run, also where it is resumed.
  ///   - state: where an earlier run stopped; nil to begin.
  ///   - report: is told of each step and epoch; stops the run by throwing.
  /// - Returns: the last state, whose `best` are the weights of the best epoch.
  /// - Throws: `TrainingError`, what `TrainingPlan` throws, what `report` and the surroundings throw.
  package func run(
    _ start: Network, from state: TrainingState?, in surroundings: TrainingSurroundings,
    report: (TrainingEvent) throws -> Void
  ) throws -> TrainingState {
    let labels = surroundings.training.labels
    try check(pictures: labels.count)
    let run = try TrainingRun(start, self, from: state)
    var state = state ?? TrainingState(weights: .empty, slots: [])
    // The run has them.
    (state.weights, state.slots) = (.empty, [])
    let stepsPerEpoch = (labels.count + batchSize - 1) / batchSize

    func current() -> TrainingState {
      var current = state
      current.weights = run.weights
      current.slots = run.optimizer.slots
      return current
    }
    func keep(isUrgent: Bool = false) throws {
      try surroundings.keep?(state, isUrgent, current)
    }
    var isStopped = false
    func tell(_ event: TrainingEvent) throws {
      do { try report(event) } catch {
        isStopped = true
        throw error
      }
    }
    /// Whether the run stands between two steps.
    var isBetweenSteps = true
    /// Ends the epoch that the steps so far make up.
    func finish() throws {
      let open = state
      let number = state.step / stepsPerEpoch
      let startingPoint = number == 0 ? surroundings.startingPoint : nil
      let score = try evaluate(try startingPoint ?? run.result(), in: surroundings)
      var epoch = TrainingHistory.Epoch(
        number: number, training: nil, validation: score, learningRate: nil)
      if number > 0 {
        let count = Double(max(state.seen, 1))
        epoch.training = TrainingHistory.Score(
          loss: state.lossSum / count, accuracy: state.right / count)
        epoch.learningRate = learningRate.rate(
          at: state.step - 1, stepsPerEpoch: stepsPerEpoch, epochs: epochs)
      }
      state.history.epochs.append(epoch)
      (state.lossSum, state.right, state.seen) = (0, 0, 0)
      if state.history.best?.number == number {
        state.best = startingPoint?.weights(of: run.stateKeys) ?? run.resultingWeights
      }
      do { try keep() } catch {
        state = open
        throw error
      }
      try tell(.epochFinished(epoch))
    }

    /// Goes on to the end.
    func finishAll() throws -> TrainingState {
      while true {
        let epoch = state.step / stepsPerEpoch
        let first = state.step % stepsPerEpoch
        if first == 0 && state.history.epochs.count <= epoch { try finish() }
        let isOver =
          first == 0 && earlyStopping?.stops(after: state.history, warmup: learningRate.warmup) == true
        if epoch >= epochs || isOver { return current() }
        let order = sampling.pictures(labels: labels, seed: seed, epoch: epoch)
        let batches = stride(from: 0, to: labels.count, by: batchSize).map {
          order[$0..<min($0 + batchSize, labels.count)]
        }
        var lastKept = Date.now
        try surroundings.training.forEachBatch(Array(batches[first...]), epoch: epoch) { number, boundary in
          let wanted = surroundings.training.targets(batches[first + number], epoch: epoch)
          let rate = learningRate.rate(at: state.step, stepsPerEpoch: stepsPerEpoch, epochs: epochs)
          // A step that fails leaves weights as they were, but not statistics that move.
          isBetweenSteps = statistics == .frozen
          let (losses, logits) = try run.step(
            boundary: boundary, targets: wanted, learningRate: rate, epoch: epoch)
          isBetweenSteps = false
          let (sum, gain) = (losses.reduce(0, +), try loss.gain(logits, wanted))
          state.step += 1
          state.lossSum += sum
          state.right += gain
          state.seen += wanted.count
          isBetweenSteps = true
          if Date.now.timeIntervalSince(lastKept) > surroundings.secondsBetweenStates {
            try keep()
            lastKept = .now
          }
          let seen = Double(max(state.seen, 1))
          try tell(
            .epochGoesOn(
              epoch: epoch + 1, score: .init(loss: state.lossSum / seen, accuracy: state.right / seen),
              learningRate: rate))
          try tell(
            .stepFinished(
              step: state.step, of: epochs * stepsPerEpoch, loss: sum / Double(wanted.count)))
        }
      }
    }
    do { return try finishAll() } catch {
      // Before epoch 0 there is nothing that beginning anew would not give.
      if isBetweenSteps, !state.history.epochs.isEmpty {
        // Of two errors the first is to be told, unless the run was only stopped.
        if isStopped { try keep(isUrgent: true) } else { try? keep(isUrgent: true) }
      }
      throw error
    }
  }

  /// The loss and the figures on the validation pictures, if there are any.
  private func evaluate(
    _ network: @autoclosure () throws -> Network, in surroundings: TrainingSurroundings
  ) throws -> TrainingHistory.Score? {
    guard let validation = surroundings.validation, !validation.labels.isEmpty else { return nil }
    let evaluation = try BoundaryEvaluation(
      network(), boundary: surroundings.validationBoundary, trainable: trainable)
    let count = validation.labels.count
    // Class weights are for training; the loss that epochs are compared by counts all pictures alike, as in Keras.
    var loss = loss
    loss.classWeights = []
    let order = Array(0..<count)
    let batches = stride(from: 0, to: count, by: 32).map { order[$0..<min($0 + 32, count)] }
    var total = 0.0
    var outputs: [Float] = []
    try validation.forEachBatch(batches, epoch: 0) { number, boundary in
      let logits = try evaluation.logits(boundary)
      let targets = validation.targets(batches[number], epoch: 0)
      for value in try loss.evaluate(logits, targets).losses { total += value }
      outputs += logits.scalars
    }
    guard total.isFinite else {
      throw TrainingError(
        .diverged,
        "the loss on the held-out pictures is no longer a number; use a smaller learning rate, or a longer warm-up"
      )
    }
    return try loss.score(
      total / Double(count), Tensor(shape: [count, outputs.count / count], scalars: outputs),
      validation.targets(order[...], epoch: 0))
  }

  private func check(pictures: Int) throws {
    guard epochs >= 0, batchSize > 0, pictures > 0 else {
      throw TrainingError(
        .input, "\(pictures) pictures, \(epochs) epochs and batches of \(batchSize) make no run")
    }
  }

  /// The number of rows whose largest element, the first of equals, is the label's.
  static func right(_ logits: Tensor, _ labels: [Int]) -> Int {
    let classes = logits.count / max(labels.count, 1)
    return labels.indices.count { picture in
      let row = logits.scalars[picture * classes..<(picture + 1) * classes]
      return row.firstIndex(of: row.max() ?? 0) == picture * classes + labels[picture]
    }
  }
}
