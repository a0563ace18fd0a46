import Foundation
import GraftImage
import GraftSupport
import Synchronization
import Testing
import _GraftTestSupport

@Suite("Loading ahead")
struct BatchLoaderTests {
  private let names = Golden.all.decoded.map(\.name)

  /// All golden pictures, with a damaged and a missing one among them.
  private func items() throws -> [ImageFolder.Item] {
    var paths = names.map(Golden.picturePath)
    paths.insert(Golden.picturePath("missing.jpg"), at: 5)
    paths.insert(Golden.folder.appending(path: "expected.json").path, at: 17)
    return paths.map { ImageFolder.Item(path: $0) }
  }

  @Test("inputs, digests and failures are the same for any number of threads and any batch")
  func independence() throws {
    let items = try items()
    let preprocessing = Preprocessing(mode: .torch)
    var expected: [Float] = []
    var digests: [String] = []
    var good: [Int] = []
    for (index, item) in items.enumerated() {
      guard let image = try? Image(contentsOf: item.path) else { continue }
      expected += preprocessing.input(from: image, size: 16)
      digests.append(try Digest.sha256(ofFile: item.path))
      good.append(index)
    }
    #expect(good.count == names.count)
    for (threads, batch) in [(1, 1), (1, 7), (2, 32), (5, 3), (3, 1000)] {
      let loader = BatchLoader(
        items: items, preprocessing: preprocessing, size: 16, batch: batch, threads: threads)
      var inputs: [Float] = []
      var foundDigests: [String] = []
      var indices: [Int] = []
      var failures: [BatchLoader.Failure] = []
      var covered = 0
      while let next = try loader.next() {
        #expect(next.range.lowerBound == covered && next.range.count <= batch)
        #expect(next.inputs.count == next.count * 16 * 16 * 3)
        covered = next.range.upperBound
        inputs += next.inputs
        foundDigests += next.digests
        indices += next.indices
        failures += next.failures
      }
      #expect(try loader.next() == nil)
      #expect(covered == items.count)
      #expect(inputs == expected, "\(threads) threads, batch \(batch)")
      #expect(foundDigests == digests && indices == good)
      #expect(failures.map(\.index) == [5, 17])
      #expect(failures[0].reason.contains("No such file") && failures[1].reason.contains("neither"))
    }
  }

  @Test("known pictures are not decoded")
  func known() throws {
    let items = try items()
    let digest = try Digest.sha256(ofFile: items[0].path)
    let loader = BatchLoader(
      items: items, preprocessing: Preprocessing(mode: .tf), size: 8, batch: 4, threads: 2,
      isKnown: { index, found in index == 2 || found == digest })
    let first = try #require(try loader.next())
    #expect(first.known.map(\.index) == [0, 2] && first.known[0].digest == digest)
    #expect(first.indices == [1, 3] && first.count == 2)
  }

  @Test("an error of the caller's own question comes out of next()")
  func questionFails() throws {
    struct Refusal: Error {}
    let loader = BatchLoader(
      items: try items(), preprocessing: Preprocessing(mode: .tf), size: 8, batch: 4, threads: 2,
      isKnown: { index, _ in
        if index == 1 { throw Refusal() }
        return false
      })
    #expect(throws: Refusal.self) { try loader.next() }
  }

  @Test("no more than two batches are loaded ahead, and letting go ends the threads")
  func bounded() throws {
    let items = (0..<200).flatMap { _ in [ImageFolder.Item(path: Golden.picturePath("tiny.png"))] }
    let asked = Counter()
    var loader: BatchLoader? = BatchLoader(
      items: items, preprocessing: Preprocessing(mode: .tf), size: 8, batch: 4, threads: 2,
      isKnown: { _, _ in
        asked.increment()
        return false
      })
    // However slow the machine: it gets that far at some time, and no farther for a while after.
    func settle(at expected: Int) {
      for _ in 0..<1000 where asked.value < expected { Thread.sleep(forTimeInterval: 0.01) }
      Thread.sleep(forTimeInterval: 0.1)
      #expect(asked.value == expected)
    }
    settle(at: 8)
    _ = try loader?.next()
    settle(at: 12)
    loader = nil
    Thread.sleep(forTimeInterval: 0.1)
    #expect(asked.value == 12)
  }

  @Test("pictures turned upright are counted")
  func oriented() throws {
    let items = (1...8).map { ImageFolder.Item(path: Golden.picturePath("orientation-\($0).jpg")) }
    let loader = BatchLoader(
      items: items, preprocessing: Preprocessing(mode: .tf), size: 8, batch: 8, threads: 1)
    #expect(try loader.next()?.orientedCount == 7)
  }

  private final class Counter: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
    func increment() { count.withLock { $0 += 1 } }
  }
}
