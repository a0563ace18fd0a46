import GraftData
import Testing

@Suite("Dividing data")
struct SplitTests {
  private let labels = (0..<300).map { $0 % 7 == 0 ? 2 : $0 % 2 }

  @Test("every row is on one side, and every class has its share", arguments: [0.1, 0.2, 0.5, 0.9])
  func shares(_ fraction: Double) throws {
    let split = try Split(labels: labels, holdingOut: fraction, seed: 1)
    #expect((split.training + split.heldOut).sorted() == Array(0..<300))
    #expect(split.training == split.training.sorted() && split.heldOut == split.heldOut.sorted())
    for label in 0..<3 {
      let total = labels.filter { $0 == label }.count
      let held = split.heldOut.filter { labels[$0] == label }.count
      #expect(abs(Double(held) - Double(total) * fraction) <= 0.5)
    }
  }

  @Test("the seed alone decides")
  func seeds() throws {
    let first = try Split(labels: labels, holdingOut: 0.2, seed: 1)
    #expect(try first == Split(labels: labels, holdingOut: 0.2, seed: 1))
    #expect(try first != Split(labels: labels, holdingOut: 0.2, seed: 2))
  }

  @Test("with digests the order of the rows does not matter")
  func orderIndependence() throws {
    let digests = labels.indices.map { "digest \($0 * 7919 % 300)" }
    let split = try Split(labels: labels, holdingOut: 0.3, seed: 9, digests: digests)
    let order = labels.indices.map { ($0 * 37 + 11) % 300 }
    let shuffled = try Split(
      labels: order.map { labels[$0] }, holdingOut: 0.3, seed: 9, digests: order.map { digests[$0] })
    #expect(Set(split.heldOut.map { digests[$0] }) == Set(shuffled.heldOut.map { digests[order[$0]] }))
  }

  @Test("rows of equal content stay together, across classes too")
  func duplicates() throws {
    let digests = labels.indices.map { "digest \($0 / 3)" }
    for seed in 0..<20 {
      let split = try Split(labels: labels, holdingOut: 0.25, seed: UInt64(seed), digests: digests)
      let training = Set(split.training.map { digests[$0] })
      #expect(training.isDisjoint(with: split.heldOut.map { digests[$0] }))
      #expect(abs(split.heldOut.count - 75) <= 6)
    }
  }

  @Test("a class of one row trains, a class of two is divided, nothing is held out of nothing")
  func smallClasses() throws {
    let split = try Split(labels: [0, 1, 1], holdingOut: 0.01, seed: 3)
    #expect(split.training.contains(0) && split.training.count == 2 && split.heldOut.count == 1)
    let most = try Split(labels: [0, 1, 1], holdingOut: 0.99, seed: 3)
    #expect(most.training.contains(0) && most.heldOut.count == 1)
    #expect(try Split(labels: [0, 0, 0], holdingOut: 0, seed: 3).heldOut.isEmpty)
    #expect(try Split(labels: [], holdingOut: 0.5, seed: 3).training.isEmpty)
    let copies = try Split(labels: [0, 0, 0], holdingOut: 0.5, seed: 3, digests: ["a", "a", "a"])
    #expect(copies.heldOut.isEmpty)
  }

  @Test("a share that is none is an error", arguments: [-0.1, 1, 1.5, .nan])
  func invalidShares(_ fraction: Double) throws {
    let error = try #require(throws: DataError.self) {
      _ = try Split(labels: [0, 1], holdingOut: fraction, seed: 0)
    }
    #expect(error.code == .invalidFraction)
  }
}
