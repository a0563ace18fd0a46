/// Which network a file was made for.
public struct Recognition: Hashable, Sendable {
  /// The network's place among the candidates.
  public let index: Int
  /// The network's name.
  public let name: String
  /// What the network ends with in the file.
  public let top: CandidateTop
  /// Whether the file ends before the trunk does.
  public let isPartial: Bool
  /// For a file that ends early, the last layer of the network that it has weights for. The network has to be
  /// cut there.
  public let lastLayer: String?
  /// The side of the pictures in pixels, where the file settles it: by its configuration, or by a dense layer
  /// after the flattened picture (of the sizes that give that number of places, the smallest).
  public let inputSize: Int?
  /// Layers of the file that the network has no use for, for example a classifier of one's own.
  public let unused: [String]
  /// Other candidates that fit the file as well; only where the file ends before they part.
  public let alternatives: [String]
  /// What a careful reader should know, for example constants in the file that differ from the network's.
  public let warnings: [String]

  /// The number of classes, if there is a classifier.
  public var classes: Int? {
    if case .classifier(let classes) = top { classes } else { nil }
  }
}
