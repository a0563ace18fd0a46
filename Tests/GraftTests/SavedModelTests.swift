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

  @Test("ImageNet's thousand classes are known by name and synset")
  func imageNet() throws {
    let labels = try #require(Labels.imageNet)
    #expect(labels.count == 1000)
    #expect(labels.names[0] == "tench" && labels.identifiers[0] == "n01440764")
    #expect(labels.index(of: "n03126707") == 517)
  }
}
