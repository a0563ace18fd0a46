import GraftTraining
import Testing

@Suite("Schedules by name")
struct ScheduleNamesTests {
  private static func rates(_ name: String, epochs: Int = 12, warmup: Double = 0) throws -> [Double] {
    let rate = try LearningRate(named: name, peak: 1, epochs: epochs, warmup: warmup)
    return (0..<epochs).map { rate.rate(at: $0 * 4, stepsPerEpoch: 4, epochs: epochs) }
  }

  @Test("Every name gives a schedule that begins at its peak and behaves as described")
  func names() throws {
    #expect(try Self.rates("constant") == [Double](repeating: 1, count: 12))
    let steps = try Self.rates("step")
    #expect(steps[3] == 1 && abs(steps[4] - 0.1) < 1e-12 && abs(steps[11] - 0.01) < 1e-12)
    let own = try Self.rates("step=2:0.5")
    #expect(own[1] == 1 && own[2] == 0.5 && own[4] == 0.25)
    #expect(try abs(Self.rates("exponential=0.5")[3] - 0.125) < 1e-12)
    #expect(try abs(Self.rates("inverse-time=1")[3] - 0.25) < 1e-12)
    #expect(try abs(Self.rates("cosine=0.2")[6] - 0.6) < 1e-12)
    #expect(try abs(Self.rates("one-cycle")[0] - 0.04) < 1e-12)
    let late = try Self.rates("one-cycle=0.75")
    #expect(late[6] > late[3] && late[11] < late[9])
    #expect(try Self.rates("cosine", warmup: 2)[0] == 0)
    #expect(try abs(Self.rates("constant", warmup: 2)[1] - 0.5) < 1e-12)
    #expect(LearningRate.names.allSatisfy { (try? Self.rates($0)) != nil })
  }

  @Test(
    "Restarts fill the run with equal cosines where they can",
    arguments: [
      (12, [4, 8, 12]), (10, [5, 10]), (6, [2, 4, 6]), (25, [5, 10, 15, 20, 25]), (7, [2, 4, 6]),
    ])
  func restarts(_ epochs: Int, _ ends: [Int]) throws {
    let rate = try LearningRate(named: "restarts", peak: 1, epochs: epochs)
    #expect(rate.snapshots(epochs: epochs) == ends)
    let given = try LearningRate(named: "restarts=1:2", peak: 1, epochs: 7)
    #expect(given.snapshots(epochs: 7) == [1, 3, 7])
  }

  @Test(
    "What makes no schedule is refused, with what would",
    arguments: [
      ("linear", "constant, step"), ("cosine=2", "floor"), ("cosine=0.1:3", "no number 3"), ("step=x", "“x”"),
      ("step=0", "above 0"), ("restarts=1.5", "whole"), ("restarts=0", "from 1"), ("one-cycle=1", "below 1"),
      ("constant=1", "no number"), ("exponential=", "none"), ("exponential=1.5", "up to 1"),
    ])
  func refused(_ name: String, _ word: String) {
    let error = #expect(throws: TrainingError.self) {
      try LearningRate(named: name, peak: 1, epochs: 5)
    }
    #expect(error?.message.contains(word) == true, "\(error?.message ?? "")")
  }
}
