import Foundation
import Testing
import _GraftTestSupport

@Suite("Killed runs")
struct ResumeTests {
  @Test("An extraction killed at random moments and started again ends with the same bytes")
  func killedExtraction() throws {
    try TestData.withTemporaryFolder { folder in
      let photos = Pictures.train.path
      let undisturbed = try Program.run(["extract", photos, "-o", "a.h5", "--batch", "8"], in: folder)
      #expect(undisturbed.status == 0, "\(undisturbed.errors)")
      var generator = SystemRandomNumberGenerator()
      var killed = 0
      for attempt in 0..<60 {
        // Later attempts live longer, so that the work ends even where start-up is slow.
        let limit = Double.random(in: 0.01...(0.1 + 0.02 * Double(attempt)), using: &generator)
        let run = try Program.run(
          ["extract", photos, "-o", "b.h5", "--batch", "8"], in: folder, killedAfter: limit)
        if run.status == 0 { break }
        #expect(run.status == 128 + 9, "\(run.errors)")
        killed += 1
      }
      #expect(killed >= 3)
      let last = try Program.run(["extract", photos, "-o", "b.h5"], in: folder)
      #expect(last.status == 0, "\(last.errors)")
      let (a, b) = (folder.appending(path: "a.h5"), folder.appending(path: "b.h5"))
      #expect(try Data(contentsOf: a) == Data(contentsOf: b))
      let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      #expect(left == ["a.h5", "b.h5"], "no temporary files are left: \(left)")
    }
  }

  static let sample = TestData.file("photos/imagenet-sample")
  static let weights = TestData.file(
    "weights/mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5")

  @Test(
    "1,000 photos through MobileNetV2, killed 20 times, give the same store as in one go",
    .enabled(if: sample != nil && weights != nil, "needs the folder of real weights and photos"))
  func twentyKills() throws {
    let (sample, weights) = (try #require(Self.sample), try #require(Self.weights))
    try TestData.withTemporaryFolder { folder in
      func extract(_ store: String, killedAfter limit: Double? = nil) throws -> Program.Result {
        try Program.run(
          ["extract", sample, "--weights", weights, "-o", store], in: folder, killedAfter: limit)
      }
      let start = Date.now
      let undisturbed = try extract("a.h5")
      #expect(undisturbed.status == 0, "\(undisturbed.errors)")
      let whole = Date.now.timeIntervalSince(start)
      let expected = try Data(contentsOf: folder.appending(path: "a.h5"))
      var generator = SystemRandomNumberGenerator()
      var kills = 0
      var journals: Set<Int> = []
      while kills < 20 {
        // On average a twentieth of the work, and the start besides.
        let run = try extract(
          "b.h5", killedAfter: Double.random(in: 0.02...(0.25 + whole / 12), using: &generator))
        if run.status == 0 {
          // Done before the twentieth kill: once more from the beginning.
          #expect(try Data(contentsOf: folder.appending(path: "b.h5")) == expected)
          try FileManager.default.removeItem(at: folder.appending(path: "b.h5"))
          continue
        }
        #expect(run.status == 128 + SIGKILL, "\(run.errors)")
        kills += 1
        let journal = try? FileManager.default.attributesOfItem(
          atPath: folder.appending(path: "b.h5.journal").path)
        journals.insert(journal?[.size] as? Int ?? 0)
      }
      #expect(journals.count >= 5, "the kills came at different moments of the work: \(journals.sorted())")
      let last = try extract("b.h5")
      #expect(last.status == 0, "\(last.errors)")
      #expect(try Data(contentsOf: folder.appending(path: "b.h5")) == expected)
      let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
      #expect(left == ["a.h5", "b.h5"], "no temporary files are left: \(left)")
    }
  }
}
