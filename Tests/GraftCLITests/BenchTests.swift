import Foundation
import Testing
import _GraftTestSupport

@Suite("Timing networks")
struct BenchTests {
  struct Report: Decodable {
    let model: String
    let batch: Int
    let threads: Int
    let imagesPerSecond: Double
    let fractionOfLimit: Double
  }

  static let network = ["bench", "--model", "MobileNet_0.25", "--size", "32", "--seconds", "0"]

  @Test("The JSON says what was timed and how fast it was", arguments: ["--top", "--no-top"])
  func json(_ top: String) throws {
    let run = try Program.run(Self.network + ["--batch", "3", "--threads", "2", "--json", top])
    #expect(run.status == 0, "\(run.errors)")
    let report = try run.json(Report.self)
    #expect(report.model == "mobilenet_0.25")
    #expect(report.batch == 3)
    #expect(report.threads == 2)
    #expect(report.imagesPerSecond > 0 && report.imagesPerSecond.isFinite)
    #expect(report.fractionOfLimit > 0 && report.fractionOfLimit.isFinite)
  }

  @Test("The profile names every layer that is left, and none of the classifier without top")
  func profile() throws {
    let whole = try Program.run(Self.network + ["--profile", "--threads", "1"])
    #expect(whole.status == 0, "\(whole.errors)")
    for name in ["conv_pw_13_relu", "conv_dw_1_relu", "predictions", "GFLOP/s"] {
      #expect(whole.output.contains(name), "\(name): \(whole.output)")
    }
    let trunk = try Program.run(Self.network + ["--profile", "--no-top", "--threads", "1"])
    #expect(trunk.output.contains("conv_pw_13_relu"))
    #expect(!trunk.output.contains("predictions"))
  }

  @Test("Weights from a file are timed like random ones")
  func file() throws {
    let weights = TestData.package.appending(path: "weights/default.h5").path
    let run = try Program.run(
      ["bench", "--model", "mobilenet_0.25", "--no-top", "--weights", weights, "--seconds", "0", "--json"])
    #expect(try run.json(Report.self).imagesPerSecond > 0, "\(run.errors)")
  }

  @Test("An extraction says what its layers took")
  func extraction() throws {
    try TestData.withTemporaryFolder { folder in
      try Pictures.copy(classes: 1, perClass: 3, to: folder.appending(path: "photos"))
      let plain = try Program.run(["extract", "photos", "-o", "a.csv"], in: folder)
      #expect(!plain.output.contains("GFLOP/s"))
      let run = try Program.run(["extract", "photos", "-o", "b.csv", "--profile"], in: folder)
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.output.contains("conv_pw_13_relu") && run.output.contains("GFLOP/s"), "\(run.output)")
      #expect(
        try Data(contentsOf: folder.appending(path: "a.csv"))
          == Data(contentsOf: folder.appending(path: "b.csv")))
    }
  }
}
