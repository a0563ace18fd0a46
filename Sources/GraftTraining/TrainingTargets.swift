internal import GraftGraph
public import GraftTensor

/// What a network should say about pictures.
public enum TrainingTargets: Hashable, Sendable {
  /// One class each, from 0 on.
  case classes([Int])
  /// Pictures x outputs: for each label 1 where it holds and 0 where it does not, or numbers.
  case rows(Tensor)

  /// The number of pictures.
  public var count: Int {
    switch self {
    case .classes(let classes): classes.count
    case .rows(let rows): rows.shape.dimensions.first ?? 0
    }
  }

  /// As distributions, or as they are: pictures x outputs.
  ///
  /// - Throws: `TrainingError` with code `.input` if a label is none of the classes.
  func tensor(outputs: Int) throws -> Tensor {
    switch self {
    case .classes(let classes): try Loss.targets(classes, classes: outputs)
    case .rows(let rows): rows
    }
  }
}

extension Loss {
  /// The loss of each picture, and the gradient of the mean with respect to the outputs.
  func evaluate(
    _ outputs: Tensor, _ targets: TrainingTargets
  ) throws -> (losses: [Double], gradient: Tensor) {
    switch targets {
    case .classes(let labels): try evaluate(outputs, labels)
    case .rows(let rows): try evaluate(outputs, targets: rows)
    }
  }

  /// What a network's last activation must be, for the outputs before it to be what the loss compares.
  func fits(_ activation: Activation) -> Bool {
    switch form {
    case .softmax: activation != .sigmoid
    case .sigmoid: activation != .softmax
    case .squares, .smoothL1: activation != .softmax && activation != .sigmoid
    }
  }

  /// What the loss needs, in words.
  var need: String {
    switch form {
    case .softmax: "cross-entropy needs a network that ends in one number a class and softmax"
    case .sigmoid:
      "cross-entropy of several labels needs a network that ends in one number a label and sigmoid"
    case .squares, .smoothL1:
      "coordinates need a network that ends in one number each, without softmax or sigmoid"
    }
  }
}
