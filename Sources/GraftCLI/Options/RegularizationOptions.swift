public import ArgumentParser
public import Graft

/// What keeps a network from learning its pictures by heart, beside what training always has.
struct RegularizationOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: "Add this times the sum of squared weights to the loss (L2; with --l1-penalty the elastic net).")
  var l2Penalty = 0.0

  @Option(
    parsing: .unconditional, help: "Add this times the sum of the weights' absolute values to the loss (L1).")
  var l1Penalty = 0.0

  @Flag(help: "Leave biases and the scales and offsets of normalizations out of decay and penalties.")
  var decayKernelsOnly = false

  @Option(parsing: .unconditional, help: "Cut each number of the gradient at plus and minus this.")
  var clipValue: Double?

  @Option(
    help: """
      How much the pictures of each class count: `equal`, `balanced` (all classes alike), or numbers by name, such as \
      cat=2,dog=0.5.
      """)
  var classWeights = "equal"

  @Option(help: "What --patience watches on the held-out pictures: loss or accuracy.")
  var patienceMeasure = EarlyStopping.Measure.loss

  func validate() throws {
    for (name, value) in [("l1-penalty", l1Penalty), ("l2-penalty", l2Penalty)] {
      guard value >= 0, value.isFinite else {
        throw ValidationError("--\(name) must be 0 or more, not \(value)")
      }
    }
    if let clipValue, !(clipValue > 0 && clipValue.isFinite) {
      throw ValidationError("--clip-value must be above 0, not \(clipValue)")
    }
    _ = try weighting()
  }

  /// How much classes count.
  func weighting() throws -> ClassWeighting {
    do { return try ClassWeighting(parsing: classWeights) } catch {
      throw ValidationError("--class-weights: \(error)")
    }
  }

  /// How much the classes of these pictures count.
  func weighting(of pictures: DividedPictures) throws -> ClassWeighting {
    let weighting = try weighting()
    guard weighting != .equal else { return weighting }
    do {
      _ = try weighting.weights(
        of: Array(0..<pictures.labels.count), classes: pictures.labels, task: pictures.task)
    } catch { throw ValidationError("--class-weights: \(error)") }
    return weighting
  }

  /// Sets the options of a trainer.
  func apply(to trainer: inout Trainer) {
    trainer.optimizer.l1 = l1Penalty
    trainer.optimizer.l2 = l2Penalty
    if decayKernelsOnly { trainer.rates = trainer.rates.decayingKernelsOnly() }
    if let clipValue { trainer.optimizer.clipping = .value(clipValue) }
    trainer.earlyStopping?.measure = patienceMeasure
  }
}

extension EarlyStopping.Measure: ExpressibleByArgument {}
