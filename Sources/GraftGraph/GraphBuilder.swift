public import GraftTensor

/// Builds a graph layer by layer.
///
/// No function throws: the first mistake is kept with the layer's name and thrown by `graph()`, so that an
/// architecture reads like its paper. The functions have the field's nouns as names although they mutate.
public struct GraphBuilder {
  /// The result of a layer, to be given to others.
  public struct Value: Hashable, Sendable {
    fileprivate let index: Int
  }

  private var nodes: [Graph.Node] = []
  private var names: Set<String> = []
  private var stage = "input"
  private var mistake: GraphError?

  /// A builder without layers.
  public init() {}

  /// A builder that adds to a graph.
  public init(continuing graph: Graph) {
    nodes = graph.nodes
    names = Set(graph.nodes.lazy.map(\.name))
    stage = graph.output.stage
  }

  /// The result of the layer added last.
  public var last: Value { Value(index: max(nodes.count - 1, 0)) }

  /// The result of the layer `name`, or nil where there is none.
  public func value(named name: String) -> Value? {
    nodes.firstIndex { $0.name == name }.map { Value(index: $0) }
  }

  /// The shape of a layer's result, without batch axis.
  public func shape(of value: Value) -> Shape {
    nodes.indices.contains(value.index) ? nodes[value.index].shape : []
  }

  /// A name that no layer has yet: `prefix`, or the first free of `prefix_1`, `prefix_2` ... These are the
  /// names that Keras makes up for layers without one in the first model of a process.
  package func unusedName(_ prefix: String) -> String {
    var name = prefix
    var number = 0
    while names.contains(name) {
      number += 1
      name = "\(prefix)_\(number)"
    }
    return name
  }

  /// The finished graph, whose output is the layer added last.
  ///
  /// - Throws: `GraphError`, the first mistake that was made.
  public func graph() throws -> Graph {
    if let mistake { throw mistake }
    return try Graph(nodes: nodes)
  }

  /// Starts a stage: a part of the network that is frozen or probed as one. The layers that follow belong to
  /// it. The stage `head` is the classifier.
  public mutating func begin(stage name: String) { stage = name }

  /// Adds a layer with any operation.
  public mutating func layer(_ operation: Operation, _ inputs: [Value], _ name: String) -> Value {
    let shapes = inputs.map { shape(of: $0) }
    var result: Shape = [1, 1, 1]
    if mistake == nil {
      do {
        result = try operation.outputShape(for: shapes)
      } catch let error as GraphError {
        mistake = GraphError(error.code, error.message, layer: name)
      } catch {
        mistake = GraphError(.structure, "\(error)", layer: name)
      }
    }
    names.insert(name)
    nodes.append(
      Graph.Node(
        name: name, operation: operation, inputs: inputs.map(\.index), stage: stage, shape: result))
    return last
  }
}

extension GraphBuilder {
  /// The input of the network, height x width x channels.
  public mutating func input(_ shape: Shape, _ name: String) -> Value {
    layer(.input(shape), [], name)
  }

  /// A 2-D convolution.
  public mutating func convolution(
    _ x: Value, filters: Int, kernel: Extent, stride: Extent = 1, padding: Padding = .valid,
    dilation: Extent = 1, groups: Int = 1, bias: Bool = true, activation: Activation = .linear, _ name: String
  ) -> Value {
    let attributes = Convolution(
      filters: filters, kernel: kernel, stride: stride, padding: padding, dilation: dilation, groups: groups,
      usesBias: bias, activation: activation)
    return layer(.convolution(attributes), [x], name)
  }

  /// A convolution of each channel by itself.
  public mutating func depthwiseConvolution(
    _ x: Value, kernel: Extent, stride: Extent = 1, padding: Padding = .valid, bias: Bool = true,
    activation: Activation = .linear, _ name: String
  ) -> Value {
    let attributes = DepthwiseConvolution(
      kernel: kernel, stride: stride, padding: padding, usesBias: bias, activation: activation)
    return layer(.depthwiseConvolution(attributes), [x], name)
  }

  /// A convolution of each channel by itself, and a 1 x 1 convolution of the results.
  public mutating func separableConvolution(
    _ x: Value, filters: Int, kernel: Extent, stride: Extent = 1, padding: Padding = .valid,
    bias: Bool = true,
    activation: Activation = .linear, _ name: String
  ) -> Value {
    let attributes = SeparableConvolution(
      filters: filters, kernel: kernel, stride: stride, padding: padding, usesBias: bias,
      activation: activation)
    return layer(.separableConvolution(attributes), [x], name)
  }

  /// A dense layer over the innermost axis.
  public mutating func dense(
    _ x: Value, units: Int, bias: Bool = true, activation: Activation = .linear, _ name: String
  ) -> Value {
    layer(.dense(Dense(units: units, usesBias: bias, activation: activation)), [x], name)
  }

  /// A batch normalization over the innermost axis.
  public mutating func batchNormalization(
    _ x: Value, epsilon: Float = 1e-3, momentum: Float = 0.99, scales: Bool = true, _ name: String
  ) -> Value {
    layer(
      .batchNormalization(BatchNormalization(epsilon: epsilon, momentum: momentum, scales: scales)), [x], name
    )
  }

  /// A normalization by the pixel's own mean and variance.
  public mutating func layerNormalization(_ x: Value, epsilon: Float = 1e-3, _ name: String) -> Value {
    layer(.layerNormalization(LayerNormalization(epsilon: epsilon)), [x], name)
  }

  /// A normalization by means and variances, one a channel, which are parameters where none are given.
  public mutating func normalization(
    _ x: Value, by figures: Normalization.Figures? = nil, _ name: String
  ) -> Value {
    layer(.normalization(Normalization(figures)), [x], name)
  }

  /// A picture times one trained factor a channel.
  public mutating func layerScale(_ x: Value, _ name: String) -> Value { layer(.layerScale, [x], name) }

  /// An activation as a layer of its own.
  public mutating func activation(_ x: Value, _ activation: Activation, _ name: String) -> Value {
    layer(.activation(activation), [x], name)
  }

  /// The largest element of each window.
  public mutating func maxPooling(
    _ x: Value, _ window: Extent, stride: Extent, padding: Padding = .valid, _ name: String
  ) -> Value {
    layer(.maxPooling(Pooling(window: window, stride: stride, padding: padding)), [x], name)
  }

  /// The mean of each window.
  public mutating func averagePooling(
    _ x: Value, _ window: Extent, stride: Extent, padding: Padding = .valid, _ name: String
  ) -> Value {
    layer(.averagePooling(Pooling(window: window, stride: stride, padding: padding)), [x], name)
  }

  /// The mean or maximum over height and width.
  public mutating func globalPooling(
    _ x: Value, _ kind: GlobalPooling.Kind, keepsDimensions: Bool = false, _ name: String
  ) -> Value {
    layer(.globalPooling(GlobalPooling(kind, keepsDimensions: keepsDimensions)), [x], name)
  }

  /// Zeros around a picture, the same number on all sides.
  public mutating func zeroPadding(_ x: Value, _ all: Int, _ name: String) -> Value {
    layer(.zeroPadding(EdgeInsets(all)), [x], name)
  }

  /// Zeros around a picture.
  public mutating func zeroPadding(_ x: Value, _ insets: EdgeInsets, _ name: String) -> Value {
    layer(.zeroPadding(insets), [x], name)
  }

  /// Rows and columns taken off a picture.
  public mutating func cropping(_ x: Value, _ insets: EdgeInsets, _ name: String) -> Value {
    layer(.cropping(insets), [x], name)
  }

  /// `a` plus `scale` times `b`.
  public mutating func scaledAddition(_ a: Value, _ b: Value, scale: Float, _ name: String) -> Value {
    layer(.scaledAddition(scale: scale), [a, b], name)
  }

  /// The element-wise sum.
  public mutating func add(_ a: Value, _ b: Value, _ name: String) -> Value { layer(.add, [a, b], name) }

  /// The element-wise product, a 1 x 1 x C factor broadcast.
  public mutating func multiply(_ a: Value, _ b: Value, _ name: String) -> Value {
    layer(.multiply, [a, b], name)
  }

  /// Values joined along their channels.
  public mutating func concatenate(_ values: [Value], _ name: String) -> Value {
    layer(.concatenate, values, name)
  }

  /// The same elements under another shape.
  public mutating func reshape(_ x: Value, to shape: Shape, _ name: String) -> Value {
    layer(.reshape(shape), [x], name)
  }

  /// All elements on one axis.
  public mutating func flatten(_ x: Value, _ name: String) -> Value { layer(.flatten, [x], name) }

  /// Dropout, the identity outside training.
  public mutating func dropout(_ x: Value, rate: Float, _ name: String) -> Value {
    layer(.dropout(rate: rate), [x], name)
  }

  /// Dropout of whole pictures of a batch, the identity outside training.
  public mutating func stochasticDepth(_ x: Value, rate: Float, _ name: String) -> Value {
    layer(.stochasticDepth(rate: rate), [x], name)
  }

  /// x times `scale` plus `offset`.
  public mutating func rescaling(_ x: Value, scale: Float, offset: Float, _ name: String) -> Value {
    layer(.rescaling(scale: scale, offset: offset), [x], name)
  }
}
