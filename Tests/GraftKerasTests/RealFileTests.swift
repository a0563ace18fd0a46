import GraftGraph
import GraftKeras
import GraftModels
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

@Suite("Real weight files", .enabled(if: TestData.folder != nil, "there is no folder with real weights"))
struct RealFileTests {
  @Test("A published file is recognised with its width, top and end, within 0.2 s", arguments: RealFile.all)
  private func recognition(of file: RealFile) throws {
    let path = try #require(TestData.file(file.path))
    let clock = ContinuousClock()
    var times: [Duration] = []
    for _ in 0..<5 {
      var recognition: Recognition?
      times.append(try clock.measure { recognition = try KerasFile(path: path).recognized(among: zoo) })
      #expect(recognition?.name == file.name)
      #expect(recognition?.top == file.top)
      #expect(recognition?.lastLayer == file.lastLayer)
      #expect(recognition?.isPartial == (file.lastLayer != nil))
      #expect(recognition?.unused == [])
      #expect(recognition?.warnings == [])
    }
    print(file.path, times)
    // The best of five, since other tests run at the same time.
    #expect(times.min()! < .milliseconds(200))
  }
}
