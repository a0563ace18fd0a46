internal import GraftSupport

/// A division of rows into those to train on and those held out: stratified by class, fixed by a seed.
///
/// Each row gets a pseudorandom rank from the seed and its content's digest (without digests, from its position).
/// Of every class, the rows of lowest rank are held out. So the order of the rows does not matter when digests
/// are given, and rows of equal content, whatever their names and classes, stay on one side.
public struct Split: Sendable, Hashable {
  /// Positions of the rows to train on, ascending.
  public let training: [Int]
  /// Positions of the rows held out, ascending.
  public let heldOut: [Int]

  /// Divides the rows 0 ..< `labels.count`.
  ///
  /// Of a class of n rows, the nearest whole number to n x `fraction` is held out, as nearly as groups of equal rows
  /// allow; at least one and not all where the class has two different rows or more and `fraction` is not 0. The only
  /// row of a class stays in training.
  ///
  /// - Parameters:
  ///   - labels: the class of each row.
  ///   - fraction: the share to hold out, from 0 to below 1.
  ///   - seed: another seed gives another division.
  ///   - digests: a key of each row's content, equal for equal rows.
  /// - Throws: `DataError` with the code `.invalidFraction`.
  /// - Precondition: there are as many digests as labels.
  public init(labels: [Int], holdingOut fraction: Double, seed: UInt64, digests: [String]? = nil) throws {
    guard fraction >= 0, fraction < 1 else {
      throw DataError(
        .invalidFraction, "the share to hold out must be at least 0 and below 1; it is \(fraction)")
    }
    precondition(
      digests == nil || digests?.count == labels.count,
      "\(digests?.count ?? 0) digests do not fit \(labels.count) labels")
    let groups = Self.groups(labels: labels, digests: digests, seed: seed)
    var isHeldOut = [Bool](repeating: false, count: labels.count)
    for (_, ranked) in groups where fraction > 0 && ranked.count > 1 {
      let total = ranked.reduce(0) { $0 + $1.rows.count }
      let wanted = Double(total) * fraction
      var taken = 0
      for (position, group) in ranked.enumerated() {
        let isLast = position == ranked.count - 1
        // Half a group too many is as good as half a group too few; a single row rounds to nearest.
        let fits = Double(taken) + Double(group.rows.count) / 2 <= wanted
        guard (fits || taken == 0) && !isLast else { break }
        for row in group.rows { isHeldOut[row] = true }
        taken += group.rows.count
      }
    }
    training = labels.indices.filter { !isHeldOut[$0] }
    heldOut = labels.indices.filter { isHeldOut[$0] }
  }

  /// Rows of equal content.
  private struct Group {
    var rank: UInt64
    var key: String
    var rows: [Int]
  }

  /// The groups of each class, lowest rank first. A group belongs to the class of its lowest label, so that the order
  /// of the rows has no say.
  private static func groups(labels: [Int], digests: [String]?, seed: UInt64) -> [Int: [Group]] {
    var rows: [String: [Int]] = [:]
    for row in labels.indices { rows[digests?[row] ?? "row \(row)", default: []].append(row) }
    var classes: [Int: [Group]] = [:]
    for (key, members) in rows {
      var generator = SeededGenerator(seed: seed, stream: "split \(key)")
      guard let label = members.map({ labels[$0] }).min() else { continue }
      classes[label, default: []].append(Group(rank: generator.next(), key: key, rows: members))
    }
    return classes.mapValues { groups in
      groups.sorted {
        ($0.rank, $0.key) < ($1.rank, $1.key)
      }
    }
  }
}
