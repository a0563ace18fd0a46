import Foundation
import GraftFeatures
import GraftTensor
import Testing
import _GraftTestSupport

@Suite("Recorders of activations")
struct ActivationRecorderTests {
  private let sample = Sample(layers: [
    FeatureLayer(name: "a", shape: [2, 3]), FeatureLayer(name: "b", shape: [7]),
  ])

  private func rows(_ recorder: some FeatureSource, layer: Int, _ pictures: [Int]) throws -> [Float] {
    let width = recorder.layers[layer].shape.count
    return try [Float](unsafeUninitializedCapacity: width * pictures.count) { buffer, count in
      count = width * pictures.count
      try recorder.read(
        layer: layer, of: Sample.rows(pictures)[...],
        into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
    }
  }

  @Test("Halves are the nearest ones, whatever the number of values")
  func halves() throws {
    let layers = sample.layers
    let recorder = HalfRecorder(layers, in: MemoryRecorder(layers: HalfRecorder.packed(layers)))
    try sample.append([4, 9, 2], to: recorder)
    #expect(recorder.hasRow(digest: Sample.digest(9)) && !recorder.hasRow(digest: Sample.digest(1)))
    for layer in 0..<2 {
      let wanted = [2, 4].flatMap { sample.features($0)[layer] }.map { value -> Float in
        // 11 bits of precision.
        let unit = Float(sign: .plus, exponent: max(value.exponent, -14) - 10, significand: 1)
        return (value / unit).rounded(.toNearestOrEven) * unit
      }
      #expect(try rows(recorder, layer: layer, [2, 4]) == wanted)
    }
  }

  @Test("What is in memory and what is on disk are read alike, and the disk keeps all")
  func memoryFirst() throws {
    try TestData.withTemporaryFolder { folder in
      let cache = FeatureCache(directory: folder.path)
      do {
        let recorder = MemoryFirstRecorder(try cache.recorder(for: sample.origin, layers: sample.layers))
        try sample.append(0..<4, to: recorder)
      }
      let recorder = MemoryFirstRecorder(try cache.recorder(for: sample.origin, layers: sample.layers))
      try sample.append(3..<6, to: recorder)
      for layer in 0..<2 {
        for pictures in [[5, 0, 3], [1, 1, 4, 0]] {
          #expect(
            try rows(recorder, layer: layer, pictures) == pictures.flatMap { sample.features($0)[layer] })
        }
      }
      #expect(throws: FeatureError.self) { try rows(recorder, layer: 0, [8]) }
    }
  }
}
