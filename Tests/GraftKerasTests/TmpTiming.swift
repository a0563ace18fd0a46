import GraftGraph
import GraftKeras
import GraftModels
import Testing
import _GraftTestSupport
@Suite(.serialized) struct TmpTiming {
  @Test func timing() throws {
    let clock = ContinuousClock()
    let path = try #require(TestData.file("weights/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224.h5"))
    for _ in 0..<3 {
      print("graphs", try clock.measure { for c in zoo { _ = try c.graph(.none) } })
      let gs = try zoo.map { try $0.graph(.none) }
      print("order", clock.measure { for g in gs { _ = KerasLayerOrder.weightedNodes(of: g) } })
      print("open", try clock.measure { _ = try KerasFile(path: path) })
      let f = try KerasFile(path: path)
      print("recognise", try clock.measure { _ = try f.recognized(among: zoo) })
      let g = try Architecture.named("mobilenetv2_1.0").graph()
      print("load", try clock.measure { _ = try WeightImporter(file: f).load(into: g) })
    }
  }
}
