/// The classifiers by what they minimise; their options are in files of their own.

struct MultinomialMethod: ClassifierMethod {
  var labelSmoothing = 0.0
  var kind: LinearClassifier.Method { .logistic }
  var meaning: ScoreMeaning { .logits }

  func prepare(_ rows: TrainingSet, gram: GramMatrix?) throws -> LinearSolver<MultinomialLoss> {
    LinearSolver(
      rows, loss: MultinomialLoss(classIndices: rows.targets.classIndices, labelSmoothing: labelSmoothing),
      gram: gram)
  }
}

struct SigmoidMethod: ClassifierMethod {
  var labelSmoothing = 0.0
  var kind: LinearClassifier.Method { .multiLabel }
  var meaning: ScoreMeaning { .separateLogits }

  func prepare(_ rows: TrainingSet, gram: GramMatrix?) throws -> LinearSolver<SigmoidLoss> {
    let sets = rows.targets.labelSets ?? LabelSets(rows.targets.classIndices.map { [$0] })
    return LinearSolver(
      rows, loss: SigmoidLoss(labelSets: sets, labelSmoothing: labelSmoothing), gram: gram)
  }
}

struct SquaredHingeMethod: ClassifierMethod {
  var kind: LinearClassifier.Method { .svm }
  var meaning: ScoreMeaning { .ranking }

  func prepare(_ rows: TrainingSet, gram: GramMatrix?) throws -> LinearSolver<SquaredHingeLoss> {
    LinearSolver(
      rows, loss: SquaredHingeLoss(classIndices: rows.targets.classIndices), gram: gram, penalizesBias: true)
  }
}

struct HingeMethod: ClassifierMethod {
  var kind: LinearClassifier.Method { .hinge }
  var meaning: ScoreMeaning { .ranking }

  func prepare(_ rows: TrainingSet, gram: GramMatrix?) throws -> HingeSolver {
    try HingeSolver(rows, gram: gram)
  }
}

struct RidgeMethod: ClassifierMethod {
  var kind: LinearClassifier.Method { .ridge }
  var meaning: ScoreMeaning { .ranking }
  /// Squares of correlated features are large: 1000 to 0.001.
  var strengths: [Double] { halfDecades(from: 3, to: -3) }

  func prepare(_ rows: TrainingSet, gram: GramMatrix?) throws -> RidgeSolver { try RidgeSolver(rows) }
}

struct CentroidMethod: ClassifierMethod {
  var kind: LinearClassifier.Method { .centroid }
  var meaning: ScoreMeaning { .ranking }

  func prepare(_ rows: TrainingSet, gram: GramMatrix?) throws -> CentroidSolver { try CentroidSolver(rows) }
}

struct NumbersMethod: ClassifierMethod {
  var kind: LinearClassifier.Method { .ridge }
  var meaning: ScoreMeaning { .numbers }

  func prepare(_ rows: TrainingSet, gram: GramMatrix?) throws -> LinearSolver<SquaredLoss> {
    LinearSolver(rows, loss: SquaredLoss(values: rows.targets.values ?? []), gram: gram)
  }
}
