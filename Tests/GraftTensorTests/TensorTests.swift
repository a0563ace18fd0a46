import Foundation
import GraftTensor
import Testing

@Suite("Tensors and shapes")
struct TensorTests {
  @Test("A shape counts its elements and knows its channels")
  func shapes() {
    #expect(Shape([2, 3, 4]).count == 24)
    #expect(Shape([]).count == 1)
    #expect(Shape([5, 0]).count == 0)
    #expect(Shape([7, 7, 512]).channels == 512)
    #expect("\(Shape([7, 7, 512]))" == "7×7×512")
  }

  @Test("A shape survives JSON; one with a negative length is refused")
  func json() throws {
    let data = try JSONEncoder().encode(Shape([2, 3]))
    #expect(String(decoding: data, as: UTF8.self) == "[2,3]")
    #expect(try JSONDecoder().decode(Shape.self, from: data) == [2, 3])
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(Shape.self, from: Data("[2,-3]".utf8)) }
  }

  @Test("Random tensors are the same for the same seed and stream, and have the deviation asked for")
  func random() {
    func tensor(_ seed: UInt64, _ stream: String) -> Tensor {
      Tensor(normalWithDeviation: 0.5, shape: [100, 100], seed: seed, stream: stream)
    }
    #expect(tensor(1, "a") == tensor(1, "a"))
    #expect(tensor(1, "a") != tensor(2, "a"))
    #expect(tensor(1, "a") != tensor(1, "b"))
    let values = tensor(1, "a").scalars.map(Double.init)
    let mean = values.reduce(0, +) / 10_000
    let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 10_000).squareRoot()
    // Five standard errors of each.
    #expect(abs(mean) < 0.025)
    #expect(abs(deviation - 0.5) < 0.018)
  }

  @Test("A description shows the shape, the range and the first elements")
  func description() {
    let tensor = Tensor(shape: [2, 3], scalars: [1, 2, 3, 4, 5, -6])
    #expect("\(tensor)" == "Tensor 2×3 in -6.0...5.0: 1.0, 2.0, 3.0, 4.0, …")
    #expect(tensor.reshaped(to: [6]).shape == [6])
  }
}
