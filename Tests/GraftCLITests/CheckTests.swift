import Foundation
import Testing
import _GraftTestSupport

@Suite("graft check")
struct CheckTests {
  private struct Found: Decodable {
    struct Finding: Decodable {
      struct Picture: Decodable {
        let path: String
        let part: String?
        let `class`: String?
      }
      let kind: String
      let sameness: String?
      let pictures: [Picture]
    }
    let pictures: Int
    let clean: Bool
    let counts: [String: Int]
    let findings: [Finding]
  }

  @Test("Nothing but remarks ends with 0, something found with 2, no such folder with 1, wrong usage with 64")
  func exitCodes() throws {
    try TestData.withTemporaryFolder { folder in
      let photos = folder.appending(path: "photos")
      try Pictures.copy(classes: 2, perClass: 6, to: photos.appending(path: "train"))
      try Pictures.copy(Pictures.val, classes: 2, perClass: 2, to: photos.appending(path: "val"))
      let clean = try Program.run(["check", "photos"], in: folder)
      #expect(clean.status == 0 && clean.output.contains("nothing found"), "\(clean.output)\(clean.errors)")
      let manager = FileManager.default
      let name = try #require(
        try manager.contentsOfDirectory(atPath: photos.appending(path: "train").path).sorted().first)
      let file = try #require(
        try manager.contentsOfDirectory(atPath: photos.appending(path: "train/\(name)").path).sorted().first)
      let one = photos.appending(path: "train/\(name)/\(file)")
      try manager.copyItem(at: one, to: photos.appending(path: "val/\(name)/new\nline.jpg"))
      try Data(contentsOf: one).prefix(700).write(to: photos.appending(path: "train/\(name)/cut.jpg"))
      let found = try Program.run(["check", "photos"], in: folder)
      #expect(found.status == 2)
      #expect(found.output.contains("copies in two parts (leakage)"), "\(found.output)")
      #expect(found.output.contains("= photos/val/\(name)/new\\nline.jpg  the same bytes"), "\(found.output)")
      #expect(found.output.contains("photos/train/\(name)/cut.jpg: truncated JPEG"), "\(found.output)")
      let json = try Program.run(["check", "photos", "--json", "--quiet"], in: folder)
      let report = try json.json(Found.self)
      #expect(json.status == 2 && json.errors == "")
      #expect(report.pictures == 18 && !report.clean && report.counts == ["leak": 1, "truncated": 1])
      let leak = try #require(report.findings.first { $0.kind == "leak" })
      #expect(leak.sameness == "bytes" && leak.pictures.map(\.part) == ["train", "val"])
      #expect(leak.pictures.map(\.class) == [name, name])
      #expect(try Program.run(["check", "nowhere"], in: folder).status == 1)
      #expect(try Program.run(["check", "photos", "--imbalance", "1"], in: folder).status == 64)
    }
  }
}
