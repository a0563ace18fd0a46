import Foundation
import GraftGraph
import GraftHDF5
import GraftKeras
import GraftTensor

/// A whole model as Keras wrote it, with an input and what Keras made of it; see make_configurations.py in the
/// folder `Golden`.
struct GoldenModel {
  static let names = ["functional", "sequential", "nested"]

  let path: String
  let file: KerasFile
  let input: Tensor
  let output: [Float]
  /// The model's own layers, by name, with the shapes of their results.
  let shapes: [String: Shape]
  let parameterCount: Int

  init(_ name: String) throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")
    path = folder.appending(path: "\(name).h5").path
    file = try KerasFile(path: path)
    let golden = try file.hdf5.root.group("golden")
    let picture = try golden.dataset("input")
    input = Tensor(shape: Shape(picture.shape), scalars: try picture.readFloats())
    output = try golden.dataset("output").readFloats()
    parameterCount = try golden.attribute("parameters")?.integerValue ?? 0
    let lengths = try golden.dataset("shapes").readStrings().map { text in
      Shape(text.split(separator: ",").compactMap { Int($0) })
    }
    shapes = Dictionary(uniqueKeysWithValues: zip(try golden.dataset("layers").readStrings(), lengths))
  }
}

extension Network {
  /// The graph and the weights of a whole-model file, put together by names and, within a layer, by order.
  init(of file: KerasFile) throws {
    let graph = try KerasModelFile.graph(of: file)
    var parameters = Parameters()
    for layer in file.weightedLayers {
      // A layer of a nested model goes by the model's name too where another layer has its own.
      let names = [layer.owners.last.map { "\($0)_\(layer.name)" }, layer.name].compactMap(\.self)
      guard let name = names.first(where: { graph.index(of: $0) != nil }) else { continue }
      let shapes = graph.parameterShapes(of: try graph.node(named: name))
      for (weight, parameter) in zip(layer.weights, shapes) {
        parameters[name, parameter.name] = try file.tensor(weight)
      }
    }
    try self.init(graph: graph, parameters: parameters)
  }
}
