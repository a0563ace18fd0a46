internal import GraftSupport

/// Which of all random changes a picture gets: the counters from which an augmentation draws its numbers.
///
/// Equal counters give equal pictures, whatever else is computed before, beside or after, and on any number of
/// threads.
public struct AugmentationDraw: Sendable, Hashable {
  /// Chosen for a whole run.
  public var seed: UInt64
  /// The pass over the pictures, from 0 on.
  public var epoch: Int
  /// The picture's number among all pictures, which must not depend on their order in an epoch.
  public var picture: Int
  /// Which of several versions of the picture in one epoch, from 0 on.
  public var view: Int

  /// Names a draw by its counters.
  public init(seed: UInt64, epoch: Int, picture: Int, view: Int = 0) {
    self.seed = seed
    self.epoch = epoch
    self.picture = picture
    self.view = view
  }

  /// The numbers of one step. Each kind of step draws from streams of its own, so that adding or taking away another
  /// kind moves none of them.
  ///
  /// - Parameter occurrence: how many steps of the same kind come before.
  func generator(for kind: Augmentation.Kind, occurrence: Int) -> SeededGenerator {
    SeededGenerator(
      seed: seed, stream: "augmentation/\(kind.rawValue)/\(occurrence)/\(epoch)/\(picture)/\(view)")
  }
}

extension SeededGenerator {
  /// A number between two bounds, all equally likely.
  mutating func uniform(_ lower: Double, _ upper: Double) -> Double { lower + (upper - lower) * unit() }

  /// A number from -`bound` to `bound`, all equally likely.
  mutating func symmetric(_ bound: Double) -> Double { uniform(-bound, bound) }
}
