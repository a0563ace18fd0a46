import Foundation
import GraftData
import GraftImage
import Testing
import _GraftTestSupport

@Suite("Repeated and contradictory lines of tables")
struct TableRepetitionTests {
  /// Reads a table of pictures that need not be there.
  private static func read(_ text: String, _ body: (DividedPictures) throws -> Void) throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "list.csv").path
      try Data(text.utf8).write(to: URL(filePath: path))
      try body(DividedPictures(path, holdingOut: 0))
    }
  }

  @Test("A line that repeats an earlier one counts once, and is mentioned")
  func repeated() throws {
    try Self.read("path,label\na.jpg,cat\nb.jpg,dog\n./a.jpg,cat\na.jpg,cat\n") { pictures in
      #expect(pictures.training.items.map(\.relativePath) == ["a.jpg", "b.jpg"])
      #expect(pictures.warnings.count == 1)
      #expect(pictures.warnings[0].contains("2 lines repeat") && pictures.warnings[0].contains("line 4"))
      #expect(pictures.skipped.isEmpty)
    }
  }

  @Test("Fields beyond those of the first line mean that quotes are missing: the line is left out and named")
  func surplus() throws {
    try Self.read("path,label\na.jpg,cat\nb, c.jpg,dog\n\"d, e.jpg\",dog\nf.jpg,dog,\n") { pictures in
      #expect(pictures.training.items.map(\.relativePath) == ["a.jpg", "d, e.jpg", "f.jpg"])
      #expect(pictures.skipped.count == 1)
      #expect(
        pictures.skipped[0].path.hasSuffix("list.csv:3") && pictures.skipped[0].reason.contains("quotes"))
    }
  }

  @Test(
    "Lines that contradict each other are refused, and both are named",
    arguments: [
      ("path,label\na.jpg,cat\nb.jpg,dog\na.jpg,dog\n", "lines 2 and 4 give a.jpg two classes, cat and dog"),
      ("path,label,split\na.jpg,cat,train\na.jpg,cat,val\n", "lines 2 and 3 put a.jpg into different parts"),
      ("path,label\na.jpg,cat\n\"b.jpg,dog\nc.jpg,dog\n", "line 3: a quote begins there and does not end"),
      ("path,label,split\na.jpg,cat,train\nb.jpg,dog,holiday\n", "line 3: \"holiday\""),
      ("path,label,split\na.jpg,cat,train\nb.jpg,dog,\n", "line 3 does not say"),
    ])
  func refused(_ text: String, _ reason: String) throws {
    let error = #expect(throws: ImageError.self) { try Self.read(text) { _ in } }
    #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    #expect(error?.description.contains("list.csv") == true)
  }
}
