internal import GraftData
public import GraftReport

extension ReportPage {
  /// A page about how well a model does.
  ///
  /// - Parameters:
  ///   - assessment: the figures.
  ///   - title: what was judged, as the heading.
  ///   - facts: what was judged with what, below the heading.
  ///   - galleryLimit: how many pictures each gallery shows at most.
  public init(_ assessment: Assessment, title: String, facts: [Fact] = [], galleryLimit: Int = 24) {
    let evaluation = assessment.evaluation
    guard evaluation.count > 0 else {
      self.init(title: title, lead: "No picture could be judged.", facts: facts)
      return
    }
    let section = AssessmentSections(assessment, galleryLimit: galleryLimit)
    self.init(
      title: title, lead: section.lead, facts: facts,
      sections: [
        section.glance, section.comparison, section.classes, section.confusions, section.reliability,
        section.thresholds, section.labels, section.mistakes, section.duplicates, section.measures,
      ].compactMap(\.self))
  }

  /// A page about how well models do on a folder of pictures, with what there is to say about them.
  ///
  /// - Parameters:
  ///   - assessment: the figures.
  ///   - ensemble: the models.
  ///   - pictures: the folder, as people call it.
  ///   - models: what the models are called.
  public init(_ assessment: Assessment, of ensemble: ClassifierEnsemble, pictures: String, models: [String]) {
    var facts = [Fact("pictures", pictures), Fact("model", models.joined(separator: ", "))]
    for model in ensemble.models {
      facts += [
        Fact("network", "\(model.facts.architecture), input \(model.inputSize)×\(model.inputSize)"),
        Fact("weights", model.facts.weights),
        Fact("preprocessing", model.preprocessing.summary(size: model.inputSize)),
      ]
    }
    facts.append(Fact("classes", "\(ensemble.classes.count)"))
    if ensemble.opinions > 1 { facts.append(Fact("opinions averaged", "\(ensemble.opinions)")) }
    self.init(assessment, title: "How good is \(models.joined(separator: ", "))?", facts: facts)
  }
}

/// The parts of a page about how well a model does.
struct AssessmentSections {
  let assessment: Assessment
  let galleryLimit: Int

  init(_ assessment: Assessment, galleryLimit: Int) {
    self.assessment = assessment
    self.galleryLimit = galleryLimit
  }

  var evaluation: Evaluation { assessment.evaluation }

  /// The classes that have pictures.
  var present: [Evaluation.ClassScore] { evaluation.perClass.filter { $0.support > 0 } }

  /// The result in a sentence.
  var lead: String {
    let right = "\(evaluation.correct) of \(evaluation.count) pictures are recognised"
    guard let interval = assessment.intervals?.accuracy else { return right + "." }
    return right + ": \(ReportText.percent(evaluation.accuracy)), and between \(Self.span(interval)) "
      + "with 95 % confidence on other pictures of the same kind."
  }

  static func span(_ interval: BootstrapIntervals.Interval, isShare: Bool = true) -> String {
    isShare
      ? "\(ReportText.percent(interval.lower)) and \(ReportText.percent(interval.upper))"
      : "\(ReportText.decimal(interval.lower)) and \(ReportText.decimal(interval.upper))"
  }

  var glance: ReportPage.Section {
    let intervals = assessment.intervals
    func share(
      _ name: String, _ value: Double, _ interval: BootstrapIntervals.Interval?
    ) -> ReportPage.Figure {
      .init(name, ReportText.percent(value), note: interval.map { "between " + Self.span($0) })
    }
    func number(
      _ name: String, _ value: Double, _ interval: BootstrapIntervals.Interval?
    ) -> ReportPage.Figure {
      .init(
        name, ReportText.decimal(value),
        note: interval.map { "between " + Self.span($0, isShare: false) })
    }
    var figures = [share("accuracy", evaluation.accuracy, intervals?.accuracy)]
    if evaluation.classes.count > evaluation.topCount {
      figures.append(
        share("top-\(evaluation.topCount) accuracy", evaluation.topAccuracy, intervals?.topAccuracy))
    }
    figures += [
      share("balanced accuracy", evaluation.balancedAccuracy, intervals?.balancedAccuracy),
      share("macro F1", evaluation.macroF1, intervals?.macroF1),
      .init("area under ROC", ReportText.decimal(assessment.curves.macroROCArea), note: "macro"),
      .init(
        "average precision", ReportText.decimal(assessment.curves.macroAveragePrecision),
        note: "macro"),
      number("log loss", evaluation.logLoss, intervals?.logLoss),
      number("Brier score", evaluation.brier, intervals?.brier),
      share(
        "calibration error", evaluation.reliability.expectedError, intervals?.expectedCalibrationError),
    ]
    return .init("At a glance", blocks: [.figures(figures), .remarks(remarks)])
  }

  var comparison: ReportPage.Section? {
    guard let comparison = assessment.comparison else { return nil }
    let test = comparison.test
    let verdict =
      test.pValue < 0.05
      ? "The difference is larger than chance explains (p = \(ReportText.significant(test.pValue)))."
      : "Chance explains such a difference (p = \(ReportText.significant(test.pValue))): these pictures do not tell "
        + "which of the two is better."
    return .init(
      "Compared with another model",
      text:
        "\(verdict) McNemar's test, \(test.method.rawValue), on the pictures that only one of them gets right.",
      blocks: [
        .figures([
          .init("this model", ReportText.percent(comparison.accuracy)),
          .init("other model", ReportText.percent(comparison.otherAccuracy)),
          .init("only this one right", "\(test.onlyFirst)"),
          .init("only the other right", "\(test.onlySecond)"),
          .init("both right", "\(comparison.bothRight)"), .init("both wrong", "\(comparison.bothWrong)"),
        ])
      ])
  }

  var measures: ReportPage.Section {
    let rows: [(String, String)] = [
      ("accuracy", "share of pictures whose likeliest class is the right one"),
      ("top-k accuracy", "share of pictures whose right class is among the k likeliest"),
      ("precision", "of the pictures given a class, the share that are of it"),
      ("recall", "of the pictures of a class, the share given it"),
      ("F1", "harmonic mean of precision and recall"),
      ("balanced accuracy", "mean recall of the classes that have pictures"),
      ("macro", "mean over classes, each counting the same"),
      ("weighted", "mean over classes, each counting as often as it has pictures"),
      ("log loss", "mean of −ln of the right class's probability; 0 is best, heavy on sure mistakes"),
      (
        "Brier score", "mean over pictures of the squared differences between probabilities and truth; 0 to 2"
      ),
      (
        "calibration error",
        "mean difference between confidence and share of right answers, in 15 bins of confidence"
      ),
      (
        "area under ROC",
        "how likely a picture of the class has a higher probability than another; 0.5 is chance"
      ),
      ("average precision", "area under the precision-recall curve, by steps"),
      ("intervals", "95 % of figures when pictures are drawn anew with replacement (bootstrap percentiles)"),
    ]
    return .init(
      "What the measures are",
      blocks: [
        .table(
          ReportTable(
            headings: [.init("measure"), .init("meaning")], rows: rows.map { [.init($0.0), .init($0.1)] }))
      ])
  }
}
