internal import Foundation
internal import GraftEngine
package import GraftGraph
internal import GraftImage
internal import GraftSupport

extension Trainer {
  /// All options as texts by name: equal texts, and equal pictures and weights at the start, mean equal runs.
  ///
  /// - Throws: `GraphError` if the selection names what the graph does not have.
  package func optionTexts(for graph: Graph) throws -> [String: String] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    func json(_ value: some Encodable) throws -> String {
      String(decoding: try encoder.encode(value), as: UTF8.self)
    }
    func text(_ value: (some Encodable)?) throws -> String { try value.map { try json($0) } ?? "none" }
    let keys = try trainable.orderedKeys(in: graph).map(\.description)
    return [
      "epochs": "\(epochs)", "batch size": "\(batchSize)", "seed": "\(seed)",
      "learning rate": try json(learningRate), "optimizer": try json(optimizer), "loss": try json(loss),
      "batch normalization": statistics.rawValue, "augmentation": augmentation.description,
      "rates by stage": try json(rates), "mixing": try text(mixing), "sampling": sampling.rawValue,
      "early stopping": try text(earlyStopping),
      "trained parameters":
        "\(keys.count) from \(keys.first ?? "none"), \(Digest.sha256(of: Array(keys.joined(separator: "\n").utf8)).prefix(12))",
    ]
  }
}
