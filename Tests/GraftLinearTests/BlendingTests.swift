import Foundation
import GraftData
import GraftLinear
import GraftTensor
import Testing
import _GraftTestSupport

@Suite("Blended classifiers")
struct BlendingTests {
  private let labels = ["a", "b", "c"]

  @Test("One classifier of two has the product of their probabilities, each to the power of its weight")
  func product() throws {
    let (one, two) = (
      Drawn(rows: 60, width: 5, classes: 3, spread: 2, seed: 81),
      Drawn(rows: 60, width: 9, classes: 3, spread: 2, seed: 82)
    )
    func fit(_ data: Drawn) throws -> LinearClassifier {
      try LogisticRegression(l2: 0.05).fit(
        features: data.features, classIndices: one.classIndices, labels: Labels(labels))
    }
    let members = try [(fit(one), 0.7), (fit(two), 0.4)]
    let blended = try LinearClassifier(blending: members.map { (classifier: $0.0, weight: $0.1) })
    #expect(blended.width == 14 && blended.labels == members[0].0.labels && blended.training == nil)
    #expect(blended.standardization?.width == 14)
    #expect(blended.members.map(\.weight) == [0.7, 0.4] && blended.members.map(\.width) == [5, 9])
    #expect(blended.members.map(\.training) == members.map(\.0.training) && members[0].0.members.isEmpty)
    let data = try JSONEncoder().encode(blended)
    #expect(try JSONDecoder().decode(LinearClassifier.self, from: data) == blended)
    let damaged = String(decoding: data, as: UTF8.self).replacing("\"width\":9", with: "\"width\":8")
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(LinearClassifier.self, from: Data(damaged.utf8))
    }
    var both: [Float] = []
    for row in 0..<60 {
      both += one.features.scalars[row * 5..<(row + 1) * 5]
      both += two.features.scalars[row * 9..<(row + 1) * 9]
    }
    let joined = Tensor(shape: [60, 14], scalars: both)
    let (first, second) = (
      try members[0].0.probabilities(of: one.features).scalars,
      try members[1].0.probabilities(of: two.features).scalars
    )
    var expected: [Double] = []
    for row in 0..<60 {
      let products = (row * 3..<(row + 1) * 3).map { place in
        pow(Double(first[place]), 0.7) * pow(Double(second[place]), 0.4)
      }
      let sum = products.reduce(0, +)
      expected += products.map { $0 / sum }
    }
    expectClose(try blended.probabilities(of: joined).scalars, expected, tolerance: 1e-5, "probabilities")
  }

  @Test("What cannot be blended is refused")
  func refused() throws {
    func classifier(
      _ names: [String], activation: LinearClassifier.Activation = .softmax
    ) throws -> LinearClassifier {
      try LinearClassifier(
        labels: Labels(names), kernel: Tensor(repeating: 1, shape: [2, names.count]),
        bias: Tensor(repeating: 0, shape: [names.count]), activation: activation)
    }
    let plain = try classifier(labels)
    for members in try [
      [], [(plain, 1.0), (classifier(["a", "b"]), 1)], [(plain, -1)], [(plain, .nan)],
      [(classifier(labels, activation: .sigmoid), 1)],
    ] {
      let error = #expect(throws: LinearError.self) {
        try LinearClassifier(blending: members.map { (classifier: $0.0, weight: $0.1) })
      }
      #expect(error?.code == .invalidOption)
    }
  }
}
