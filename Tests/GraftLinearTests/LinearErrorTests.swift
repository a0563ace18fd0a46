import GraftData
import GraftLinear
import GraftTensor
import Testing

@Suite("What a fit refuses")
struct LinearErrorTests {
  private func refusal(
    _ features: Tensor, _ classIndices: [Int], _ names: [String], paths: [String]? = nil,
    _ regression: LogisticRegression = LogisticRegression(l2: 0.1)
  ) throws -> LinearError? {
    #expect(throws: LinearError.self) {
      try regression.fit(
        features: features, classIndices: classIndices, labels: try Labels(names), paths: paths)
    }
  }

  private let square = Tensor(shape: [4, 2], scalars: [0, 0, 1, 0, 0, 1, 1, 1])

  @Test("fewer than two rows", arguments: [0, 1])
  func rows(count: Int) throws {
    let error = try refusal(
      Tensor(repeating: 0, shape: [count, 3]), [Int](repeating: 0, count: count), ["a", "b"])
    #expect(error?.code == .tooFewRows)
  }

  @Test("a single class, named or unnamed others or not")
  func singleClass() throws {
    let one = try refusal(square, [0, 0, 0, 0], ["cat"])
    #expect(one?.code == .singleClass && one?.message.contains("\"cat\"") == true)
    let other = try refusal(square, [1, 1, 1, 1], ["cat", "dog"])
    #expect(other?.code == .singleClass && other?.message.contains("\"dog\"") == true)
  }

  @Test("a class without rows, by its name")
  func emptyClass() throws {
    let error = try refusal(square, [0, 0, 2, 2], ["cat", "dog", "owl"])
    #expect(error?.code == .emptyClass && error?.message.contains("\"dog\"") == true)
  }

  @Test(
    "a feature that is no finite number, by row, picture and column",
    arguments: [Float.nan, .infinity, -.infinity])
  func notFinite(value: Float) throws {
    for (row, column) in [(0, 0), (3, 20), (2, 7), (1, 16)] {
      var scalars = [Float](repeating: 1, count: 84)
      scalars[row * 21 + column] = value
      let error = try refusal(
        Tensor(shape: [4, 21], scalars: scalars), [0, 1, 0, 1], ["a", "b"],
        paths: ["p0.jpg", "p1.jpg", "p2.jpg", "p3.jpg"])
      #expect(error?.code == .notFinite)
      #expect(error?.message.contains("feature \(column) of p\(row).jpg (row \(row)) is \(value)") == true)
    }
  }

  @Test("the largest finite features are taken")
  func largest() throws {
    let features = Tensor(
      shape: [4, 1],
      scalars: [.greatestFiniteMagnitude, -.greatestFiniteMagnitude, .greatestFiniteMagnitude, 0])
    let found = try LogisticRegression(l2: 0.1).fit(
      features: features, classIndices: [0, 1, 0, 1], labels: try Labels(["a", "b"]))
    #expect(found.bias.scalars.allSatisfy { $0.isFinite })
    #expect(found.predict([.greatestFiniteMagnitude]).label == "a")
  }

  @Test("numbers that do not agree")
  func mismatch() throws {
    #expect(try refusal(square, [0, 1, 0], ["a", "b"])?.code == .widthMismatch)
    #expect(try refusal(square, [0, 1, 0, 2], ["a", "b"])?.code == .widthMismatch)
    #expect(try refusal(square, [0, 1, 0, -1], ["a", "b"])?.code == .widthMismatch)
    #expect(try refusal(square, [0, 1, 0, 1], ["a", "b"], paths: ["x"])?.code == .widthMismatch)
    #expect(
      try refusal(Tensor(repeating: 0, shape: [4, 0]), [0, 1, 0, 1], ["a", "b"])?.code == .widthMismatch)
  }

  @Test(
    "options outside their range",
    arguments: [
      LogisticRegression(l2: -1), LogisticRegression(l2: .fixed(.nan)),
      LogisticRegression(l2: .fixed(.infinity)),
      LogisticRegression(maxIterations: 0), LogisticRegression(tolerance: 0), LogisticRegression(folds: 1),
      LogisticRegression(labelSmoothing: -0.1), LogisticRegression(labelSmoothing: 1.1),
      LogisticRegression(labelSmoothing: .nan),
    ])
  func options(regression: LogisticRegression) throws {
    #expect(try refusal(square, [0, 1, 0, 1], ["a", "b"], regression)?.code == .invalidOption)
  }
}
