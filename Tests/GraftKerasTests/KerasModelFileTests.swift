import Foundation
import GraftGraph
import GraftHDF5
import GraftKeras
import GraftModels
import GraftTensor
import Testing

@Suite("Whole Keras model files")
struct KerasModelFileTests {
  /// Writes the whole zoo with random weights where a Python script can look at it.
  @Test(
    "models are written for inspection by Keras",
    .enabled(if: ProcessInfo.processInfo.environment["GRAFT_MODEL_FILES"] != nil))
  func writeForKeras() throws {
    let folder = try #require(ProcessInfo.processInfo.environment["GRAFT_MODEL_FILES"])
    let names = ProcessInfo.processInfo.environment["GRAFT_MODEL_NAMES"]?.split(separator: ",").map(
      String.init)
    for architecture in Architecture.all where names?.contains(architecture.name) ?? true {
      let graph = try architecture.graph()
      let network = try Network(graph: graph, parameters: .random(for: graph, seed: 1))
      try KerasModelFile.write(network, name: architecture.name, to: "\(folder)/\(architecture.name).h5")
    }
  }
}
