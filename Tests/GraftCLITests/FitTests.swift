import Foundation
import Testing
import _GraftTestSupport

@Suite("graft fit: kinds of classifiers")
struct FitTests {
  private struct Report: Decodable {
    struct Fit: Decodable {
      let method: String
      let l2: Double
      let temperature: Double?
      let objective: Double
    }
    struct Figures: Decodable {
      let top1: Double
    }
    let fit: Fit
    let seconds: Double
    let training: Figures
    let test: Figures?
  }

  private struct BlendReport: Decodable {
    struct Fit: Decodable, Equatable { let l2: Double }
    struct Part: Decodable, Equatable {
      let layer: String
      let weight: Double
      let fit: Fit
    }
    let blend: [Part]
    let training: Report.Figures
    let test: Report.Figures?
  }

  private struct Votes: Decodable {
    struct Test: Decodable {
      let top1: Double
    }
    let neighbors: Int
    let test: Test
  }

  /// Calls `body` with a folder that has stores f.h5 and t.h5 of two layers.
  private func withStores(precision: String = "float32", _ body: (URL) throws -> Void) throws {
    try TestData.withTemporaryFolder { folder in
      try Pictures.copy(classes: 3, perClass: 8, to: folder.appending(path: "photos"))
      try Pictures.copy(Pictures.val, classes: 3, perClass: 5, to: folder.appending(path: "held-out"))
      for (pictures, store) in [("photos", "f.h5"), ("held-out", "t.h5")] {
        let extract = [
          "extract", pictures, "-o", store, "--layer", "conv_pw_11_relu", "--layer", "conv_pw_13_relu",
          "--precision", precision, "--quiet",
        ]
        #expect(try Program.run(extract, in: folder).status == 0)
      }
      try body(folder)
    }
  }

  private let last = ["--layer", "conv_pw_13_relu"]

  @Test(
    "Every linear classifier becomes a model that says what fit said",
    arguments: ["logistic", "svm", "hinge", "ridge", "centroid"])
  func models(classifier: String) throws {
    try withStores { folder in
      let fit = try Program.run(
        ["fit", "f.h5", "-o", "m.h5", "--classifier", classifier, "--test", "t.h5", "--json"] + last,
        in: folder)
      #expect(fit.status == 0, "\(fit.errors)")
      let report = try fit.json(Report.self)
      #expect(report.fit.method == classifier && report.training.top1 > 0.9)
      #expect(report.seconds > 0 && report.seconds < 600)
      #expect((report.fit.temperature != nil) == (classifier != "logistic"))
      let evaluate = try Program.run(["evaluate", "held-out", "--model", "m.h5", "--json"], in: folder)
      #expect(evaluate.status == 0, "\(evaluate.errors)")
      #expect(try evaluate.json(MainJobTests.Figures.self).top1 == report.test?.top1)
    }
  }

  @Test("Layers are joined in the model as they were in the fit, on disk and in memory to the same bytes")
  func joined() throws {
    try withStores(precision: "float16") { folder in
      let fit =
        ["fit", "f.h5", "--layer", "conv_pw_11_relu", "--l2", "0.01", "--test", "t.h5", "--json"] + last
      let inMemory = try Program.run(fit + ["-o", "m.h5"], in: folder)
      #expect(inMemory.status == 0, "\(inMemory.errors)")
      let report = try inMemory.json(Report.self)
      let evaluate = try Program.run(["evaluate", "held-out", "--model", "m.h5", "--json"], in: folder)
      #expect(evaluate.status == 0, "\(evaluate.errors)")
      #expect(try evaluate.json(MainJobTests.Figures.self).top1 == report.test?.top1)
      let streamed = try Program.run(fit + ["-o", "n.h5", "--memory", "1k"], in: folder)
      #expect(streamed.status == 0 && streamed.errors.contains("read from disk"), "\(streamed.errors)")
      let files = try ["m.h5", "n.h5"].map { try Data(contentsOf: folder.appending(path: $0)) }
      #expect(files[0] == files[1])
    }
  }

  @Test("Layers that are blended make one model, whose logits are those of the layers' own, weighted")
  func blended() throws {
    try withStores { folder in
      let parts = ["--blend", "conv_pw_13_relu=0.6:0.01", "--blend", "conv_pw_11_relu=0.3"]
      let fit = ["fit", "f.h5", "-o", "m.h5", "--l2", "0.05", "--test", "t.h5"] + parts
      let run = try Program.run(fit + ["--json"], in: folder)
      #expect(run.status == 0, "\(run.errors)")
      let report = try run.json(BlendReport.self)
      #expect(
        report.blend == [
          .init(layer: "conv_pw_13_relu", weight: 0.6, fit: .init(l2: 0.01)),
          .init(layer: "conv_pw_11_relu", weight: 0.3, fit: .init(l2: 0.05)),
        ])
      #expect(report.training.top1 > 0.9)
      let evaluate = try Program.run(["evaluate", "held-out", "--model", "m.h5", "--json"], in: folder)
      #expect(try evaluate.json(MainJobTests.Figures.self).top1 == report.test?.top1, "\(evaluate.errors)")
      let inspect = try Program.run(["inspect", "m.h5", "--json"], in: folder)
      #expect(inspect.output.contains("members") && inspect.output.contains("0.6"), "\(inspect.output)")
      let text = try Program.run(fit, in: folder)
      #expect(text.output.contains("0.6 conv_pw_13_relu: l2 0.01, "), "\(text.output)")
      #expect(text.output.contains("0.3 conv_pw_11_relu: l2 0.05, "), "\(text.output)")
      let unfinished = try Program.run(
        ["fit", "f.h5", "-o", "u.json", "--max-steps", "1", "--l2", "1e-6"] + parts, in: folder)
      #expect(
        unfinished.errors.contains("conv_pw_11_relu: the solver had not converged"), "\(unfinished.errors)")
      // As the layers' own classifiers.
      struct Written: Decodable { let kernel: Data }
      func kernel(_ arguments: [String]) throws -> [Double] {
        let run = try Program.run(["fit", "f.h5", "-o", "c.json"] + arguments, in: folder)
        #expect(run.status == 0, "\(run.errors)")
        let data = try Data(contentsOf: folder.appending(path: "c.json"))
        return try JSONDecoder().decode(Written.self, from: data).kernel.withUnsafeBytes { bytes in
          stride(from: 0, to: bytes.count, by: 8).map {
            bytes.loadUnaligned(fromByteOffset: $0, as: Double.self)
          }
        }
      }
      let one = try kernel(["--layer", "conv_pw_13_relu", "--l2", "0.01"]).map { 0.6 * $0 }
      let two = try kernel(["--layer", "conv_pw_11_relu", "--l2", "0.05"]).map { 0.3 * $0 }
      let found = try kernel(["--l2", "0.05"] + parts)
      #expect(found.count == one.count + two.count)
      for (value, right) in zip(found, one + two) { #expect(abs(value - right) < 1e-12) }
    }
  }

  @Test("A classifier alone is written as JSON, without the pretrained weights, and over nothing else")
  func alone() throws {
    try withStores { folder in
      let fit = ["fit", "f.h5", "-o", "c.json", "--l2", "0.01"] + last
      for _ in 0..<2 { #expect(try Program.run(fit, in: folder).status == 0) }
      struct Written: Decodable { let width: Int }
      let data = try Data(contentsOf: folder.appending(path: "c.json"))
      #expect(try JSONDecoder().decode(Written.self, from: data).width == 256)
      try Data("{}".utf8).write(to: folder.appending(path: "c.json"))
      let inTheWay = try Program.run(fit, in: folder)
      #expect(inTheWay.status == 1 && inTheWay.errors.contains("in the way"), "\(inTheWay.errors)")
    }
  }

  @Test("Nearest neighbors judge held-out pictures")
  func neighbors() throws {
    try withStores { folder in
      let fit = ["fit", "f.h5", "--classifier", "knn", "--test", "t.h5"] + last
      let text = try Program.run(fit, in: folder)
      #expect(text.status == 0 && text.output.contains("neighbor"), "\(text.errors)")
      let three = try Program.run(fit + ["--neighbors", "3", "--metric", "cosine", "--json"], in: folder)
      let votes = try three.json(Votes.self)
      #expect(votes.neighbors == 3 && votes.test.top1 > 0.5)
    }
  }

  @Test("Held-out pictures of a class that is not learnt are refused before the fit")
  func unknownClass() throws {
    try withStores { folder in
      try Pictures.copy(Pictures.val, classes: 4, perClass: 2, to: folder.appending(path: "more"))
      let extract = ["extract", "more", "-o", "more.h5", "--quiet"] + last
      #expect(try Program.run(extract, in: folder).status == 0)
      let fit = try Program.run(
        ["fit", "f.h5", "-o", "m.h5", "--test", "more.h5"] + last, in: folder)
      #expect(fit.status == 1 && fit.errors.contains("does not know"), "\(fit.errors)")
    }
  }
}
