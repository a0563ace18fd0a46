/// Elements 0 ..< n in sets that are joined two by two.
struct DisjointSets: Sendable {
  private var parents: [Int]

  init(_ count: Int) { parents = Array(0..<count) }

  /// The smallest element of the set that an element is in.
  func root(of element: Int) -> Int {
    var element = element
    while parents[element] != element { element = parents[element] }
    return element
  }

  /// Makes one set of those that two elements are in.
  mutating func join(_ a: Int, _ b: Int) {
    let (first, second) = (root(of: a), root(of: b))
    let root = min(first, second)
    parents[max(first, second)] = root
    // Shorter ways for the next time.
    parents[a] = root
    parents[b] = root
  }

  /// The sets of two elements and more, in the order of their smallest; elements in their order.
  var groups: [(root: Int, members: [Int])] {
    var members: [Int: [Int]] = [:]
    for element in parents.indices { members[root(of: element), default: []].append(element) }
    return members.filter { $0.value.count > 1 }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}
