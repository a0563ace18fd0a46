import Foundation
import GraftData
import GraftFeatures
import GraftLinear
import GraftTensor
import Testing
import _GraftTestSupport

@Suite("Linear classifier")
struct LinearClassifierTests {
  private func classifier() throws -> (LinearClassifier, Drawn) {
    let data = Drawn(rows: 90, width: 7, classes: 3, spread: 1, seed: 30)
    let found = try LogisticRegression(l2: 0.01).fit(
      features: data.features, classIndices: data.classIndices, labels: try Labels(["cat", "dog", "owl"]))
    return (found, data)
  }

  @Test("folding the standardization into the weights changes nothing")
  func folding() throws {
    // Features far from 0: what folding could spoil.
    let drawn = Drawn(rows: 90, width: 7, classes: 3, spread: 1, seed: 30)
    let features = Tensor(
      shape: [90, 7], scalars: drawn.features.scalars.enumerated().map { $1 * Float($0 % 7 + 1) + 200 })
    let regression = LogisticRegression(l2: 0.01, tolerance: 1e-12)
    let labels = try Labels(["cat", "dog", "owl"])
    let folded = try regression.fit(features: features, classIndices: drawn.classIndices, labels: labels)
    let standardization = Standardization(features: features)
    #expect(folded.standardization == standardization)
    let standardized = Tensor(
      shape: [90, 7],
      scalars: features.scalars.enumerated().map {
        Float((Double($1) - standardization.mean[$0 % 7]) / standardization.scale[$0 % 7])
      })
    let plain = try regression.fit(
      features: standardized, classIndices: drawn.classIndices, labels: labels)
    expectClose(
      try folded.probabilities(of: features).scalars, try plain.probabilities(of: standardized).scalars,
      tolerance: 2e-5, "probabilities")
  }

  @Test("probabilities are softmax of the logits, and add up to 1")
  func probabilities() throws {
    let (classifier, data) = try classifier()
    let found = try classifier.probabilities(of: data.features)
    #expect(found.shape == [90, 3])
    var expected: [Double] = []
    for row in 0..<90 {
      let powers = (0..<3).map { label in
        exp(
          (0..<7).reduce(Double(classifier.bias.scalars[label])) {
            $0 + Double(data.features.scalars[row * 7 + $1])
              * Double(classifier.kernel.scalars[$1 * 3 + label])
          })
      }
      expected += powers.map { $0 / powers.reduce(0, +) }
    }
    expectClose(found.scalars, expected, tolerance: 1e-6, "probabilities")
  }

  @Test("a row's bits do not depend on the rows beside it")
  func batches() throws {
    let (classifier, data) = try classifier()
    let all = try classifier.probabilities(of: data.features)
    for rows in [[0], [89], [5, 17, 80], Array(20..<53)] {
      let part = try classifier.probabilities(of: data.rows(rows).features)
      #expect(part.scalars == rows.flatMap { all.scalars[$0 * 3..<($0 + 1) * 3] })
    }
    let vector = Array(data.features.scalars[35..<42])
    let prediction = classifier.predict(vector)
    #expect(
      prediction == Prediction(probabilities: all.scalars[15..<18], classes: classifier.labels))
    #expect(try classifier.predictions(for: data.features)[5] == prediction)
  }

  @Test("features of another width are refused with both widths")
  func width() throws {
    let (classifier, _) = try classifier()
    let error = #expect(throws: LinearError.self) {
      try classifier.probabilities(of: Tensor(repeating: 0, shape: [2, 8]))
    }
    #expect(error?.code == .widthMismatch)
    #expect(error?.message.contains("7") == true && error?.message.contains("2×8") == true)
    #expect(throws: LinearError.self) {
      try LinearClassifier(
        labels: classifier.labels, kernel: Tensor(repeating: 0, shape: [7, 2]), bias: classifier.bias)
    }
    #expect(throws: LinearError.self) {
      try LinearClassifier(
        labels: classifier.labels, kernel: classifier.kernel, bias: classifier.bias,
        standardization: Standardization(identity: 6))
    }
  }

  @Test("it is the same after it was written and read")
  func coding() throws {
    let (classifier, data) = try classifier()
    let read = try JSONDecoder().decode(LinearClassifier.self, from: JSONEncoder().encode(classifier))
    #expect(read == classifier)
    let auto = try LogisticRegression(folds: 2).fit(
      features: data.features, classIndices: data.classIndices, labels: classifier.labels)
    #expect(
      try JSONDecoder().decode(LinearClassifier.self, from: JSONEncoder().encode(auto)) == auto)
    let bare = try LinearClassifier(
      labels: classifier.labels, kernel: classifier.kernel, bias: classifier.bias)
    #expect(
      try JSONDecoder().decode(LinearClassifier.self, from: JSONEncoder().encode(bare)) == bare)
  }

  @Test(
    "weights of single precision, which early versions wrote, are read; of both, or of another number, they are not"
  )
  func earlyFiles() throws {
    let (classifier, data) = try classifier()
    let written = try JSONSerialization.jsonObject(with: JSONEncoder().encode(classifier))
    func read(kernel: Data?, bias: Data?) throws -> LinearClassifier {
      var values = try #require(written as? [String: Any])
      if let kernel { values["kernel"] = kernel.base64EncodedString() }
      if let bias { values["bias"] = bias.base64EncodedString() }
      return try JSONDecoder().decode(
        LinearClassifier.self, from: JSONSerialization.data(withJSONObject: values))
    }
    func floats(_ tensor: Tensor) -> Data { tensor.scalars.withUnsafeBytes { Data($0) } }
    let early = try read(kernel: floats(classifier.kernel), bias: floats(classifier.bias))
    #expect(early.kernel == classifier.kernel && early.bias == classifier.bias)
    expectClose(
      try early.probabilities(of: data.features).scalars,
      try classifier.probabilities(of: data.features).scalars,
      tolerance: 1e-6, "probabilities")
    let bias = floats(classifier.bias)
    for (kernel, bias) in [
      (floats(classifier.kernel), nil), (nil, bias), (floats(classifier.kernel), bias.dropLast()),
      (floats(classifier.kernel).dropLast(4), bias),
    ] {
      #expect(throws: DecodingError.self) { try read(kernel: kernel, bias: bias) }
    }
  }

  @Test(
    "what does not fit together is refused on reading",
    arguments: [
      "\"width\":7>\"width\":6", "\"owl\"]>\"owl\",\"ox\"]", "\"width\":7>\"width\":-7",
      "\"width\":7>\"width\":9223372036854775807", "\"chosen\":>\"chosen\":9",
    ])
  func damaged(change: String) throws {
    let data = Drawn(rows: 90, width: 7, classes: 3, spread: 1, seed: 30)
    let classifier = try LogisticRegression(folds: 2).fit(
      features: data.features, classIndices: data.classIndices, labels: try Labels(["cat", "dog", "owl"]))
    let text = String(decoding: try JSONEncoder().encode(classifier), as: UTF8.self)
    let parts = change.split(separator: ">").map(String.init)
    let damaged = text.replacing(parts[0], with: parts[1])
    #expect(damaged != text)
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(LinearClassifier.self, from: Data(damaged.utf8))
    }
  }

  @Test("it is judged on tables whose classes are some of its own, by name")
  func tables() throws {
    let (classifier, data) = try classifier()
    let rows = (0..<90).filter { data.classIndices[$0] != 1 }
    let part = data.rows(rows)
    let skipped = [SkippedPicture(path: "x.jpg", reason: "cut short")]
    let table = FeatureTable(
      features: part.features, classIndices: part.classIndices.map { $0 == 2 ? 0 : 1 },
      labels: try Labels(["owl", "cat"]), skipped: skipped)
    let found = try classifier.evaluate(table)
    let expected = Evaluation(
      probabilities: try classifier.probabilities(of: part.features).scalars, truth: part.classIndices,
      classes: classifier.labels, paths: table.paths, skipped: skipped)
    #expect(found == expected)
    #expect(found.accuracy > 0.6 && found.count == 60 && found.absentClasses == ["dog"])
  }

  @Test("a table is fitted as its parts are, and one without classes is refused")
  func fitTable() throws {
    let (classifier, data) = try classifier()
    let table = FeatureTable(
      features: data.features, classIndices: data.classIndices, labels: classifier.labels)
    #expect(try LogisticRegression(l2: 0.01).fit(table) == classifier)
    let flat = FeatureTable(features: data.features)
    let error = #expect(throws: LinearError.self) { try LogisticRegression(l2: 0.01).fit(flat) }
    #expect(error?.code == .missingLabels)
    #expect(throws: LinearError.self) { try classifier.evaluate(flat) }
  }
}
