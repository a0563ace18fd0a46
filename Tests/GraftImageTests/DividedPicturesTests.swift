import Foundation
import GraftData
import GraftImage
import Testing
import _GraftTestSupport

@Suite("Data sets with a part to judge by")
struct DividedPicturesTests {
  private func make(_ paths: [String], in folder: URL) throws {
    for path in paths {
      let url = folder.appending(path: path)
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(path.utf8).write(to: url)
    }
  }

  @Test(
    "Parts are found by the names that people give them, the likeliest first",
    arguments: [
      (["train", "val"], "train", "val"), (["Training", "valid", "test"], "Training", "valid"),
      (["train", "validation"], "train", "validation"), (["train", "test"], "train", "test"),
      (["train", "val", "notes"], "train", "val"),
    ])
  func names(_ folders: [String], _ training: String, _ validation: String) throws {
    try TestData.withTemporaryFolder { folder in
      try make(folders.flatMap { ["\($0)/a/1.jpg", "\($0)/b/2.jpg", "\($0)/b/3.jpg"] }, in: folder)
      let found = try DividedPictures(folder.path)
      #expect(found.training.items.map(\.path).allSatisfy { $0.contains("/\(training)/") })
      #expect(try #require(found.validation).items.map(\.path).allSatisfy { $0.contains("/\(validation)/") })
      #expect(found.labels.names == ["a", "b"])
      #expect(found.warnings.count == (folders.count > 2 ? 1 : 0))
    }
  }

  @Test("Held-out pictures get the numbers of the classes that are trained on")
  func relabelled() throws {
    try TestData.withTemporaryFolder { folder in
      try make(["train/a/1.jpg", "train/b/1.jpg", "train/c/1.jpg", "val/b/2.jpg", "val/c/3.jpg"], in: folder)
      let found = try DividedPictures(folder.path)
      #expect(found.validation?.items.map(\.label) == [1, 2])
      try make(["val/d/9.jpg"], in: folder)
      let error = #expect(throws: DataError.self) { try DividedPictures(folder.path) }
      #expect(error?.description.contains("\"d\"") == true)
    }
  }

  @Test("One folder per class is divided by class, the same way for the same seed")
  func split() throws {
    try TestData.withTemporaryFolder { folder in
      try make((0..<40).map { "\(["a", "b"][$0 % 2])/\($0).jpg" }, in: folder)
      let found = try DividedPictures(folder.path, holdingOut: 0.25, seed: 3)
      let held = try #require(found.validation)
      #expect(found.training.items.count == 30 && held.items.count == 10)
      #expect(held.items.count { $0.label == 0 } == 5)
      #expect(Set(found.training.items + held.items).count == 40)
      #expect(try DividedPictures(folder.path, holdingOut: 0.25, seed: 3) == found)
      #expect(try DividedPictures(folder.path, holdingOut: 0.25, seed: 4).training != found.training)
      #expect(try DividedPictures(folder.path, holdingOut: 0).validation == nil)
    }
  }

  @Test("A class may be called train")
  func trains() throws {
    try TestData.withTemporaryFolder { folder in
      try make(["bus/1.jpg", "bus/2.jpg", "train/1.jpg", "train/2.jpg"], in: folder)
      #expect(try DividedPictures(folder.path, holdingOut: 0.5).labels.names == ["bus", "train"])
    }
  }

  @Test(
    "Tables may have a heading or none, quotes, other separators and line ends",
    arguments: [
      "path,label,split\na/1.jpg,cat,train\n\"a/2, b.jpg\",\"dog \"\"x\"\"\",val\na/3.jpg,dog \"x\",train\n",
      "a/1.jpg,cat,train\r\n\"a/2, b.jpg\",\"dog \"\"x\"\"\",validation\r\na/3.jpg,dog \"x\",training",
      "\u{feff}Split;Class;File\ntrain; cat ;a/1.jpg\nval;\"dog \"\"x\"\"\";a/2, b.jpg\n\ntrain;\"dog \"\"x\"\"\";a/3.jpg\n",
      "filename\tlabel\tset\na/1.jpg\tcat\ttrain\na/2, b.jpg\t\"dog \"\"x\"\"\"\tdev\na/3.jpg\t\"dog \"\"x\"\"\"\ttrain",
    ])
  func tables(_ text: String) throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "list.csv")
      try Data(text.utf8).write(to: path)
      let found = try DividedPictures(path.path)
      #expect(found.labels.names == ["cat", "dog \"x\""])
      #expect(found.training.items.map(\.relativePath) == ["a/1.jpg", "a/3.jpg"])
      #expect(found.training.items.map(\.path) == ["\(folder.path)/a/1.jpg", "\(folder.path)/a/3.jpg"])
      #expect(found.training.items.map(\.label) == [0, 1])
      #expect(found.validation?.items.map(\.relativePath) == ["a/2, b.jpg"])
      #expect(found.validation?.items.map(\.label) == [1])
    }
  }

  @Test("Tables without a split are divided by class; lines that lack something are named")
  func undivided() throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "list.csv")
      let lines = (0..<20).map { "\($0).jpg,\(["a", "b"][$0 % 2])" } + ["x.jpg,", "y.jpg"]
      try Data(lines.joined(separator: "\n").utf8).write(to: path)
      try make((0..<20).map { "\($0).jpg" }, in: folder)
      let found = try DividedPictures(path.path)
      #expect(found.training.items.count == 16 && found.validation?.items.count == 4)
      #expect(found.skipped.map(\.path) == ["\(path.path):21", "\(path.path):22"])
    }
  }

  @Test(
    "What is no data set is refused with the reason",
    arguments: [("", "table"), ("a.jpg,cat,train\nb.jpg,dog,later\n", "later"), ("a.jpg,cat,val\n", "train")])
  func refused(_ text: String, _ word: String) throws {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "list.csv")
      try Data(text.utf8).write(to: path)
      let error = #expect(throws: ImageError.self) { try DividedPictures(path.path) }
      #expect(error?.description.contains(word) == true && error?.description.contains("list.csv") == true)
      try make(["flat/1.jpg", "flat/2.jpg"], in: folder)
      #expect(throws: ImageError.self) { try DividedPictures(folder.path + "/flat") }
      #expect(throws: ImageError.self) { try DividedPictures(folder.path + "/nowhere") }
    }
  }
}
