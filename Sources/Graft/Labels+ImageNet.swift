public import GraftData

extension Labels {
  /// The 1000 classes of ImageNet in the order of Keras's `imagenet_class_index.json`, with their synsets as
  /// identifiers.
  public static let imageNet: Labels? = {
    let text = String(decoding: EmbeddedFile.imageNetClasses, as: UTF8.self)
    let lines = text.split(separator: "\n").map { $0.split(separator: " ", maxSplits: 1).map(String.init) }
    return try? Labels(lines.map { $0.last ?? "" }, identifiers: lines.map { $0.first ?? "" })
  }()

  /// Classes without names: "class 0", "class 1", …
  static func numbered(_ count: Int) throws -> Labels { try Labels((0..<count).map { "class \($0)" }) }
}
