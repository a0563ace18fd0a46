/// Finds pictures that are the same, byte for byte, pixel for pixel, or to the eye.
struct CopySearch {
  /// How the pictures of a set are the same.
  private struct Link {
    var sameness: PictureFinding.Sameness
    var likeness: Double
  }

  /// What a mirrored copy correlates with the picture at least: between drawings of things that are nearly symmetric, 0.93
  /// is chance, and what is found is always a copy, never a picture taken a moment later.
  private static let mirroredLikeness = 0.97
  /// Leaders that pictures of one hash are compared with at most: beyond that all look alike anyway.
  private static let mostLeaders = 64
  /// Thumbnails of a smaller contrast say nothing.
  private static let leastContrast = 4.0
  /// Thumbnails of pictures whose pixels are equal correlate at least so; both may have been decoded at a smaller
  /// size, from files of different kinds.
  private static let samePixels = 0.99

  private let pictures: [CheckedPicture]
  private let facts: [PictureFacts]
  private let likeness: Double
  private let reader: FactReader
  /// What was found, in the order of the pictures.
  private(set) var findings: [PictureFinding] = []

  init(pictures: [CheckedPicture], facts: [PictureFacts], likeness: Double, reader: FactReader) {
    self.pictures = pictures
    self.facts = facts
    self.likeness = likeness
    self.reader = reader
    var digests: [String: Int] = [:]
    var sets = DisjointSets(pictures.count)
    var seen: [Int] = []
    for (place, facts) in facts.enumerated() {
      guard let digest = facts.digest else { continue }
      if let first = digests[digest] {
        sets.join(first, place)
      } else {
        digests[digest] = place
        seen.append(place)
      }
    }
    report(sets, link: { _ in Link(sameness: .bytes, likeness: 1) }, new: nil)
    guard likeness <= 1 else { return }
    let pairs = alike(seen)
    let bytes = sets
    let equal = pixelDigests(of: pairs)
    for pair in pairs where equal[pair.a] != nil && equal[pair.a] == equal[pair.b] {
      sets.join(pair.a, pair.b)
    }
    report(sets, link: { _ in Link(sameness: .pixels, likeness: 1) }, new: bytes)
    let pixels = sets
    for pair in pairs { sets.join(pair.a, pair.b) }
    var links: [Int: Link] = [:]
    for pair in pairs where pixels.root(of: pair.a) != pixels.root(of: pair.b) {
      let root = sets.root(of: pair.a)
      let known = links[root] ?? Link(sameness: .near, likeness: 1)
      links[root] = Link(
        sameness: max(known.sameness, pair.isMirrored ? .mirrored : .near),
        likeness: min(known.likeness, pair.likeness))
    }
    report(sets, link: { links[$0] ?? Link(sameness: .near, likeness: 1) }, new: pixels)
  }

  private struct Pair {
    var a: Int
    var b: Int
    var isMirrored: Bool
    var likeness: Double
  }

  /// Pairs of pictures that look alike, of each set enough to hold it together.
  private func alike(_ places: [Int]) -> [Pair] {
    var leaders: [UInt64: [Int]] = [:]
    var order: [Int] = []
    var pairs: [Pair] = []
    for place in places {
      guard let signature = facts[place].signature, signature.contrast >= Self.leastContrast else { continue }
      let others = leaders[signature.hash] ?? []
      if let (leader, likeness) = others.lazy.compactMap({ other in
        compared(place, other, mirrored: false).map { (other, $0) }
      }).first {
        pairs.append(Pair(a: leader, b: place, isMirrored: false, likeness: likeness))
      } else if others.count < Self.mostLeaders {
        leaders[signature.hash] = others + [place]
        order.append(place)
      }
    }
    let chosen = order
    let index = HashIndex(chosen.map { facts[$0].signature?.hash ?? 0 })
    let share = 64
    let found = PictureCheck.parallel((chosen.count + share - 1) / share) { block in
      (block * share..<min((block + 1) * share, chosen.count)).flatMap { neighbours(of: $0, chosen, index) }
    }
    return pairs + found.flatMap(\.self)
  }

  /// The pairs of one leader with leaders that come later.
  private func neighbours(of position: Int, _ order: [Int], _ index: HashIndex) -> [Pair] {
    let place = order[position]
    guard let signature = facts[place].signature else { return [] }
    var found: Set<Int> = []
    var pairs: [Pair] = []
    for isMirrored in [false, true] {
      var near: [Int] = []
      index.forEachNeighbour(of: isMirrored ? signature.mirroredHash : signature.hash) { other in
        if other > position { near.append(other) }
      }
      for other in near.sorted() where !found.contains(other) {
        guard let likeness = compared(place, order[other], mirrored: isMirrored) else { continue }
        found.insert(other)
        pairs.append(Pair(a: place, b: order[other], isMirrored: isMirrored, likeness: likeness))
      }
    }
    return pairs
  }

  /// How alike two pictures are; nil if they are not.
  private func compared(_ a: Int, _ b: Int, mirrored: Bool) -> Double? {
    guard let first = facts[a].signature, let second = facts[b].signature else { return nil }
    let value = first.likeness(to: second, mirrored: mirrored)
    return value >= (mirrored ? max(likeness, Self.mirroredLikeness) : likeness) ? value : nil
  }

  /// Digests of all pixels of those pictures that may be equal to another of a pair.
  private func pixelDigests(of pairs: [Pair]) -> [Int: String] {
    let close = pairs.filter { pair in
      guard !pair.isMirrored, pair.likeness >= Self.samePixels, let a = facts[pair.a].size,
        let b = facts[pair.b].size
      else { return false }
      return a == b
    }
    let places = Set(close.flatMap { [$0.a, $0.b] }).sorted()
    let (pictures, reader) = (pictures, reader)
    let digests = PictureCheck.parallel(places.count) { index -> String? in
      reader.pixelDigest(of: pictures[places[index]].item.path)
    }
    var known: [Int: String] = [:]
    for (place, digest) in zip(places, digests) { known[place] = digest }
    return known
  }

  /// Adds a finding for each set of several pictures: those that were not one set before already.
  private mutating func report(_ sets: DisjointSets, link: (_ root: Int) -> Link, new before: DisjointSets?) {
    for (root, members) in sets.groups {
      if let before, Set(members.map { before.root(of: $0) }).count == 1 { continue }
      let link = link(root)
      let members = members.map { pictures[$0] }
      let detail =
        switch link.sameness {
        case .bytes: "the same bytes"
        case .pixels: "the same pixels in different files"
        case .near: "alike"
        case .mirrored: "alike, one of them mirrored"
        }
      var kinds: [PictureFinding.Kind] = []
      if Set(members.map(\.partIndex)).count > 1 { kinds.append(.leak) }
      if Set(members.map(\.label)).count > 1 { kinds.append(.conflict) }
      for kind in kinds.isEmpty ? [.duplicate] : kinds {
        findings.append(
          PictureFinding(
            kind, detail, pictures: members.map(\.named), sameness: link.sameness,
            likeness: link.sameness >= .near ? link.likeness : nil))
      }
    }
  }
}
