import Foundation
import GraftGraph
import GraftTensor
import _GraftTestSupport

/// What `Golden/make.py` wrote.
enum Golden {
  static let folder = TestData.package.appending(path: "Tests/GraftKerasTests/Golden")

  static func path(_ name: String) -> String { folder.appending(path: name).path }

  private struct Entry: Decodable {
    let shape: [Int]
    let values: [Float]
  }

  /// The parameters of one of the two small networks, by "layer/name".
  static func parameters(_ network: String) throws -> Parameters {
    let data = try Data(contentsOf: folder.appending(path: "values.json"))
    let networks = try JSONDecoder().decode([String: [String: Entry]].self, from: data)
    var parameters = Parameters()
    for (key, entry) in networks[network] ?? [:] {
      let parts = key.split(separator: "/").map(String.init)
      parameters[parts[0], parts[1]] = Tensor(shape: Shape(entry.shape), scalars: entry.values)
    }
    return parameters
  }

  /// The SHA-256 of each network's weighted layers, in Keras's order.
  static func orders() throws -> [String: String] {
    let text = try String(contentsOf: folder.appending(path: "order.txt"), encoding: .utf8)
    return Dictionary(
      uniqueKeysWithValues: text.split(separator: "\n").map { line in
        let words = line.split(separator: " ")
        return (String(words[0]), String(words[1]))
      })
  }
}

/// The two small networks of `Golden/make.py`.
enum SmallNetwork {
  static func branched(classes: Int? = 2, prefix: String = "", width: Int = 4) throws -> Graph {
    var g = GraphBuilder()
    var x = g.input([6, 6, 3], "input")
    x = g.convolution(x, filters: width, kernel: 3, padding: .same, bias: false, "\(prefix)stem")
    x = g.batchNormalization(x, "\(prefix)stem_bn")
    x = g.activation(x, .relu, "relu")
    x = g.depthwiseConvolution(x, kernel: 3, padding: .same, "\(prefix)deep")
    let left = g.convolution(x, filters: width, kernel: 1, "\(prefix)left")
    let right = g.convolution(x, filters: width, kernel: 1, "\(prefix)right")
    x = g.add(right, left, "add")
    x = g.batchNormalization(x, scales: false, "\(prefix)last_bn")
    if let classes {
      g.begin(stage: Graph.headStage)
      x = g.globalPooling(x, .average, "pool")
      x = g.dense(x, units: classes, activation: .softmax, "\(prefix)predictions")
    }
    return try g.graph()
  }

  static func flat(classes: Int = 3, size: Int = 4) throws -> Graph {
    var g = GraphBuilder()
    var x = g.input([size, size, 3], "input")
    x = g.convolution(x, filters: 2, kernel: 3, padding: .same, activation: .relu, "conv1_1")
    x = g.batchNormalization(x, "bn_conv1")
    x = g.maxPooling(x, 2, stride: 2, "pool")
    g.begin(stage: Graph.headStage)
    x = g.flatten(x, "flatten")
    _ = g.dense(x, units: classes, activation: .softmax, "fc")
    return try g.graph()
  }
}
