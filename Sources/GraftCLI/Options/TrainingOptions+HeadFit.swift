import ArgumentParser
import Graft

/// `--optimizer lbfgs`: the head is fitted, and no step follows.
extension TrainingOptions {
  /// Whether the head alone is to be fitted.
  var fitsHead: Bool { optimizer == "lbfgs" }

  /// Lets a run end with the head that it starts from, which is the optimum.
  func fitHeadOnly(_ trainer: inout Trainer, _ head: HeadDesign?, _ freezing: FreezingOptions) throws {
    guard freezing.freeze == "all", head?.initialization == .linear else {
      throw ValidationError(
        "--optimizer lbfgs fits a new linear head and nothing else: it goes with --freeze all and --head-init linear"
      )
    }
    trainer.epochs = 0
    trainer.augmentation = .none
  }

  /// Refuses what would change nothing where the head is fitted.
  func refuseSteps(_ regularization: RegularizationOptions) throws {
    guard fitsHead else { return }
    guard labelSmoothing ?? 0 == 0 else {
      throw ValidationError(
        "--optimizer lbfgs fits the head to the labels as they are; leave --label-smoothing out")
    }
    if let name = (ofSteps + regularization.ofSteps).first(where: \.isGiven)?.name {
      throw ValidationError(
        "--optimizer lbfgs fits the head to its optimum without steps or changed pictures; leave --\(name) out"
      )
    }
  }

  /// What would change nothing without steps, and whether it was given something else than it has by itself. (`--epochs`
  /// is how many there are at most.)
  private var ofSteps: [(name: String, isGiven: Bool)] {
    [
      ("learning-rate", learningRate != Usual.learningRate),
      ("schedule", schedule != Usual.schedule), ("warmup", warmup != nil),
      ("weight-decay", weightDecay != nil),
      ("augment", augment != Usual.augmentation), ("stage-factor", stageFactor != 1),
      ("unfreeze-every", unfreezeEvery != 0), ("mixup", mixup != nil), ("cutmix", cutmix != nil),
      ("balanced", balanced), ("patience", patience != nil), ("average", average != nil),
      ("clip", clip != nil),
    ]
  }
}

extension RegularizationOptions {
  /// As of `TrainingOptions`.
  fileprivate var ofSteps: [(name: String, isGiven: Bool)] {
    [
      ("l2-penalty", l2Penalty != 0), ("l1-penalty", l1Penalty != 0),
      ("decay-kernels-only", decayKernelsOnly), ("clip-value", clipValue != nil),
      ("patience-measure", patienceMeasure != .loss),
    ]
  }
}
