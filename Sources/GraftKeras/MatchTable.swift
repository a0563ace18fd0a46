public import GraftTensor

/// Which layer of a file each layer of a network got its weights from, and on what grounds.
public struct MatchTable: Hashable, Sendable, Codable {
  /// On what grounds a layer was found.
  public enum Rule: String, Hashable, Sendable, Codable {
    /// The file is a published one, known by its digest, and its order is the network's.
    case digest
    /// The file names the layer as the network does.
    case name
    /// The layer stands at this place in Keras's own order, and its shapes are the ones wanted.
    case position
  }

  /// One layer of the network.
  public struct Row: Hashable, Sendable, Codable {
    /// The layer's name in the network.
    public let layer: String
    /// The layer's name in the file, with the nested models that it is in before it.
    public let fileLayer: String
    /// On what grounds they belong together.
    public let rule: Rule
    /// Whether the names say the same; always so for a match by name.
    public let isHinted: Bool
    /// The parameters, in Keras's order.
    public let parameters: [Parameter]
  }

  /// One parameter of a layer.
  public struct Parameter: Hashable, Sendable, Codable {
    /// The parameter's name in Keras 2's spelling.
    public let name: String
    /// Its shape, in Keras's layout.
    public let shape: Shape
    /// The path of its values inside the file.
    public let path: String
  }

  /// The network's layers that have weights, in Keras's order.
  public let rows: [Row]
  /// The layers of the file that have weights for which the network has no use.
  public let unused: [String]
  /// What a careful reader should know: matches that nothing but position speaks for, and guesses.
  public let warnings: [String]

  /// The number of layers matched on the given grounds.
  public func count(_ rule: Rule) -> Int { rows.reduce(0) { $0 + ($1.rule == rule ? 1 : 0) } }
}

extension MatchTable: CustomStringConvertible {
  /// The table as text, a line for each layer, then what was left over and the warnings.
  public var description: String {
    let width = (rows.map(\.layer.count).max() ?? 0) + 2
    let fileWidth = (rows.map(\.fileLayer.count).max() ?? 0) + 2
    var lines = rows.map { row in
      row.layer.padding(to: width) + row.fileLayer.padding(to: fileWidth)
        + (row.rule.rawValue + (row.isHinted ? "" : "?")).padding(to: 11)
        + row.parameters.map { "\($0.name) \($0.shape)" }.joined(separator: ", ")
    }
    if !unused.isEmpty { lines.append("not used: " + unused.joined(separator: ", ")) }
    lines += warnings.map { "warning: \($0)" }
    return lines.joined(separator: "\n")
  }
}

extension String {
  /// The text with spaces behind it up to a width.
  fileprivate func padding(to width: Int) -> String {
    self + String(repeating: " ", count: max(width - count, 0))
  }
}
