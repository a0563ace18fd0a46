import GraftGraph
import GraftKeras
import GraftModels
import GraftSupport
import GraftTensor
import Testing

@Suite("Keras's order of layers")
struct OrderTests {
  @Test("Layers with weights, their names and shapes, come in the order of Keras's own model.layers")
  func order() throws {
    let orders = try Golden.orders()
    var compared = 0
    for architecture in Architecture.all {
      // Keras no longer builds the legacy network.
      guard let expected = orders[architecture.name] else { continue }
      let graph = try architecture.graph()
      let text = KerasLayerOrder.weightedNodes(of: graph).map { node in
        let shapes = graph.parameterShapes(of: node).map { shape in
          shape.shape.dimensions.map(String.init).joined(separator: "x")
        }
        return "\(node.name) \(shapes.joined(separator: " "))\n"
      }.joined()
      #expect(Digest.sha256(of: Array(text.utf8)) == expected, "\(architecture.name)")
      compared += 1
    }
    #expect(compared == orders.count && compared == Architecture.all.count - 1)
  }
}
