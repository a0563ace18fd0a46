internal import Foundation
internal import GraftSupport

/// Two models on the same pictures.
public struct ModelComparison: Hashable, Sendable, Encodable {
  /// The share of pictures that the first model gets right.
  public let accuracy: Double
  /// The share of pictures that the other model gets right.
  public let otherAccuracy: Double
  /// The middle 95 % of the other's accuracy less the first's, over pictures drawn anew; nil without draws.
  public let difference: BootstrapIntervals.Interval?
  /// Pictures that both get right.
  public let bothRight: Int
  /// Pictures that both get wrong.
  public let bothWrong: Int
  /// Whether they differ by more than chance.
  public let test: McNemarTest

  private enum CodingKeys: String, CodingKey {
    case accuracy = "top1"
    case otherAccuracy = "otherTop1"
    case difference = "differenceInterval"
    case bothRight
    case bothWrong
    case test = "mcNemar"
  }

  /// Compares two models.
  ///
  /// - Parameters:
  ///   - first: what the first said about the pictures.
  ///   - second: what the other said about the same pictures in the same order.
  ///   - draws: how often pictures are drawn anew for the interval; 0 for none.
  ///   - seed: fixes the draws.
  /// - Throws: `DataError` with code `.differentPictures` if the pictures or their classes are not the same.
  public init(_ first: JudgedPictures, _ second: JudgedPictures, draws: Int = 1000, seed: UInt64 = 0) throws {
    guard first.count == second.count, first.paths == second.paths,
      zip(first.truth, second.truth).allSatisfy({ first.classes[$0] == second.classes[$1] })
    else {
      throw DataError(
        .differentPictures,
        "the two models judged different pictures (\(first.count) and \(second.count)); compare them on the same"
      )
    }
    let right = zip(first.outcomes, second.outcomes).map { ($0.isRight, $1.isRight) }
    func count(_ one: Bool, _ other: Bool) -> Int { right.count { $0 == (one, other) } }
    let (onlyFirst, onlySecond) = (count(true, false), count(false, true))
    bothRight = count(true, true)
    bothWrong = count(false, false)
    accuracy = Double(bothRight + onlyFirst) / Double(right.count)
    otherAccuracy = Double(bothRight + onlySecond) / Double(right.count)
    test = McNemarTest(onlyFirst: onlyFirst, onlySecond: onlySecond)
    let gains = right.map { ($1 ? 1 : 0) - ($0 ? 1 : 0) }
    difference =
      gains.isEmpty || draws == 0
      ? nil
      : BootstrapIntervals.interval(
        (0..<draws).map { draw in
          var generator = SeededGenerator(seed: seed, stream: "comparison \(draw)")
          return Double(gains.indices.reduce(0) { sum, _ in sum + gains[generator.below(gains.count)] })
            / Double(gains.count)
        })
  }
}
