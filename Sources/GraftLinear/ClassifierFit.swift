internal import GraftData
internal import GraftFeatures

/// Makes a classifier of rows: checks, the choice of the penalty, the final fit.
struct ClassifierFit<Method: ClassifierMethod> {
  var method: Method
  var l1: PenaltyStrength = 0
  var l2: PenaltyStrength
  var options: FittingOptions

  /// What a fit is given.
  struct Input {
    var features: FeatureMatrix
    var classIndices: [Int] = []
    /// In place of `classIndices`, where a row may belong to any number of classes.
    var labelSets: LabelSets?
    var labels: Labels
    var sampleWeights: [Double]?
    var digests: [String]?
    var paths: [String]?
  }

  func run(_ input: Input, progress: (FitEvent) throws -> Void) throws -> LinearClassifier {
    try checkOptions()
    let rows = FeatureRows(input.features)
    let (targets, weights, counts) = try targets(input, rows)
    let set = TrainingSet(
      rows: rows, targets: targets, weights: weights,
      standardization: try Standardization(rows, paths: input.paths))
    let (parameters, facts) = try solve(set, counts: counts, digests: input.digests, progress)
    return LinearClassifier(
      labels: input.labels, parameters: parameters, standardization: set.standardization, training: facts,
      activation: method.meaning == .separateLogits ? .sigmoid : .softmax)
  }

  func checkOptions() throws {
    try options.check()
    try l1.check()
    try l2.check()
  }

  /// Chooses the penalty if that is wanted, and minimises.
  ///
  /// - Returns: the rows of W, then b, for standardized features; and how they were found.
  func solve(
    _ set: TrainingSet, counts: [Int], digests: [String]?, _ progress: (FitEvent) throws -> Void
  ) throws -> (parameters: [Double], training: LinearClassifier.Training) {
    let usesCurvature =
      method.kind.isIterative && GramMatrix.isWorthwhile(rows: set.rows, outputs: set.classes)
    let gram = usesCurvature ? try GramMatrix(set.rows, set.standardization) : nil
    let choice = try choice(set, gram, digests: digests, progress)
    let penalty =
      choice.path.map { Penalty(l1: $0.points[$0.chosen].l1 ?? 0, l2: $0.l2) }
      ?? Penalty(l1: l1.value ?? 0, l2: l2.value ?? 0)
    var fit = try method.prepare(set, gram: gram)
    let limits = SolverLimits(tolerance: options.tolerance, maxIterations: options.maxIterations)
    let solution = try fit.solve(penalty, limits) {
      try progress(.step($0, objective: $1, gradientNorm: $2))
    }
    let facts = LinearClassifier.Training(
      l2: penalty.l2, path: choice.path, rows: set.rows.count, classCounts: counts,
      iterations: solution.iterations, outcome: .init(solution.outcome), gradientNorm: solution.gradientNorm,
      objective: solution.value, logLoss: solution.loss, method: method.kind,
      l1: penalty.l1 > 0 ? penalty.l1 : nil, temperature: choice.temperature,
      classWeights: options.classWeights == .uniform ? nil : options.classWeights)
    return (solution.parameters, facts)
  }

  private func targets(
    _ input: Input, _ rows: FeatureRows
  ) throws -> (targets: Targets, weights: RowWeights, counts: [Int]) {
    if let sets = input.labelSets {
      let counts = try TrainingRows.counts(
        rows, labelSets: sets, labels: input.labels, digests: input.digests, paths: input.paths)
      guard options.classWeights == .uniform else {
        throw LinearError(
          .invalidOption, "classes are not weighted where a picture may belong to several; weight the rows")
      }
      if let weights = input.sampleWeights { try ClassWeights.check(weights, rows: rows.count) }
      let targets = Targets(
        classes: input.labels.count,
        classIndices: (0..<sets.count).map { sets[$0].min() ?? input.labels.count }, labelSets: sets)
      return (targets, input.sampleWeights.map(RowWeights.init) ?? RowWeights(uniform: rows.count), counts)
    }
    let counts = try TrainingRows.counts(
      rows, classIndices: input.classIndices, labels: input.labels, digests: input.digests,
      paths: input.paths)
    let weights = try options.classWeights.rows(
      classIndices: input.classIndices, counts: counts, sampleWeights: input.sampleWeights)
    return (Targets(classes: input.labels.count, classIndices: input.classIndices), weights, counts)
  }

  /// The penalty, where it is to be found, and the temperature, where scores need one. Neither sees anything but the
  /// training rows.
  private func choice(
    _ set: TrainingSet, _ gram: GramMatrix?, digests: [String]?, _ progress: (FitEvent) throws -> Void
  ) throws -> (path: RegularizationPath?, temperature: Double?) {
    func report(done: Int, total: Int) throws { try progress(.crossValidating(done: done, total: total)) }
    let search = PenaltySearch(l1: l1, l2: l2, rule: options.selection, seed: options.seed)
    guard search.isNeeded || method.meaning == .ranking else { return (nil, nil) }
    do {
      var validation = try CrossValidation(method, set, gram: gram, options: options, digests: digests)
      if search.isNeeded {
        let path = try search.run(&validation, strengths: method.strengths, progress: report)
        return (path, path.points[path.chosen].temperature)
      }
      let folds = validation.folds
      let point = try validation.judge(Penalty(l1: l1.value ?? 0, l2: l2.value ?? 0)) {
        try report(done: $0, total: folds)
      }
      try report(done: folds, total: folds)
      return (nil, point.temperature)
    } catch let error as LinearError where error.code == .cannotCrossValidate && !search.isNeeded {
      // The classes that are chosen do not depend on the temperature.
      return (nil, nil)
    }
  }
}
