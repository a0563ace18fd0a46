/// When to end a run that no longer gets better: a rule over its history alone, so that a resumed run ends where an
/// undisturbed one does. `EarlyStopping` in Keras.
///
/// ```swift
/// if EarlyStopping(patience: 3).stops(after: history) { … }
/// ```
public struct EarlyStopping: Hashable, Sendable, Codable {
  /// What is watched, over the validation pictures.
  public enum Measure: String, Hashable, Sendable, Codable, CaseIterable {
    /// The mean loss, which should fall.
    case loss
    /// The share of right answers, which should rise.
    case accuracy
  }

  /// What is watched.
  public var measure: Measure
  /// Epochs without improvement that are borne.
  public var patience: Int
  /// What counts as an improvement: more than this.
  public var leastImprovement: Double

  /// A rule.
  ///
  /// - Precondition: `patience` is at least 1 and `leastImprovement` not negative.
  public init(patience: Int, measure: Measure = .loss, leastImprovement: Double = 0) {
    precondition(
      patience >= 1 && leastImprovement >= 0,
      "a rule that bears \(patience) epochs without an improvement of more than \(leastImprovement)")
    self.patience = patience
    self.measure = measure
    self.leastImprovement = leastImprovement
  }

  /// Whether a run should end after the last epoch of its history: there were `patience` epochs or more since the last
  /// one that was better than all before it. The starting point is one to be beaten. Epochs without validation do not
  /// count, nor do those of a warm-up: a network whose rate still grows has not had its chance.
  ///
  /// - Parameters:
  ///   - history: the epochs so far.
  ///   - warmup: epochs in which the rate grows; a part of one counts as a whole one.
  public func stops(after history: TrainingHistory, warmup: Double = 0) -> Bool {
    var best: Double?
    var waited = 0
    for epoch in history.epochs {
      guard let score = epoch.validation else { continue }
      // Larger is better, either way.
      let value = measure == .loss ? -score.loss : score.accuracy
      if best.map({ value > $0 + leastImprovement }) ?? true {
        best = value
        waited = 0
      } else if Double(epoch.number) >= warmup + 1 {
        waited += 1
      }
    }
    return waited >= patience
  }
}
