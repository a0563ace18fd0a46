import Foundation
import Graft
import Testing
import _GraftTestSupport

@Suite("Saved models")
struct SavedModelTests {
  @Test("Keep the preprocessing, size and classes that they were used with, and predict the same again")
  func savedAgain() throws {
    try TestData.withTemporaryFolder { folder in
      let source = folder.appending(path: "source.h5").path
      let graph = try Architecture.named("mobilenet_0.25").graph(inputSize: 64, top: .classifier(classes: 3))
      let network = try Network(graph: graph, parameters: .random(for: graph, seed: 3))
      try KerasModelFile.write(network, name: "mobilenet", to: source)
      let choice = PreprocessingChoice(mode: .torch, resize: .crop)
      let first = try ImageClassifier(PretrainedNetwork(classifier: .file(source), preprocessing: choice))
      let path = folder.appending(path: "saved.h5").path
      try first.save(to: path)
      let second = try ImageClassifier(contentsOf: path)
      #expect(second.preprocessing == Preprocessing(mode: .torch, resize: .crop))
      #expect(second.inputSize == 64)
      #expect(second.classes == first.classes)
      let picture = Image(width: 70, height: 50, pixels: (0..<70 * 50 * 3).map { UInt8($0 * 31 % 251) })
      #expect(try first.predict(picture) == second.predict(picture))
      let other = try ImageClassifier(
        PretrainedNetwork(classifier: .file(path), preprocessing: PreprocessingChoice(resize: .keras)))
      #expect(other.preprocessing == Preprocessing(mode: .torch, resize: .keras))
      try other.save(to: path)
      #expect(try ImageClassifier(contentsOf: path).preprocessing == other.preprocessing)
    }
  }

  @Test("Weights alone are read back as the same network, of the same input size")
  func weightsAlone() throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "weights.h5").path
      for architecture in ["mobilenet_0.25", "mobilenetv2_0.35"] {
        let network = try PretrainedNetwork(
          .random(seed: 5), architecture: .named(architecture), inputSize: 96)
        try network.saveWeights(to: path, figures: ["accuracy": 0.25])
        let again = try PretrainedNetwork(.file(path))
        #expect(again.name == architecture && again.network == network.network)
        #expect(again.inputSize == 96 && again.preprocessing == network.preprocessing)
        #expect(try HDF5File(path).root.attribute("accuracy")?.doubleValue == 0.25)
      }
    }
  }

  /// A file with a small network of one's own for pictures of a shape.
  private func ownModel(_ shape: Shape, in folder: URL) throws -> (path: String, network: Network) {
    let path = folder.appending(path: "own.h5").path
    var builder = GraphBuilder()
    var x = builder.input(shape, "picture")
    x = builder.convolution(x, filters: 4, kernel: 3, activation: .relu, "convolution")
    x = builder.globalPooling(x, .average, "pool")
    _ = builder.dense(x, units: 3, activation: .softmax, "classes")
    let graph = try builder.graph()
    let network = try Network(graph: graph, parameters: .random(for: graph, seed: 3))
    try KerasModelFile.write(network, name: "own", to: path)
    return (path, network)
  }

  @Test(
    "A network of one channel is given grey pictures, in either order of channels",
    arguments: [
      Preprocessing.Mode.tf, .caffe, .none,
    ])
  func gray(mode: Preprocessing.Mode) throws {
    try TestData.withTemporaryFolder { folder in
      let (path, network) = try ownModel([9, 9, 1], in: folder)
      let model = try ImageClassifier(
        PretrainedNetwork(
          classifier: .file(path), preprocessing: PreprocessingChoice(mode: mode, resize: .crop)))
      let pixels = (0..<81 * 3).map { UInt8($0 * 31 % 251) }
      let gray = stride(from: 0, to: pixels.count, by: 3).map { i -> Float in
        let (red, green, blue) = (Float(pixels[i]), Float(pixels[i + 1]), Float(pixels[i + 2]))
        switch mode {
        case .caffe: return 0.299 * (red - 123.68) + 0.587 * (green - 116.779) + 0.114 * (blue - 103.939)
        case .tf: return (0.299 * red + 0.587 * green + 0.114 * blue) / 127.5 - 1
        default: return 0.299 * red + 0.587 * green + 0.114 * blue
        }
      }
      let expected = try InferencePlan(network).run(Tensor(shape: [1, 9, 9, 1], scalars: gray))[0].scalars
      let guesses = try model.predict(Image(width: 9, height: 9, pixels: pixels)).guesses
      let found = guesses.sorted { $0.index < $1.index }.map(\.probability)
      expectClose(found, expected, tolerance: 1e-5, "probabilities")
    }
  }

  @Test(
    "Networks that no picture fits are refused, with their shape",
    arguments: [
      ([9, 12, 3], "9 x 12"), ([9, 9, 4], "4 values"), ([9, 9, 2], "2 values"),
    ] as [([Int], String)])
  func noPictures(lengths: [Int], part: String) throws {
    try TestData.withTemporaryFolder { folder in
      let path = try ownModel(Shape(lengths), in: folder).path
      let error = #expect(throws: WeightError.self) {
        try PretrainedNetwork(classifier: .file(path), preprocessing: PreprocessingChoice(mode: .tf))
      }
      #expect(error?.message.contains(part) == true && error?.message.contains(path) == true)
    }
  }

  @Test("ImageNet's thousand classes are known by name and synset")
  func imageNet() throws {
    let labels = try #require(Labels.imageNet)
    #expect(labels.count == 1000)
    #expect(labels.names[0] == "tench" && labels.identifiers[0] == "n01440764")
    #expect(labels.index(of: "n03126707") == 517)
  }
}
