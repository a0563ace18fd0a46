public import GraftReport
internal import GraftTraining

extension LearningRateFinding {
  /// The losses over the rate, with the suggested one marked, as a page.
  public var page: ReportPage {
    ReportPage(
      title: "Learning-rate range test", lead: conclusion,
      sections: [
        ReportPage.Section(
          "Losses",
          text:
            "One step at each rate, each larger than the one before. The loss of a step is compared with that of the "
            + "starting network on the same pictures.", blocks: [.plot(plot)])
      ])
  }

  private var plot: Plot {
    // Where the loss explodes it would leave no room for the rest.
    let finite = test.smoothed.filter(\.isFinite)
    let (least, first) = (finite.min() ?? 0, finite.first ?? 1)
    let largest = max(min(finite.max() ?? first, 2 * first - least), first + 0.2 * abs(first))
    let range = max(least - 0.1 * (largest - least), 0)...largest
    func points(_ losses: [Double]) -> [Plot.Point] {
      losses.indices.map { Plot.Point(test.rate(at: $0), losses[$0]) }
    }
    var lines = [Plot.Line("smoothed", points(test.smoothed)), Plot.Line("each step", points(test.losses))]
    lines[1].style = .dashed
    if let (rate, _) = test.advice {
      lines.append(
        Plot.Line(
          "suggested rate",
          [Plot.Point(rate, range.lowerBound), Plot.Point(rate, range.upperBound)], style: .reference))
    }
    return Plot(
      "Loss", x: Axis("learning rate", isLogarithmic: true), y: Axis("loss", range: range), lines: lines)
  }
}
