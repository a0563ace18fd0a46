import Foundation
import GraftTraining
import Testing

@Suite("Coarse-to-fine search")
struct CoarseToFineSearchTests {
  /// All trials of a search of a loss whose least is at a rate and a decay.
  private static func trials(
    _ search: CoarseToFineSearch, leastAt rate: Double, _ decay: Double, failsAbove bound: Double = .infinity
  ) -> [CoarseToFineSearch.Trial] {
    var trials: [CoarseToFineSearch.Trial] = []
    while let trial = search.next(after: trials) {
      let loss = pow(log(trial.learningRate / rate), 2) + 0.01 * pow(log(trial.weightDecay / decay), 2)
      let score = TrainingHistory.Score(loss: loss, accuracy: 0.5)
      trials.append(trial.scored(trial.learningRate > bound ? nil : score))
    }
    return trials
  }

  @Test("The first round covers both ranges evenly, the following ones lie around the best")
  func rounds() throws {
    let search = try CoarseToFineSearch(
      count: 20, learningRates: 1e-5...1e-2, weightDecays: 1e-5...1e-1, seed: 3)
    #expect(search.rounds == [10, 5, 5])
    let trials = Self.trials(search, leastAt: 3e-4, 1e-3)
    #expect(trials.count == 20 && trials.map(\.round).filter { $0 == 1 }.count == 10)
    // One in each tenth of either range.
    let first = trials.prefix(10)
    #expect(Set(first.map { Int((log10($0.learningRate) + 5) / 0.3) }).count >= 9)
    #expect(Set(first.map { Int((log10($0.weightDecay) + 5) / 0.4) }).count >= 9)
    for (round, range) in [(2, 0..<10), (3, 0..<15)] {
      let center = try #require(CoarseToFineSearch.best(of: trials[range]))
      let width = 3 * pow(1 / 3.0, Double(round - 1))
      for trial in trials where trial.round == round {
        #expect(abs(log10(trial.learningRate / center.learningRate)) <= width / 2 + 0.03)
        #expect(abs(log10(trial.weightDecay / center.weightDecay)) <= width / 3 * 2 + 0.03)
      }
    }
    let best = try #require(CoarseToFineSearch.best(of: trials))
    #expect(abs(log10(best.learningRate / 3e-4)) < 0.15 && !search.isNearEdge(best))
    // Printed with two digits, read as the same number.
    for trial in trials { #expect(Double(String(format: "%.1e", trial.learningRate)) == trial.learningRate) }
  }

  @Test("Equal seeds give equal trials, others give others")
  func seeds() throws {
    func trials(_ seed: UInt64) throws -> [CoarseToFineSearch.Trial] {
      Self.trials(try CoarseToFineSearch(count: 9, seed: seed), leastAt: 1e-3, 1e-2)
    }
    #expect(try trials(1) == trials(1))
    #expect(try trials(1) != trials(2))
  }

  @Test("Trials that fail are never the best; where all fail the whole range is searched again")
  func failures() throws {
    let search = try CoarseToFineSearch(count: 8, seed: 1)
    let some = Self.trials(search, leastAt: 1e-1, 1e-2, failsAbove: 1e-3)
    let best = try #require(CoarseToFineSearch.best(of: some))
    #expect(best.learningRate <= 1e-3)
    let none = Self.trials(search, leastAt: 1, 1, failsAbove: 0)
    #expect(CoarseToFineSearch.best(of: none) == nil && none.count == 8)
    #expect(none.allSatisfy { (1e-5...1e-2).contains($0.learningRate) })
    let wide = try CoarseToFineSearch(count: 20, seed: 1)
    let edge = Self.trials(wide, leastAt: 1, 1e-2)
    #expect(wide.isNearEdge(try #require(CoarseToFineSearch.best(of: edge))))
  }

  @Test("Few trials make one round or two; none, and ranges down to 0, are refused")
  func bounds() throws {
    #expect(try CoarseToFineSearch(count: 3).rounds == [3])
    #expect(try CoarseToFineSearch(count: 7).rounds == [4, 3])
    #expect(try CoarseToFineSearch(count: 8).rounds == [4, 2, 2])
    #expect(throws: TrainingError.self) { try CoarseToFineSearch(count: 0) }
    #expect(throws: TrainingError.self) { try CoarseToFineSearch(count: 1, learningRates: 0...1) }
  }
}
