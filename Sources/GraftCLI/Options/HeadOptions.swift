import ArgumentParser
import Graft

/// The classifier that the network gets.
struct HeadOptions: ParsableArguments {
  @Option(
    help: """
      Where the new head starts: `linear`, the classifier that graft fit would make (with smoothed labels \
      training begins from one for these); `glorot` or `he`, random; or `keep` to go on with the file's own (default: \
      keep where it has just these classes, else linear, or he with --hidden).
      """)
  var headInit: Start?

  @Option(
    parsing: .unconditional,
    help: "Strength of the penalty on the linear classifier's weights; `auto` chooses by cross-validation.")
  var l2 = StrengthChoice.auto

  @Option(
    parsing: .unconditional,
    help: """
      The share of the features that is dropped in training (default: 0.3, or 0 for several labels a picture, for boxes \
      and for lbfgs).
      """)
  var dropout: Double?

  @Option(parsing: .unconditional, help: "Units of a hidden layer before the classifier.")
  var hidden: Int?

  /// The words of `--head-init`.
  enum Start: String, ExpressibleByArgument, CaseIterable {
    case linear
    case glorot
    case he
    case keep
  }

  func validate() throws {
    if let dropout, !(0..<1).contains(dropout) {
      throw ValidationError("--dropout must be from 0 to below 1, not \(dropout)")
    }
    if let hidden, !(1...65536).contains(hidden) {
      throw ValidationError("--hidden must be from 1 to 65536, not \(hidden)")
    }
    guard hidden == nil || headInit != .linear else {
      throw ValidationError(
        "--hidden goes with --head-init he or glorot: a linear classifier has no hidden layer")
    }
    guard headInit != .keep || (hidden == nil && dropout ?? 0 == 0) else {
      throw ValidationError("--head-init keep goes neither with --hidden nor with --dropout")
    }
  }

  /// A head that starts from the linear classifier has learnt the training pictures by heart; without some of its features
  /// it has something to say again (Srivastava et al., 2014). Measured in Documentation/fine-tuning.md.
  private static let usualDropout = 0.3

  /// The new head; nil to keep the network's own.
  ///
  /// - Parameter isTrained: whether steps are made with it, by which a dropout matters.
  func design(keepsHead: Bool, task: PictureTask, isTrained: Bool) throws -> HeadDesign? {
    if headInit == .keep, !keepsHead {
      throw ValidationError("--head-init keep: the weights have no classifier for just these classes")
    }
    if headInit == .keep || (headInit == nil && keepsHead && hidden == nil && dropout ?? 0 == 0) {
      return nil
    }
    let initialization: HeadDesign.Initialization =
      switch headInit {
      case .glorot: .glorot
      case .he: .he
      default: hidden == nil ? .linear : .he
      }
    return HeadDesign(
      initialization: initialization, l2: l2.strength,
      dropout: dropout ?? (task == .classes && isTrained ? Self.usualDropout : 0), hidden: hidden)
  }
}
