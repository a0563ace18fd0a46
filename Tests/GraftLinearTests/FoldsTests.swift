import GraftLinear
import Testing

@Suite("Folds")
struct FoldsTests {
  private let classIndices = (0..<103).map { $0 % 10 < 6 ? 0 : $0 % 10 < 9 ? 1 : 2 }

  @Test("every row is held out once, and trained on otherwise", arguments: [2, 3, 5, 10])
  func partition(count: Int) {
    let folds = Folds(classIndices: classIndices, count: count, seed: 4, digests: nil)
    #expect(folds.heldOut.count == count)
    #expect(folds.heldOut.flatMap { $0 }.sorted() == Array(0..<103))
    for part in 0..<count {
      #expect((folds.training(part) + folds.heldOut[part]).sorted() == Array(0..<103))
    }
  }

  @Test("folds are of one size, and so are the shares of each class")
  func stratified() {
    let folds = Folds(classIndices: classIndices, count: 5, seed: 4, digests: nil)
    let sizes = folds.heldOut.map(\.count)
    #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
    for label in 0..<3 {
      let counts = folds.heldOut.map { $0.filter { classIndices[$0] == label }.count }
      #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= 1)
    }
  }

  @Test("rows of equal digests are held out together")
  func digests() {
    let digests = (0..<103).map { "picture \($0 % 40)" }
    let folds = Folds(classIndices: classIndices, count: 4, seed: 1, digests: digests)
    #expect(folds.heldOut.flatMap { $0 }.count == 103)
    for part in folds.heldOut.indices {
      let out = Set(folds.heldOut[part].map { digests[$0] })
      #expect(folds.training(part).allSatisfy { !out.contains(digests[$0]) })
    }
  }

  @Test("the only picture of a class is never held out")
  func single() {
    let folds = Folds(
      classIndices: [0, 0, 0, 1, 1, 1, 2], count: 3, seed: 0, digests: ["a", "b", "c", "d", "d", "d", "e"])
    #expect(folds.heldOut.flatMap { $0 }.sorted() == [0, 1, 2])
  }

  @Test("another seed divides otherwise; the order of rows makes no difference when there are digests")
  func seeds() {
    let digests = (0..<103).map { "picture \($0)" }
    func sets(_ seed: UInt64, _ order: [Int]) -> Set<Set<String>> {
      let folds = Folds(
        classIndices: order.map { classIndices[$0] }, count: 5, seed: seed, digests: order.map { digests[$0] }
      )
      return Set(folds.heldOut.map { Set($0.map { digests[order[$0]] }) })
    }
    let order = Array(0..<103)
    #expect(sets(1, order) == sets(1, order.reversed()))
    #expect(sets(1, order) != sets(2, order))
  }
}
