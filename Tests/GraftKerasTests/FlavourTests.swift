import Foundation
import GraftGraph
import GraftHDF5
import GraftKeras
import GraftTensor
import Testing
import _GraftTestSupport

/// A file of `Golden/make.py`, and what is to be seen in it.
private struct Flavour: CustomTestStringConvertible {
  let file: String
  let container: KerasFile.Container
  let generation: KerasFile.Generation
  /// The number of layers found by name; the others by position.
  let named: Int
  var warnings = 0
  var testDescription: String { file }

  static let branched = [
    Flavour(file: "keras2_weights.h5", container: .legacyWeights, generation: .keras2, named: 7),
    Flavour(file: "keras2_pieces_weights.h5", container: .legacyWeights, generation: .keras2, named: 7),
    Flavour(file: "keras2_latest_weights.h5", container: .legacyWeights, generation: .keras2, named: 7),
    Flavour(file: "keras2_model.h5", container: .wholeModel, generation: .keras2, named: 7),
    // Of all, only these two have no names: position among two layers of equal shape must be confessed.
    Flavour(file: "keras2.weights.h5", container: .weights, generation: .keras2, named: 0, warnings: 2),
    Flavour(
      file: "keras2_unnamed_weights.h5", container: .legacyWeights, generation: .keras2, named: 0, warnings: 2
    ),
    Flavour(file: "keras3_weights.h5", container: .legacyWeights, generation: .keras3, named: 7),
    Flavour(file: "keras3_model.h5", container: .wholeModel, generation: .keras3, named: 7),
    Flavour(file: "keras3.weights.h5", container: .weights, generation: .keras3, named: 7),
    Flavour(file: "keras2_nested_model.h5", container: .wholeModel, generation: .keras2, named: 7),
    Flavour(file: "keras3_nested_model.h5", container: .wholeModel, generation: .keras3, named: 7),
    Flavour(
      file: "keras2_nested.weights.h5", container: .weights, generation: .keras2, named: 0, warnings: 2),
    Flavour(file: "keras3_nested.weights.h5", container: .weights, generation: .keras3, named: 7),
  ]

  static let flat = [
    "keras1_weights.h5", "keras1_th_dim_ordering_tf_kernels.h5", "keras1_th_dim_ordering_th_kernels.h5",
    "keras1_theano_weights.h5",
  ].map { Flavour(file: $0, container: .legacyWeights, generation: .keras1, named: 3) }
}

@Suite("Every flavour of Keras file")
struct FlavourTests {
  @Test("The values are those that Keras wrote, and how they were found is told", arguments: Flavour.branched)
  private func branched(_ flavour: Flavour) throws {
    let file = try KerasFile(path: Golden.path(flavour.file))
    #expect(file.container == flavour.container)
    #expect(file.generation == flavour.generation)
    let (parameters, matches) = try WeightImporter(file: file).load(into: SmallNetwork.branched())
    #expect(try parameters == Golden.parameters("branched"))
    #expect(
      matches.rows.map(\.layer) == [
        "stem", "stem_bn", "deep", "right", "left", "last_bn", "predictions",
      ])
    #expect(matches.count(.name) == flavour.named)
    #expect(matches.count(.position) == 7 - flavour.named)
    #expect(matches.unused == [])
    #expect(matches.warnings.count == flavour.warnings, "\(matches)")
    if flavour.warnings > 0 {
      #expect(matches.warnings[0].hasPrefix("2 layers rest on position alone"))
      #expect(matches.warnings[0].hasSuffix("right, left"))
    }
  }

  @Test("Keras 1 and Theano: kernels are turned and axes put in order", arguments: Flavour.flat)
  private func flat(_ flavour: Flavour) throws {
    let file = try KerasFile(path: Golden.path(flavour.file))
    #expect(file.generation == .keras1)
    let (parameters, matches) = try WeightImporter(file: file).load(into: SmallNetwork.flat())
    #expect(try parameters == Golden.parameters("flat"))
    #expect(matches.count(.name) == 3)
    #expect(matches.warnings == [])
  }

  @Test("Arrays are found by whatever path the layer gives: of its own, absolute, or with what HDF5 ignores")
  func paths() throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "weights.h5").path
      let file = try HDF5File(path, mode: .create)
      try file.root.setAttribute("layer_names", .strings(["conv"]), storage: .fixed)
      _ = try file.root.createDataset("kernel:0", type: .float32, shape: [3, 3, 1, 2])
      let group = try file.root.createGroup("conv")
      _ = try group.createDataset("kernel:0", type: .float32, shape: [5, 5, 1, 2])
      _ = try group.createDataset("inner/bias:0", type: .float32, shape: [2])
      let names = [
        "/kernel:0", "/conv/kernel:0", "kernel:0", "inner/bias:0", "inner/bias:0/", "./inner//bias:0/.",
      ]
      try group.setAttribute("weight_names", .strings(names), storage: .fixed)
      try file.close()
      let weights = try KerasFile(path: path).layers.flatMap(\.weights)
      let shapes = Dictionary(weights.map { ($0.name, $0.shape) }) { first, _ in first }
      #expect(
        shapes == [
          "/kernel:0": [3, 3, 1, 2], "/conv/kernel:0": [5, 5, 1, 2], "kernel:0": [5, 5, 1, 2],
          "inner/bias:0": [2], "inner/bias:0/": [2], "./inner//bias:0/.": [2],
        ])
    }
  }

  @Test("The network without classifier is loaded from a file with one", arguments: Flavour.branched)
  private func withoutTop(_ flavour: Flavour) throws {
    let file = try KerasFile(path: Golden.path(flavour.file))
    let (parameters, matches) = try WeightImporter(file: file).load(into: SmallNetwork.branched(classes: nil))
    var expected = try Golden.parameters("branched")
    expected["predictions", "kernel"] = nil
    expected["predictions", "bias"] = nil
    #expect(parameters == expected)
    #expect(matches.unused.count == 1)
  }

  @Test("A file is the same read from memory")
  func memory() throws {
    let path = Golden.path("keras3.weights.h5")
    let bytes = try [UInt8](Data(contentsOf: URL(filePath: path)))
    let (file, image) = (try KerasFile(path: path), try KerasFile(bytes: bytes, name: "image"))
    #expect(file.layers == image.layers)
    #expect(try file.digest(.sha256) == image.digest(.sha256))
    #expect(try file.digest(.md5) == image.digest(.md5))
    let graph = try SmallNetwork.branched()
    #expect(
      try WeightImporter(file: file).load(into: graph).parameters
        == WeightImporter(file: image).load(into: graph).parameters)
  }

  @Test("A known digest makes position as good as a name")
  func known() throws {
    let file = try KerasFile(path: Golden.path("keras2_unnamed_weights.h5"))
    let (parameters, matches) = try WeightImporter(file: file, isKnown: true).load(
      into: SmallNetwork.branched())
    #expect(try parameters == Golden.parameters("branched"))
    #expect(matches.count(.digest) == 7)
    #expect(matches.warnings == [])
  }

  @Test("A part cut inside a branch is loaded by the whole network's order")
  func cut() throws {
    let file = try KerasFile(path: Golden.path("keras2_unnamed_weights.h5"))
    let (parameters, _) = try WeightImporter(file: file).load(into: SmallNetwork.branched(), cutAt: ["left"])
    let expected = try Golden.parameters("branched")
    #expect(parameters["left", "kernel"] == expected["left", "kernel"])
    #expect(parameters["right", "kernel"] == nil)
  }

  @Test("The table tells each layer's source, what was not used, and every doubt")
  func table() throws {
    let file = try KerasFile(path: Golden.path("keras2_unnamed_weights.h5"))
    let (_, matches) = try WeightImporter(file: file).load(into: SmallNetwork.branched(classes: nil))
    let lines = matches.description.split(separator: "\n").map {
      String($0).split(separator: " ").map(String.init)
    }
    #expect(lines[0][0] == "stem" && lines[0][2...].elementsEqual(["position?", "kernel", "3×3×3×4"]))
    #expect(lines[6].starts(with: ["not", "used:"]))
    #expect(lines[7][0] == "warning:" && lines.count == 9)
    #expect(matches.rows[0].parameters[0].path.hasSuffix("kernel:0"))
  }
}
