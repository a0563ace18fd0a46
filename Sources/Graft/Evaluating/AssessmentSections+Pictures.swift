internal import GraftData
internal import GraftReport

extension AssessmentSections {
  var labels: ReportPage.Section? {
    let all = assessment.suspiciousLabels
    guard !all.isEmpty else { return nil }
    return .init(
      "Labels that may be wrong",
      text:
        "Pictures of which the model is as sure as it usually is of another class's own pictures. Look at each: "
        + "either the label is wrong, or the picture is one that the model has to learn."
        + remainder(of: all.count),
      blocks: [.gallery(all.prefix(galleryLimit).map(item))])
  }

  var mistakes: ReportPage.Section? {
    let suspicious = Set(assessment.suspiciousLabels.map(\.row))
    let all = Evaluation(assessment.judged, mistakeLimit: galleryLimit + suspicious.count).worstMistakes
      .filter { !suspicious.contains($0.row) }
    guard !all.isEmpty else { return nil }
    return .init(
      suspicious.isEmpty ? "The worst mistakes" : "The worst of the other mistakes",
      text: "Pictures whose right class was thought least likely.",
      blocks: [.gallery(all.prefix(galleryLimit).map(item))])
  }

  var duplicates: ReportPage.Section? {
    guard let found = assessment.trainingDuplicates else { return nil }
    let compared =
      "\(ReportText.plural(found.count, "picture")) were compared with \(ReportText.plural(found.otherCount, "picture")) "
      + "that the model was trained on, by how alike their features are (1 for equal ones)."
    guard !found.pairs.isEmpty else {
      return .init(
        "Pictures that may be in the training set too",
        text: "\(compared) None reaches \(ReportText.decimal(found.threshold)).", blocks: [])
    }
    return .init(
      "Pictures that may be in the training set too",
      text:
        "\(compared) \(found.pairs.count) reach \(ReportText.decimal(found.threshold)). A model "
        + "recognises what it was trained on; such pictures make it look better than it is. Left the picture judged, right "
        + "the one of the training set." + remainder(of: found.pairs.count),
      blocks: [
        .gallery(
          found.pairs.prefix(galleryLimit).map { pair in
            GalleryItem(
              pictures: [.init(path: pair.path), .init(path: pair.other)],
              title: pair.isSameFile
                ? "the same file" : "alike \(ReportText.decimal(pair.similarity))",
              lines: [pair.path, pair.other])
          })
      ])
  }

  private func remainder(of count: Int) -> String {
    count > galleryLimit ? " The first \(galleryLimit) of \(count) are shown." : ""
  }

  private func item(_ mistake: Evaluation.Mistake) -> GalleryItem {
    GalleryItem(
      pictures: mistake.path.map { [.init(path: $0)] } ?? [],
      title: "\(mistake.label) → \(mistake.predicted)",
      lines: [
        "said \(mistake.predicted) with \(ReportText.percent(Double(mistake.probability)))",
        "\(mistake.label) with \(ReportText.percent(Double(mistake.labelProbability)))",
        mistake.path ?? "row \(mistake.row)",
      ])
  }
}
