import Foundation
import Testing
import _GraftTestSupport

@Suite("Where results go")
struct DestinationTests {
  @Test(
    "What is no result of the same kind is never overwritten, and hopeless places are refused before the work"
  )
  func refusals() throws {
    try TestData.withTemporaryFolder { folder in
      let manager = FileManager.default
      try Pictures.copy(classes: 2, perClass: 3, to: folder.appending(path: "photos"))
      try manager.copyItem(
        at: TestData.package.appending(path: "weights/default.h5"), to: folder.appending(path: "w.h5"))
      #expect(
        try Program.run(["extract", "photos", "-o", "f.h5", "--weights", "w.h5"], in: folder).status == 0)
      try Data("my notes".utf8).write(to: folder.appending(path: "notes.h5"))
      try manager.createDirectory(at: folder.appending(path: "d.h5"), withIntermediateDirectories: true)
      let before = try contents(of: folder)
      for (arguments, word) in [
        (["fit", "f.h5", "-o", "f.h5"], "in the way"), (["fit", "f.h5", "-o", "w.h5"], "in the way"),
        (["fit", "f.h5", "-o", "notes.h5"], "in the way"), (["fit", "f.h5", "-o", "d.h5"], "folder"),
        (["fit", "f.h5", "-o", "nowhere/m.h5"], "no folder"), (["fit", "f.h5", "-o", "m.txt"], ".h5"),
        (["fit", "f.h5", "-o", ""], ".h5"), (["extract", "photos", "-o", "w.h5"], "in the way"),
        (["extract", "photos", "-o", "notes.h5"], "in the way"),
        (["extract", "photos", "-o", "d.h5"], "folder"),
        (["extract", "photos", "-o", "nowhere/f.h5"], "make this folder"),
        (["extract", "photos", "-o", ""], ".h5"),
        (["extract", "photos", "-o", "f"], ".h5"),
      ] {
        let run = try Program.run(arguments, in: folder)
        #expect(run.status == 1, "\(arguments): \(run.errors)")
        #expect(run.errors.contains(word), "\(arguments): \(run.errors)")
        #expect(try contents(of: folder) == before, "\(arguments)")
      }
      let fit = ["fit", "f.h5", "-o", "m.h5", "--l2", "0.1"]
      #expect(try Program.run(fit, in: folder).status == 0)
      #expect(try Program.run(fit, in: folder).status == 0, "a model may be made again")
    }
  }

  @Test("Weights that were moved are asked for; other weights are told by their digest")
  func movedWeights() throws {
    try TestData.withTemporaryFolder { folder in
      let manager = FileManager.default
      let (weights, moved) = (folder.appending(path: "w.h5"), folder.appending(path: "moved.h5"))
      try manager.copyItem(at: TestData.package.appending(path: "weights/default.h5"), to: weights)
      try Pictures.copy(classes: 2, perClass: 3, to: folder.appending(path: "photos"))
      #expect(
        try Program.run(["extract", "photos", "-o", "f.h5", "--weights", "w.h5"], in: folder).status == 0)
      try manager.moveItem(at: weights, to: moved)
      let fit = ["fit", "f.h5", "-o", "m.h5", "--l2", "0.1"]
      let gone = try Program.run(fit, in: folder)
      #expect(gone.status == 1)
      #expect(gone.errors.contains("say where they are with --weights"), "\(gone.errors)")
      let absent = try Program.run(fit + ["--weights", "absent.h5"], in: folder)
      #expect(absent.errors.contains("absent.h5: there is no such file"), "\(absent.errors)")
      #expect(try Program.run(fit, in: folder).status == 1)
      let other = try Program.run(fit + ["--weights", "f.h5"], in: folder)
      #expect(other.status == 1)
      #expect(other.errors.contains("digest"), "\(other.errors)")
      let found = try Program.run(fit + ["--weights", "moved.h5"], in: folder)
      #expect(found.status == 0, "\(found.errors)")
    }
  }

  @Test("A folder of weights that cannot be made is named with the system's reason")
  func home() throws {
    try TestData.withTemporaryFolder { folder in
      try Data().write(to: folder.appending(path: "file"))
      let run = try Program.run(
        ["weights", "fetch", "vgg16"], in: folder,
        environment: ["GRAFT_HOME": "file", "GRAFT_MIRROR": "http://127.0.0.1:9"])
      #expect(run.status == 1)
      #expect(
        run.errors.contains("file/weights: this folder cannot be made: Not a directory"), "\(run.errors)")
      #expect(run.errors.contains("GRAFT_HOME"))
      #expect(!run.errors.contains("Domain"), "\(run.errors)")
    }
  }

  /// The bytes of every file.
  private func contents(of folder: URL) throws -> [String: Data] {
    var contents: [String: Data] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
      contents[name] = (try? Data(contentsOf: folder.appending(path: name))) ?? Data()
    }
    return contents
  }
}
