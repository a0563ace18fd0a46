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
}
