import Foundation
import Graft

/// Trains Graft's default network from random weights and writes default.h5; see weights/README.md.
///
/// usage: graft-pretraining PICTURES RUN OUTPUT.h5
///
/// PICTURES is what `pictures.py pretraining` draws: `train` to learn from, `val` to choose the best epoch by, `judge` for
/// the accuracy that is written into the file. RUN is a folder for the states of the run: stopped at any moment, the
/// same command goes on from there, and ends with the same bytes.
@main
enum Pretraining {
  /// Epochs at one input size: first small pictures, which are quick, then the network's own.
  struct Phase {
    var side: Int
    var epochs: Int
    var learningRate: LearningRate
  }

  static let phases = [
    Phase(side: 64, epochs: 5, learningRate: .constant(3e-3).warmingUp(0.5)),
    Phase(side: 128, epochs: 2, learningRate: .cosine(peak: 2e-3, warmup: 0.2)),
  ]
  static let seed: UInt64 = 1

  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 4 else {
      say("usage: graft-pretraining PICTURES RUN OUTPUT.h5")
      exit(64)
    }
    let (folder, run, output) = (arguments[1], arguments[2], arguments[3])
    let pictures = try DividedPictures(
      training: ImageFolder(folder + "/train"), validation: ImageFolder(folder + "/val"))
    var last: String?
    for (number, phase) in phases.enumerated() {
      let path = "\(run)/phase-\(number + 1).h5"
      if !FileManager.default.fileExists(atPath: path) {
        try train(phase, from: last, on: pictures, states: "\(run)/phase-\(number + 1)", to: path)
      }
      last = path
    }
    guard let last else { return }
    let judged = try ImageClassifier(contentsOf: last).evaluate(ImageFolder(folder + "/judge"))
    say("accuracy on \(judged.count) pictures to judge by: \(judged.accuracy)")
    // Without the classifier, which knows the drawn families alone.
    try PretrainedNetwork(.file(last)).saveWeights(
      to: output, figures: ["pretraining_held_out_top1": judged.accuracy])
  }

  /// Trains for a phase, from random weights if it is the first.
  private static func train(
    _ phase: Phase, from last: String?, on pictures: DividedPictures, states: String, to path: String
  ) throws {
    let start =
      try last.map { try PretrainedNetwork(classifier: .file($0), inputSize: phase.side) }
      ?? PretrainedNetwork(.random(seed: seed), inputSize: phase.side)
    var trainer = Trainer(trainable: .all, epochs: phase.epochs, learningRate: phase.learningRate)
    trainer.optimizer = .adamW(weightDecay: 1e-3)
    trainer.batchSize = 64
    trainer.seed = seed
    trainer.statistics = .updated
    trainer.augmentation = .crop(scale: 0.5...1).then(.flip)
    let tuner = FineTuner(
      trainer, head: last == nil ? HeadDesign(initialization: .glorot) : nil,
      caching: ActivationCaching(directory: nil))
    let result = try tuner.fit(
      start, on: pictures, checkpointsIn: states, resumes: true, report: { report($0, of: phase) })
    try result.model.save(to: path)
  }

  private static func report(_ event: FineTuningEvent, of phase: Phase) {
    switch event {
    case .training(.epochFinished(let epoch)):
      let (seen, held) = (epoch.training?.accuracy ?? .nan, epoch.validation?.accuracy ?? .nan)
      say(
        "\(phase.side) px, epoch \(epoch.number) of \(phase.epochs): accuracy \(seen), on val \(held)")
    case .training(.stepFinished(let step, let total, let loss)) where step % 100 == 0:
      say("\(phase.side) px, step \(step) of \(total): loss \(loss)")
    default: break
    }
  }

  private static func say(_ text: String) {
    FileHandle.standardError.write(Data("\(text)\n".utf8))
  }
}
