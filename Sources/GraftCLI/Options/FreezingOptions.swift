import ArgumentParser
import Graft

/// What of the network trains.
struct FreezingOptions: ParsableArguments {
  @Option(
    help: """
      What stays as it is: `none`, `all` (only the new head trains), or a layer: that one and all before it.
      """)
  var freeze: String?

  @Option(help: "Train from this stage or layer on, and freeze what comes before.")
  var unfreezeFrom: String?

  @Option(
    help: """
      Train the parameters that match, and the head: a pattern with * and ? for a layer's name or layer/parameter, \
      such as 'block_1*' or '*/gamma'; repeat for several.
      """)
  var train: [String] = []

  @Option(
    help: """
      What batch normalizations do where they train: `frozen` keeps the stored statistics, `update` takes the \
      batch's and moves the stored ones.
      """)
  var batchNorm = Statistics.frozen

  /// The words of `--batch-norm`.
  enum Statistics: String, ExpressibleByArgument, CaseIterable {
    case frozen
    case update
  }

  func validate() throws {
    guard [freeze != nil, unfreezeFrom != nil, !train.isEmpty].count(where: { $0 }) <= 1 else {
      throw ValidationError("give one of --freeze, --unfreeze-from and --train")
    }
  }

  /// What trains of a network.
  func selection(in graph: Graph) throws -> ParameterSelection {
    // A new head adds itself.
    let head: ParameterSelection = graph.stages.contains(Graph.headStage) ? .head : .none
    if let unfreezeFrom { return try .from(unfreezeFrom, in: graph) }
    if !train.isEmpty { return try .matching(patterns: train, in: graph).union(head) }
    switch freeze {
    case nil, "none": return .all
    case "all": return head
    case let layer?: return try .after(layer, in: graph)
    }
  }

  /// How batch normalizations behave.
  var statistics: TrainingPlan.Statistics { batchNorm == .update ? .updated : .frozen }
}
