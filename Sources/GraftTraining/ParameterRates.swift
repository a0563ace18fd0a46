public import GraftEngine
public import GraftGraph

/// What the learning rate is multiplied by, parameter by parameter: lower rates for stages that others have trained
/// well, and stages that begin to train later than others.
///
/// ```swift
/// let rates = ParameterRates.stages(factor: 0.4).unfreezing(every: 1)
/// let groups = try rates.groups(for: plan.layout, in: network.graph, epoch: epoch)
/// state.update(values, gradients, rate: rate, groups: groups)
/// ```
public struct ParameterRates: Hashable, Sendable, Codable {
  private enum Form: Hashable, Codable {
    case uniform
    case falling(Double)
    case named([String: Double], others: Double)
  }

  private var form: Form
  /// Epochs between stages that begin to train; nil where all train from the start.
  private var unfreezing: Double?
  /// Whether weight decay and penalties leave out biases and the scales and offsets of normalizations, which gain
  /// nothing from being small (He et al., 2019, arXiv 1812.01187, section 3.1). Keras decays them all.
  public var decaysKernelsOnly = false

  /// The full rate for all.
  public static let uniform = ParameterRates(form: .uniform)

  /// Discriminative rates (Howard and Ruder, 2018, arXiv 1801.06146, section 3.2, with 1 / 2.6): the last stage that
  /// trains, which is the head if it does, has the full rate; each that comes before it has `factor` times the rate of
  /// the next.
  ///
  /// - Precondition: `factor` is not negative.
  public static func stages(factor: Double) -> ParameterRates {
    precondition(factor >= 0, "a rate cannot be multiplied by \(factor)")
    return ParameterRates(form: .falling(factor))
  }

  /// A factor for each stage by its name, and one for all others.
  ///
  /// - Precondition: no factor is negative.
  public static func stages(_ factors: [String: Double], others: Double = 1) -> ParameterRates {
    precondition(
      others >= 0 && factors.values.allSatisfy { $0 >= 0 }, "a rate cannot be multiplied by less than 0")
    return ParameterRates(form: .named(factors, others: others))
  }

  /// Returns the same rates with gradual unfreezing (Howard and Ruder, 2018, section 3.3): at first the last stage
  /// trains alone, and after every `epochs` epochs the one before joins it. A stage that does not train yet keeps its
  /// bytes.
  ///
  /// - Precondition: `epochs` is positive.
  public func unfreezing(every epochs: Double) -> ParameterRates {
    precondition(epochs > 0, "stages that begin to train after every \(epochs) epochs")
    var copy = self
    copy.unfreezing = epochs
    return copy
  }

  /// Returns the same rates with decay and penalties on kernels alone.
  public func decayingKernelsOnly() -> ParameterRates {
    var copy = self
    copy.decaysKernelsOnly = true
    return copy
  }

  /// The factor of each stage that trains, in the graph's order.
  ///
  /// - Parameters:
  ///   - stages: the stages that train, in the graph's order.
  ///   - epoch: the epoch, from 0 on.
  /// - Throws: `TrainingError` with code `.input` if a stage is named that does not train.
  public func factors(of stages: [String], epoch: Int) throws -> [Double] {
    if case .named(let factors, _) = form,
      let unknown = factors.keys.sorted().first(where: { !stages.contains($0) })
    {
      throw TrainingError(
        .input,
        "there is a learning rate for the stage \(unknown), which does not train; the stages that do are "
          + stages.joined(separator: ", "))
    }
    // Beyond any number of stages it is all of them; the bound keeps the conversion safe.
    let awake = unfreezing.map { Int(min((Double(epoch) / $0).rounded(.down), 1e6)) + 1 } ?? stages.count
    var factor = 1.0
    var result: [Double] = []
    for (place, stage) in stages.reversed().enumerated() {
      switch form {
      case .uniform: break
      case .falling(let ratio): factor = place == 0 ? 1 : factor * ratio
      case .named(let factors, let others): factor = factors[stage] ?? others
      }
      result.append(place < awake ? factor : 0)
    }
    return result.reversed()
  }

  /// How each parameter that trains is treated in an epoch.
  ///
  /// - Parameters:
  ///   - layout: the parameters that train.
  ///   - graph: the network's graph.
  ///   - epoch: the epoch, from 0 on.
  /// - Throws: what `factors(of:epoch:)` throws; `GraphError` if the layout is of another graph.
  public func groups(for layout: ParameterLayout, in graph: Graph, epoch: Int) throws -> [ParameterGroup] {
    let stages = try layout.entries.map { try graph.node(named: $0.key.layer).stage }
    var order: [String] = []
    for stage in stages where !order.contains(stage) { order.append(stage) }
    let factors = Dictionary(uniqueKeysWithValues: zip(order, try factors(of: order, epoch: epoch)))
    return zip(layout.entries, stages).map { entry, stage in
      ParameterGroup(
        range: entry.range, rateFactor: factors[stage] ?? 1,
        isDecayed: !decaysKernelsOnly || entry.key.name.hasSuffix("kernel"))
    }
  }
}
