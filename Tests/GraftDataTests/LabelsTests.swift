import Foundation
import GraftData
import Testing

@Suite("Labels")
struct LabelsTests {
  @Test("names keep their order and are found by name")
  func order() throws {
    let labels = try Labels(["dog", "cat", "10", "2"])
    #expect(labels.count == 4 && labels[1] == "cat")
    #expect(labels.index(of: "2") == 3 && labels.index(of: "cow") == nil)
    #expect(try labels != Labels(["cat", "dog", "10", "2"]))
  }

  @Test(
    "no names, empty names and names that occur twice are errors",
    arguments: [[], [""], ["a", "b", "a"], ["a", ""], ["\u{e9}", "e\u{301}"]])
  func invalid(_ names: [String]) throws {
    #expect(try #require(throws: DataError.self) { _ = try Labels(names) }.code == .invalidLabels)
    let data = try JSONEncoder().encode(names)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(Labels.self, from: data) }
  }

  @Test("labels are an array of names in JSON")
  func codable() throws {
    let labels = try Labels(["b", "a"])
    let data = try JSONEncoder().encode(labels)
    #expect(String(decoding: data, as: UTF8.self) == #"["b","a"]"#)
    #expect(try JSONDecoder().decode(Labels.self, from: data) == labels)
  }
}
