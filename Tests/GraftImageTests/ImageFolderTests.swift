import Foundation
import GraftData
import GraftImage
import Testing
import _GraftTestSupport

@Suite("Folders of pictures")
struct ImageFolderTests {
  /// Makes empty files, and the folders above them; a path that ends in "/" is a folder.
  private func make(_ paths: [String], in folder: URL) throws {
    for path in paths {
      let url = folder.appending(path: path)
      let parent = path.hasSuffix("/") ? url : url.deletingLastPathComponent()
      try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
      if !path.hasSuffix("/") { try Data().write(to: url) }
    }
  }

  @Test("classes come in the order of their bytes, pictures in the order of classes and paths")
  func order() throws {
    try TestData.withTemporaryFolder { folder in
      try make(
        [
          "b/2.jpg", "b/10.JPG", "10/x.png", "2/x.jpeg", "B/sub/deep/y.jfif", "B/sub.jpg", "B/a.jpe",
          "\u{e9}/z.PNG",
        ],
        in: folder)
      let found = try ImageFolder(folder.path + "//")
      #expect(found.labels?.names == ["10", "2", "B", "b", "\u{e9}"])
      #expect(
        found.items.map(\.relativePath) == [
          "10/x.png", "2/x.jpeg", "B/a.jpe", "B/sub.jpg", "B/sub/deep/y.jfif", "b/10.JPG", "b/2.jpg",
          "\u{e9}/z.PNG",
        ])
      #expect(found.items.map(\.label) == [0, 1, 2, 2, 2, 3, 3, 4])
      #expect(found.items.allSatisfy { $0.path == "\(folder.path)/\($0.relativePath)" })
      #expect(found.skipped.isEmpty && found.ignoredFiles == 0 && found.warnings.isEmpty)
    }
  }

  @Test("a folder without class folders is flat")
  func flat() throws {
    try TestData.withTemporaryFolder { folder in
      try make(["b.jpg", "a.png", ".hidden.jpg", "notes.txt", "empty/", ".cache/c.jpg"], in: folder)
      let found = try ImageFolder(folder.path)
      #expect(found.labels == nil && found.items.map(\.relativePath) == ["a.png", "b.jpg"])
      #expect(found.items.allSatisfy { $0.label == nil })
      #expect(found.ignoredFiles == 1)
    }
  }

  @Test("what is no picture is left out: in silence, or with a reason where a person may have meant it")
  func leftOut() throws {
    try TestData.withTemporaryFolder { folder in
      try make(
        [
          "cat/1.jpg", "cat/.DS_Store", "cat/._1.jpg", "cat/Thumbs.db", "cat/list.csv", "cat/clip.gif",
          "dog/1.heic",
          "dog/2.webp", "empty/", "__MACOSX/1.jpg", ".git/1.jpg", "readme.md",
        ], in: folder)
      try Data(Golden.pictureBytes("rgb-8.png")).write(to: folder.appending(path: "cat/misnamed.webp"))
      let found = try ImageFolder(folder.path)
      #expect(found.labels?.names == ["cat"])
      #expect(found.items.map(\.relativePath) == ["cat/1.jpg", "cat/misnamed.webp"])
      let skipped = found.skipped.map { $0.path.dropFirst(folder.path.count + 1) }
      #expect(skipped == ["cat/clip.gif", "dog", "dog/1.heic", "dog/2.webp", "empty"])
      #expect(found.skipped[1].reason.contains("class folder without pictures"))
      #expect(found.ignoredFiles == 3)
    }
  }

  @Test("loose pictures beside class folders are an error that says what to do")
  func mixed() throws {
    try TestData.withTemporaryFolder { folder in
      try make(["loose.jpg", "cat/1.jpg"], in: folder)
      let error = try #require(throws: ImageError.self) { _ = try ImageFolder(folder.path) }
      #expect(error.code == .ambiguousFolder)
      #expect(error.reason.contains("loose.jpg") && error.reason.contains("cat"))
    }
  }

  @Test("a folder without pictures, a missing one and a file are errors with different codes")
  func nothing() throws {
    try TestData.withTemporaryFolder { folder in
      try make(["notes.txt", "a/b/c/"], in: folder)
      let empty = try #require(throws: ImageError.self) { _ = try ImageFolder(folder.path) }
      #expect(empty.code == .noPictures && empty.reason.contains("1 other files"))
      for path in ["none", "notes.txt"] {
        let error = try #require(throws: ImageError.self) {
          _ = try ImageFolder(folder.appending(path: path).path)
        }
        #expect(error.code == .unreadable)
      }
    }
  }

  @Test("symbolic links in a circle, to nowhere and to a known folder end the walk")
  func links() throws {
    try TestData.withTemporaryFolder { folder in
      try make(["cat/1.jpg", "dog/1.jpg"], in: folder)
      let link = { (from: String, to: String) in
        try FileManager.default.createSymbolicLink(
          atPath: folder.appending(path: from).path, withDestinationPath: to)
      }
      try link("cat/up", "..")
      try link("cat/self", ".")
      try link("dog/other", "../cat")
      try link("dog/gone.jpg", "nowhere.jpg")
      try link("dog/2.jpg", "1.jpg")
      let found = try ImageFolder(folder.path)
      #expect(found.items.map(\.relativePath) == ["cat/1.jpg", "dog/1.jpg", "dog/2.jpg"])
      let skipped = found.skipped.map { String($0.path.dropFirst(folder.path.count + 1)) }
      #expect(skipped == ["cat/self", "cat/up", "dog/gone.jpg", "dog/other"])
      #expect(found.skipped[2].reason.contains("No such file"))
    }
  }

  @Test("a name that is not UTF-8 is skipped with a reason")
  func notUTF8() throws {
    try TestData.withTemporaryFolder { folder in
      try make(["1.jpg"], in: folder)
      let name = Array(folder.path.utf8) + [0x2F, 0xE9, 0x2E, 0x6A, 0x70, 0x67, 0]
      let file = name.map { CChar(bitPattern: $0) }.withUnsafeBufferPointer { buffer in
        buffer.baseAddress.map { open($0, O_CREAT | O_WRONLY, 0o600) } ?? -1
      }
      // File systems that demand UTF-8 refuse such a name: then there is nothing to test.
      guard file >= 0 else { return }
      close(file)
      let found = try ImageFolder(folder.path)
      #expect(found.items.count == 1)
      #expect(found.skipped.count == 1 && found.skipped[0].reason.contains("UTF-8"))
    }
  }

  @Test("class names that look alike in Unicode are an error")
  func lookalikes() throws {
    try TestData.withTemporaryFolder { folder in
      try make(["\u{e9}/1.jpg", "e\u{301}/1.jpg"], in: folder)
      // A file system that normalizes names has made one folder of the two.
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      guard names.count == 2 else { return }
      let error = try #require(throws: ImageError.self) { _ = try ImageFolder(folder.path) }
      #expect(error.code == .invalidClasses)
    }
  }

  @Test("the folder above train and val is noticed, and its parts are found")
  func dividedData() throws {
    try TestData.withTemporaryFolder { folder in
      try make(["train/cat/1.jpg", "train/dog/1.jpg", "val/cat/2.jpg"], in: folder)
      let found = try ImageFolder(folder.path)
      #expect(found.looksLikeSplit && found.warnings.count == 1)
      let parts = try ImageFolder.splitFolders(at: folder.path)
      #expect(parts.map(\.name) == ["train", "val"])
      let train = try ImageFolder(parts[0].path)
      #expect(train.labels?.names == ["cat", "dog"] && !train.looksLikeSplit)
      try make(["other/1.jpg"], in: folder)
      #expect(try ImageFolder.splitFolders(at: folder.path).isEmpty)
    }
  }

  @Test("named pictures keep their order, folders among them are opened, missing ones are named")
  func paths() throws {
    try TestData.withTemporaryFolder { folder in
      try make(["z.jpg", "no-extension", "cats/b.jpg", "cats/deep/a.jpg"], in: folder)
      let path = { (name: String) in folder.appending(path: name).path }
      let found = try ImageFolder(
        paths: [path("z.jpg"), path("cats"), path("none.jpg"), path("no-extension")])
      #expect(
        found.items.map(\.path) == [
          path("z.jpg"), path("cats/b.jpg"), path("cats/deep/a.jpg"), path("no-extension"),
        ])
      #expect(found.labels == nil)
      #expect(found.skipped.map(\.path) == [path("none.jpg")])
      let single = try ImageFolder(paths: [path("cats/deep")])
      #expect(single.items.map(\.relativePath) == ["a.jpg"])
      // Alone, a folder is one of classes, and this one is ambiguous.
      #expect(throws: ImageError.self) { try ImageFolder(paths: [path("cats")]) }
      for wrong in [[path("none.jpg")], [], [""]] {
        let error = try #require(throws: ImageError.self) { _ = try ImageFolder(paths: wrong) }
        #expect(error.code == .noPictures)
      }
    }
  }

  @Test("a division keeps equal files together and covers everything")
  func split() throws {
    try TestData.withTemporaryFolder { folder in
      try make((0..<20).flatMap { ["a/\($0).jpg", "b/\($0).jpg"] }, in: folder)
      for index in 0..<20 {
        // Files 2n and 2n+1 of class a are equal.
        try Data([UInt8(index / 2)]).write(to: folder.appending(path: "a/\(index).jpg"))
        try Data([UInt8(100 + index)]).write(to: folder.appending(path: "b/\(index).jpg"))
      }
      let all = try ImageFolder(folder.path)
      let (training, heldOut) = try all.split(holdingOut: 0.3, seed: 4)
      #expect(heldOut.items.filter { $0.label == 0 }.count == 6)
      #expect(heldOut.items.filter { $0.label == 1 }.count == 6)
      #expect(Set(training.items).union(heldOut.items) == Set(all.items))
      #expect(training.items.count + heldOut.items.count == 40)
      let held = Set(heldOut.items.map(\.relativePath))
      for pair in stride(from: 0, to: 20, by: 2) {
        #expect(held.contains("a/\(pair).jpg") == held.contains("a/\(pair + 1).jpg"))
      }
    }
  }
}
