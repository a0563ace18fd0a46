import Foundation
import Graft
import GraftTraining

/// Trains a network for some steps on given batches, for the comparison with Keras; see check_training.py.
///
/// usage: graft-training-steps MODEL.h5 JOB.h5 RESULT.h5
///
/// JOB holds `pictures` (preprocessed), `labels`, `batch` and `steps` (numbers), perhaps `trainable` (names of
/// layers; without it all train), `optimizers` (names) and `rates`, one each. Batches are taken in order, again and
/// again. RESULT gets for each optimizer `<optimizer>/losses`, one a step, and `<optimizer>/weights/<layer>/<name>`.
@main
enum TrainingSteps {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 4 else {
      FileHandle.standardError.write(Data("usage: graft-training-steps MODEL.h5 JOB.h5 RESULT.h5\n".utf8))
      exit(64)
    }
    let network = try PretrainedNetwork(classifier: .file(arguments[1])).network
    let job = try HDF5File(arguments[2], mode: .read).root
    let result = try HDF5File(arguments[3], mode: .create)
    let pictures = try job.dataset("pictures").readFloats()
    let labels = try job.dataset("labels").readIntegers()
    let batch = try job.dataset("batch").readIntegers()[0]
    let steps = try job.dataset("steps").readIntegers()[0]
    let names = try job.dataset("optimizers").readStrings()
    let rates = try job.dataset("rates").readDoubles()
    let layers = try job.datasetIfPresent("trainable").map { Set(try $0.readStrings()) }
    let trainable = layers.map { layers in ParameterSelection.matching { layers.contains($0.layer) } } ?? .all

    for (name, rate) in zip(names, rates) {
      var trainer = Trainer(trainable: trainable, epochs: 1, learningRate: .constant(rate))
      trainer.optimizer = try optimizer(name)
      let run = try TrainingRun(network, trainer)
      let size = network.graph.inputShape.count
      var losses: [Double] = []
      for step in 0..<steps {
        let first = step * batch % labels.count
        let input = Tensor(
          shape: Shape([batch] + network.graph.inputShape.dimensions),
          scalars: Array(pictures[first * size..<(first + batch) * size]))
        let found = try run.step(
          input, labels: Array(labels[first..<first + batch]), learningRate: rate
        ).losses
        losses.append(found.reduce(0, +) / Double(batch))
      }
      let group = try result.root.createGroup(name)
      try group.createDataset("losses", type: .float64, shape: [steps]).write(losses)
      for (key, tensor) in try run.network().parameters.tensors {
        let path = "weights/\(key.layer)/\(key.name)"
        try group.createDataset(path, type: .float32, shape: tensor.shape.dimensions).write(tensor.scalars)
      }
    }
    try result.close()
  }

  private static func optimizer(_ name: String) throws -> Optimizer {
    switch name {
    case "sgd": return .sgd(momentum: 0.9)
    case "rmsprop": return .rmsProp()
    case "adam": return .adam()
    case "adamw": return .adamW()
    default: throw CocoaError(.featureUnsupported, userInfo: [NSDebugDescriptionErrorKey: name])
    }
  }
}
