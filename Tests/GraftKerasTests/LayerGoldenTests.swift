import Foundation
import GraftEngine
import GraftGraph
import GraftKeras
import GraftTensor
import Testing
import _GraftTestSupport

/// What `Golden/make_layers.py` wrote: models of the rarer layers, with what Keras makes of a picture.
private struct LayerGolden: Decodable {
  struct Output: Decodable {
    let count: Int
    let values: [Float]
  }

  let picture: [Float]
  let side: Int
  let outputs: [String: Output]

  static let all: LayerGolden? = try? JSONDecoder().decode(
    LayerGolden.self, from: Data(contentsOf: Golden.folder.appending(path: "layers.json")))

  var input: Tensor { Tensor(shape: [1, side, side, 3], scalars: picture) }
}

@Suite("Models of the rarer layers, as Keras saved them")
struct LayerGoldenTests {
  private func network(_ path: String) throws -> Network {
    let file = try KerasFile(path: path)
    let (graph, origins) = try KerasModelFile.layers(of: file)
    let importer = WeightImporter(file: file)
    let (parameters, _) = try importer.load(into: graph, cutAt: [graph.output.name], origins: origins)
    return try Network(graph: graph, parameters: parameters)
  }

  private func run(_ network: Network, _ golden: LayerGolden) throws -> [Float] {
    try InferencePlan(network).run(golden.input)[0].scalars
  }

  @Test("Results are Keras's", arguments: (LayerGolden.all?.outputs.keys).map { $0.sorted() } ?? [])
  func results(_ name: String) throws {
    let golden = try #require(LayerGolden.all)
    let expected = try #require(golden.outputs[name])
    let found = try run(network(Golden.path("layers_\(name).keras")), golden)
    #expect(found.count == expected.count)
    let scale = expected.values.reduce(0) { max($0, abs($1)) }
    for (index, value) in expected.values.enumerated() where abs(found[7 * index] - value) > 1e-5 * scale {
      Issue.record("element \(7 * index) is \(found[7 * index]), Keras has \(value)")
      break
    }
  }

  @Test(
    "Written as .keras and as .h5 and read again, results are the same bits",
    arguments: (LayerGolden.all?.outputs.keys).map { $0.sorted() } ?? [])
  func again(_ name: String) throws {
    let golden = try #require(LayerGolden.all)
    let network = try network(Golden.path("layers_\(name).keras"))
    let expected = try run(network, golden)
    try TestData.withTemporaryFolder { folder in
      let (archive, model) = (folder.appending(path: "m.keras").path, folder.appending(path: "m.h5").path)
      try KerasModelFile.writeArchive(network, to: archive)
      try KerasModelFile.write(network, to: model)
      #expect(try run(self.network(archive), golden) == expected)
      #expect(try run(self.network(model), golden) == expected)
    }
  }

  @Test("There are models of all the rarer layers")
  func complete() throws { #expect(try #require(LayerGolden.all).outputs.count >= 20) }
}
