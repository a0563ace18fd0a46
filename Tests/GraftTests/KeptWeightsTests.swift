import Foundation
import Graft
import Testing
import _GraftTestSupport

@Suite("Weights that are not kept")
struct KeptWeightsTests {
  private let picture = Image(width: 70, height: 64, pixels: (0..<70 * 64 * 3).map { UInt8($0 * 29 % 251) })

  @Test("Features are the same to the bit; what is known of the network stays, its weights do not")
  func features() throws {
    let pretrained = try PretrainedNetwork(.embedded)
    let keeping = try FeatureExtractor(pretrained)
    let other = try FeatureExtractor(pretrained, keepsWeights: false)
    #expect(try other.features(of: picture) == keeping.features(of: picture))
    #expect(other.origin == keeping.origin && other.layers == keeping.layers)
    #expect(other.pretrained.summary == keeping.pretrained.summary)
    #expect(other.pretrained.network.graph == pretrained.network.graph)
    #expect(!keeping.pretrained.network.parameters.tensors.isEmpty)
    #expect(other.pretrained.network.parameters.tensors.isEmpty)
    // The caller's own copy is whole.
    #expect(!pretrained.network.parameters.tensors.isEmpty)
  }

  @Test("A classifier cannot be put on them, nor can they be compiled or saved")
  func refusal() throws {
    let extractor = try FeatureExtractor(PretrainedNetwork(.embedded), keepsWeights: false)
    let width = extractor.layers[0].shape.count
    let head = try LinearClassifier(
      labels: Labels(["a", "b"]),
      kernel: Tensor(shape: [width, 2], scalars: .init(repeating: 0, count: 2 * width)),
      bias: Tensor(shape: [2], scalars: [0, 0]))
    let error = #expect(throws: WeightError.self) { try ImageClassifier(extractor, head: head) }
    #expect(error?.message.contains("keepsWeights") == true, "\(String(describing: error))")
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "weights.h5").path
      #expect(throws: (any Error).self) {
        try KerasWeightFile.write(extractor.pretrained.network, to: path)
      }
      #expect(!FileManager.default.fileExists(atPath: path))
    }
    let other = #expect(throws: EngineError.self) { try InferencePlan(extractor.pretrained.network) }
    #expect(other?.code == .parameters && other?.layer != nil, "\(String(describing: other))")
  }
}
