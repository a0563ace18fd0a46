import Foundation
import Testing
import _GraftTestSupport

@Suite("Models for Keras")
struct ExportTests {
  private struct Report: Decodable {
    let format: String
    let classes: [String]?
    let preprocessing: String
  }

  private struct Pictures: Decodable {
    struct Guess: Decodable {
      let label: String
      let probability: Float

      enum CodingKeys: String, CodingKey {
        case label = "class"
        case probability
      }
    }

    let predictions: [Guess]
  }

  private func predictions(_ model: String, _ folder: URL) throws -> [[Float]] {
    let run = try Program.run(["predict", "photos", "--model", model, "--json"], in: folder)
    #expect(run.status == 0, "\(run.errors)")
    return try run.json([Pictures].self).map { picture in
      picture.predictions.sorted { $0.label < $1.label }.map(\.probability)
    }
  }

  @Test("A model written as .keras, .h5 and with its preprocessing inside gives the same answers again")
  func models() throws {
    try TestData.withTemporaryFolder { folder in
      try GraftCLITests.Pictures.copy(classes: 2, perClass: 4, to: folder.appending(path: "photos"))
      #expect(try Program.run(["extract", "photos", "-o", "f.h5"], in: folder).status == 0)
      #expect(try Program.run(["fit", "f.h5", "-o", "m.h5", "--l2", "0.01"], in: folder).status == 0)
      let expected = try predictions("m.h5", folder)
      for name in ["e.keras", "e.h5"] {
        let run = try Program.run(["export", "m.h5", "-o", name, "--json"], in: folder)
        #expect(run.status == 0, "\(run.errors)")
        let report = try run.json(Report.self)
        #expect(report.classes?.count == 2 && report.preprocessing.contains("(tf)"), "\(run.output)")
        #expect(try predictions(name, folder) == expected, "\(name): not the same bits")
      }
      let whole = ["export", "m.h5", "-o", "p.keras", "--with-preprocessing"]
      let run = try Program.run(whole, in: folder)
      #expect(run.output.contains("0 to 255"), "\(run.output)")
      for (found, wanted) in zip(try predictions("p.keras", folder), expected) {
        for (a, b) in zip(found, wanted) { #expect(abs(a - b) < 1e-5) }
      }
      #expect(try Program.run(whole, in: folder).status == 0, "an export may be made again")
      let inspect = try Program.run(["inspect", "p.keras"], in: folder)
      #expect(inspect.output.contains("Keras model (.keras)"), "\(inspect.output)")
      #expect(inspect.output.contains("taken from the file's configuration"), "\(inspect.output)")
      // Fine-tuning starts from it as from any other file.
      let tuned = try Program.run(
        ["extract", "photos", "-o", "g.h5", "--weights", "e.keras"], in: folder)
      #expect(tuned.status == 0, "\(tuned.errors)")
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder.path).allSatisfy { !$0.hasSuffix(".part") }
      )
    }
  }

  @Test("Weights alone, and a network without classifier, are written and recognised again")
  func weights() throws {
    try TestData.withTemporaryFolder { folder in
      for name in ["w.weights.h5", "w.keras", "w.h5"] {
        let run = try Program.run(["export", "default", "-o", name], in: folder)
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("no classes"), "\(run.output)")
        let inspect = try Program.run(["inspect", name], in: folder)
        #expect(inspect.output.contains("architecture   mobilenet_0.25"), "\(inspect.output)")
        #expect(inspect.output.contains("(tf)"), "\(inspect.output)")
      }
      // Preprocessing that is inside is not done once more.
      let inside = ["export", "default", "-o", "p.keras", "--with-preprocessing"]
      #expect(try Program.run(inside, in: folder).status == 0)
      #expect(try Program.run(["inspect", "p.keras"], in: folder).output.contains("0 to 255 as they are"))
    }
  }

  @Test("What cannot be written, or would overwrite something else, is refused before the work")
  func refusals() throws {
    try TestData.withTemporaryFolder { folder in
      try Data("my notes".utf8).write(to: folder.appending(path: "notes.keras"))
      for (output, word) in [
        ("m.txt", ".weights.h5"), ("m", ".keras"), ("notes.keras", "in the way"),
        ("nowhere/m.keras", "no folder"),
      ] {
        let run = try Program.run(["export", "default", "-o", output], in: folder)
        #expect(run.status == 1 && run.errors.contains(word), "\(output): \(run.errors)")
      }
      let absent = try Program.run(["export", "absent.h5", "-o", "m.keras"], in: folder)
      #expect(absent.status == 1 && absent.errors.contains("no such file"), "\(absent.errors)")
    }
  }

  @Test("Any file's values are checked: a network that was never trained is told by them")
  func verify() throws {
    try TestData.withTemporaryFolder { folder in
      let sound = try Program.run(["weights", "verify", "weights/default.h5"])
      #expect(sound.status == 0 && sound.output.contains("all sound"), "\(sound.output) \(sound.errors)")
      // What real Keras computes with this file is known: weights/answers.json.
      #expect(sound.output.contains("Keras's answer for a picture, to "), "\(sound.output)")
      #expect(try Program.run(["export", "random", "-o", "r.keras"], in: folder).status == 0)
      let fresh = try Program.run(["weights", "verify", "r.keras"], in: folder)
      #expect(fresh.status == 1 && fresh.errors.contains("never trained"), "\(fresh.errors)")
    }
  }
}
