public import GraftGraph
public import GraftImage
internal import GraftTensor

/// A published network: how it is built, and what it expects of pictures.
///
/// Layers have the names of Keras's own builder. Those that Keras numbers itself (`activation_3`) are numbered
/// as in the first model that a Python process builds.
public struct Architecture: Sendable, Identifiable {
  /// What follows the trunk. The trunk itself ends with features of height x width x channels.
  public enum Top: Hashable, Sendable {
    /// Nothing; `include_top=False` in Keras.
    case none
    /// The features pooled over height and width to `featureWidth` numbers; Keras's `pooling`.
    case pooled(GlobalPooling.Kind)
    /// The published classifier, giving one probability a class; `include_top=True` in Keras.
    case classifier(classes: Int)
  }

  /// The name, in lower case and with the width multiplier where there is one: "resnet50",
  /// "mobilenetv2_1.0".
  public let name: String
  /// The name of Keras's builder: "ResNet50", "MobileNetV2". Widths of one builder share it.
  public let kerasName: String
  /// The width multiplier, if the builder takes one: Keras's `alpha`.
  public let alpha: Double?
  /// The side of the pictures that the published weights were trained on, in pixels.
  public let inputSize: Int
  /// The smallest side that Keras lets a picture have, in pixels.
  public let minimumInputSize: Int
  /// What the network expects to be done to values 0...255.
  public let preprocessing: Preprocessing.Mode
  /// The number of channels that the trunk ends with.
  public let featureWidth: Int

  /// Adds layers to a builder.
  typealias Layers = @Sendable (inout GraphBuilder, GraphBuilder.Value) -> GraphBuilder.Value
  /// Adds a classifier of a number of classes to a builder.
  typealias Classifier = @Sendable (inout GraphBuilder, GraphBuilder.Value, Int) -> GraphBuilder.Value

  private let inputName: String
  private let poolingNames: PoolingNames
  private let trunk: Layers
  private let closing: Layers?
  private let classifier: Classifier

  /// Declares an architecture.
  ///
  /// - Parameters:
  ///   - inputName: Keras's name for the input.
  ///   - poolingNames: Keras's names for the layer of `pooling='avg'` and `'max'`.
  ///   - trunk: the layers up to the last features, with a stage begun wherever one may start to train.
  ///   - closing: what Keras adds behind the features, pooled or not, where there is no classifier.
  ///   - classifier: the layers of `include_top=True`; they belong to the stage `head`.
  init(
    _ name: String, kerasName: String, alpha: Double? = nil, inputSize: Int = 224, minimumInputSize: Int = 32,
    preprocessing: Preprocessing.Mode, featureWidth: Int, inputName: String = "input_layer",
    poolingNames: PoolingNames = .automatic, trunk: @escaping Layers, closing: Layers? = nil,
    classifier: @escaping Classifier
  ) {
    self.name = name
    self.kerasName = kerasName
    self.alpha = alpha
    self.inputSize = inputSize
    self.minimumInputSize = minimumInputSize
    self.preprocessing = preprocessing
    self.featureWidth = featureWidth
    self.inputName = inputName
    self.poolingNames = poolingNames
    self.trunk = trunk
    self.closing = closing
    self.classifier = classifier
  }

  /// The name.
  public var id: String { name }

  /// The largest side of a picture, in pixels: far beyond memory, and small enough to count in.
  static let maximumInputSize = 1 << 16

  /// The network for square pictures, of the default size if none is given.
  ///
  /// - Throws: `ArchitectureError` with code `.inputSize` or `.classes`.
  public func graph(inputSize: Int? = nil, top: Top = .classifier(classes: 1000)) throws -> Graph {
    try graph(height: inputSize ?? self.inputSize, width: inputSize ?? self.inputSize, top: top)
  }

  /// The network for pictures of height x width x 3, padded as Keras pads it when it is given that size.
  ///
  /// - Throws: `ArchitectureError` with code `.inputSize` or `.classes`.
  public func graph(height: Int, width: Int, top: Top) throws -> Graph {
    let sizes = minimumInputSize...Self.maximumInputSize
    guard sizes.contains(height), sizes.contains(width) else {
      throw ArchitectureError(
        .inputSize,
        "\(name): pictures of \(height) x \(width) pixels (height x width) were asked for; both sides must "
          + "be from \(sizes.lowerBound) to \(sizes.upperBound), and \(inputSize) is usual")
    }
    var g = GraphBuilder()
    let x = trunk(&g, g.input([height, width, 3], inputName))
    // Without pooling, what closes the features is their part; a graph that has them alone has no head.
    if top == .none, let closing { _ = closing(&g, x) }
    g.begin(stage: Graph.headStage)
    switch top {
    case .none:
      break
    case .pooled(let kind):
      let pooled = g.globalPooling(x, kind, kind == .max ? poolingNames.max : poolingNames.average)
      if let closing { _ = closing(&g, pooled) }
    case .classifier(let classes):
      guard (1...1 << 24).contains(classes) else {
        throw ArchitectureError(
          .classes, "\(name): a classifier of \(classes) classes was asked for; use a number from 1 on")
      }
      _ = classifier(&g, x, classes)
    }
    return try g.graph()
  }
}

extension Architecture: Hashable {
  /// Architectures are equal when their names are.
  public static func == (a: Architecture, b: Architecture) -> Bool { a.name == b.name }

  /// Hashes the name.
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension Architecture: CustomStringConvertible {
  /// The name.
  public var description: String { name }
}

extension Architecture {
  /// Keras's names for the layer that pools the features.
  struct PoolingNames: Sendable {
    let average: String
    let max: String

    /// Those that Keras makes up where its code gives none.
    static let automatic = PoolingNames(average: "global_average_pooling2d", max: "global_max_pooling2d")
    /// Those that the newer builders give.
    static let short = PoolingNames(average: "avg_pool", max: "max_pool")
  }
}
