import Foundation
import GraftGraph
import GraftKeras
import GraftModels
import GraftTensor
import Testing
import _GraftTestSupport

/// Files of the folder with real weights, and what they are by its README.
private struct RealFile: CustomTestStringConvertible {
  let path: String
  let name: String
  let top: CandidateTop
  var lastLayer: String?
  var testDescription: String { path }

  static let all = [
    RealFile(path: "weights/mobilenet_2_5_224_tf_no_top.h5", name: "mobilenet_0.25", top: .none),
    RealFile(
      path: "weights/mobilenet_2_5_224_tf.h5", name: "mobilenet_0.25", top: .classifier(classes: 1000)),
    RealFile(
      path: "weights/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5",
      name: "mobilenetv2_1.0", top: .none),
    RealFile(
      path: "weights/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224.h5", name: "mobilenetv2_1.0",
      top: .classifier(classes: 1000)),
    RealFile(
      path: "weights/vgg16_weights_tf_dim_ordering_tf_kernels_up_to_block3_conv2.h5", name: "vgg16",
      top: .none, lastLayer: "block3_conv2"),
    RealFile(
      path: "reference/mobilenet_0.25_224.keras3.weights.h5", name: "mobilenet_0.25",
      top: .classifier(classes: 1000)),
    RealFile(
      path: "reference/mobilenet_0.25_224.whole_model.h5", name: "mobilenet_0.25",
      top: .classifier(classes: 1000)),
  ]
}

/// The processor's time that this thread has used, in seconds.
private func threadSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

@Suite("Real weight files", .enabled(if: TestData.folder != nil, "there is no folder with real weights"))
struct RealFileTests {
  @Test("A published file is recognised with its width, top and end, within 0.2 s", arguments: RealFile.all)
  private func recognition(of file: RealFile) throws {
    let path = try #require(TestData.file(file.path))
    for _ in 0..<3 {
      let start = threadSeconds()
      let recognition = try KerasFile(path: path).recognized(among: zoo)
      // The processor's time, since other tests run at the same time.
      #expect(threadSeconds() - start < 0.2)
      #expect(recognition.name == file.name)
      #expect(recognition.top == file.top)
      #expect(recognition.lastLayer == file.lastLayer)
      #expect(recognition.isPartial == (file.lastLayer != nil))
      #expect(recognition.unused == [])
      #expect(recognition.warnings == [])
    }
  }
}

extension RealFileTests {
  @Test("The three files of one MobileNet give the same parameters, bit for bit")
  func threeFiles() throws {
    let graph = try Architecture.named("mobilenet_0.25").graph()
    let loaded = try [
      "weights/mobilenet_2_5_224_tf.h5", "reference/mobilenet_0.25_224.whole_model.h5",
      "reference/mobilenet_0.25_224.keras3.weights.h5",
    ].map { path in
      try WeightImporter(file: KerasFile(path: #require(TestData.file(path)))).load(into: graph)
    }
    #expect(loaded[0].parameters == loaded[1].parameters)
    #expect(loaded[0].parameters == loaded[2].parameters)
    #expect(loaded[0].parameters.tensors.values.reduce(0) { $0 + $1.count } == 475_544)
    for (_, matches) in loaded {
      #expect(matches.count(.name) == matches.rows.count && matches.warnings == [] && matches.unused == [])
    }
    // Keras's own file without top has the same values below the top.
    let trunk = try WeightImporter(
      file: KerasFile(path: #require(TestData.file("weights/mobilenet_2_5_224_tf_no_top.h5")))
    ).load(into: graph.withoutHead())
    #expect(trunk.parameters.tensors.allSatisfy { loaded[0].parameters[$0] == $1 })
    #expect(trunk.parameters.tensors.count == 135)
  }

  @Test("The first six convolutions of VGG16 load into the network cut there, and not into the whole")
  func partialVGG() throws {
    let path = try #require(
      TestData.file("weights/vgg16_weights_tf_dim_ordering_tf_kernels_up_to_block3_conv2.h5"))
    let importer = WeightImporter(file: try KerasFile(path: path))
    let whole = try Architecture.vgg16.graph(top: .none)
    let (parameters, matches) = try importer.load(into: whole.truncated(at: "block3_conv2"))
    #expect(matches.rows.count == 6 && matches.count(.name) == 6 && matches.warnings == [])
    // Values that the folder's README gives.
    #expect(parameters["block1_conv1", "kernel"]?.scalars[0] == 0.42947057)
    #expect(parameters["block1_conv1", "bias"]?.scalars[0] == 0.73429835)
    #expect(try importer.load(into: whole, cutAt: ["block3_conv2"]).parameters == parameters)
    let error = #expect(throws: ImportError.self) { try importer.load(into: whole) }
    #expect(error?.code == .missing)
    #expect(error?.layer == "block3_conv3")
  }
}
