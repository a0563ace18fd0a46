extension JudgedPictures {
  /// Pictures whose label may be wrong: the model is surer of another class than it is on average of that class's own
  /// pictures.
  ///
  /// That is the criterion of confident learning (Northcutt, Jiang and Chuang, 2021, arXiv 1911.00068, equation 2): a
  /// picture counts for class j if its probability of j is at least the mean probability of j over the pictures that are
  /// labelled j, and of several such classes for the likeliest. Those that count for another class than their label are
  /// given, the surest first; only pictures held out from training tell much.
  public var suspiciousLabels: [Evaluation.Mistake] {
    let width = classes.count
    var sums = [Double](repeating: 0, count: width)
    var support = [Int](repeating: 0, count: width)
    for (row, label) in truth.enumerated() {
      sums[label] += Double(probability(row: row, of: label))
      support[label] += 1
    }
    let found = outcomes.enumerated().filter { _, outcome in
      guard !outcome.isRight, support[outcome.predicted] > 0 else { return false }
      let usual = sums[outcome.predicted] / Double(support[outcome.predicted])
      return Double(outcome.probability) >= usual
    }
    return found.sorted { first, second in
      let (a, b) = (first.element, second.element)
      let (left, right) = (a.probability - a.labelProbability, b.probability - b.labelProbability)
      return left == right ? first.offset < second.offset : left > right
    }.map { mistake(row: $0.offset, $0.element) }
  }
}
