internal import GraftGraph
internal import GraftImage
internal import GraftTensor

extension Network {
  /// The network for square pictures in colour.
  ///
  /// One that takes a single channel gets a layer before it that makes grey of red, green and blue with the
  /// weights of ITU-R BT.601, as Pillow's mode L and Keras's `color_mode="grayscale"` do; its sums are not rounded
  /// to whole numbers as theirs are. Grey pictures go through it unchanged.
  ///
  /// - Throws: `WeightError` with code `.unsuitable` for other numbers of channels, and pictures that are not square.
  func takingPictures(prepared mode: Preprocessing.Mode, path: String) throws -> Network {
    let shape = graph.inputShape
    guard shape.rank == 3, shape[0] == shape[1] else {
      throw WeightError(
        .unsuitable,
        "\(path): the network takes pictures of \(shape[0]) x \(shape[1]) pixels (height x width), and Graft cuts "
          + "pictures square; give --size \(shape[0]) if the network can take another size")
    }
    switch shape.channels {
    case 3: return self
    case 1: break
    default:
      throw WeightError(
        .unsuitable,
        "\(path): the network takes \(shape.channels) values a pixel; pictures have 3, or 1 if they are grey")
    }
    let (color, name) = (
      GraphBuilder(continuing: graph).unusedName("color"),
      GraphBuilder(continuing: graph).unusedName("grayscale")
    )
    var builder = GraphBuilder()
    let picture = builder.input([shape[0], shape[1], 3], color)
    builder.begin(stage: name)
    _ = builder.convolution(picture, filters: 1, kernel: 1, bias: false, name)
    var parameters = parameters
    let weights: [Float] = mode == .caffe ? [0.114, 0.587, 0.299] : [0.299, 0.587, 0.114]
    parameters[name, "kernel"] = Tensor(shape: [1, 1, 3, 1], scalars: weights)
    return try Network(graph: graph.following(builder.graph()), parameters: parameters)
  }
}
