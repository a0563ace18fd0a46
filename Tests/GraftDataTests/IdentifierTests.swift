import Foundation
import GraftData
import Testing

@Suite("Classes that share a name")
struct IdentifierTests {
  private let cranes: Labels

  init() throws {
    cranes = try Labels(["crane", "tench", "crane"], identifiers: ["n02012849", "n01440764", "n03126707"])
  }

  @Test("Are found by their identifiers; a name that two have stands for neither")
  func indices() {
    #expect(cranes.index(of: "n03126707") == 2)
    #expect(cranes.index(of: "tench") == 1)
    #expect(cranes.index(of: "crane") == nil)
  }

  @Test("Need identifiers that differ")
  func distinct() {
    #expect(throws: DataError.self) { try Labels(["a", "a"]) }
    #expect(throws: DataError.self) { try Labels(["a", "b"], identifiers: ["x", "x"]) }
    #expect(throws: DataError.self) { try Labels(["a", "b"], identifiers: ["x"]) }
  }

  @Test("Survive JSON, with identifiers and without")
  func json() throws {
    for labels in [cranes, try Labels(["cat", "dog"])] {
      let data = try JSONEncoder().encode(labels)
      #expect(try JSONDecoder().decode(Labels.self, from: data) == labels)
    }
    #expect(String(decoding: try JSONEncoder().encode(Labels(["cat"])), as: UTF8.self) == #"["cat"]"#)
  }

  @Test("Are told apart in predictions")
  func predictions() throws {
    let best = Prediction(probabilities: [0.2, 0.1, 0.7], classes: cranes).best
    #expect(best.label == "crane")
    #expect(best.identifier == "n03126707")
    let json = String(decoding: try JSONEncoder().encode(best), as: UTF8.self)
    #expect(json.contains(#""id":"n03126707""#))
  }
}
