internal import GraftSupport

/// In which order pictures are trained on, and how often each.
public enum SamplingOrder: String, Hashable, Sendable, Codable, CaseIterable {
  /// Each once an epoch, in random order.
  case shuffled
  /// As many of each class, in random order; as many in all as there are pictures. Of a large class each epoch has other
  /// pictures, those of a small one come several times.
  case balanced

  /// The numbers of the pictures of an epoch.
  ///
  /// - Parameters:
  ///   - labels: the class of each picture, from 0 on.
  ///   - seed: chosen for a whole run.
  ///   - epoch: the epoch, from 0 on.
  /// - Returns: as many numbers as there are labels.
  public func pictures(labels: [Int], seed: UInt64, epoch: Int) -> [Int] {
    var generator = SeededGenerator(seed: seed, stream: "order/\(epoch)")
    guard self == .balanced, !labels.isEmpty else { return generator.permutation(labels.count) }
    let members = Dictionary(grouping: labels.indices, by: { labels[$0] })
    let classes = members.keys.sorted()
    // Which classes get one more, where the number of pictures is no multiple of theirs, differs from epoch to epoch.
    let turn = generator.permutation(classes.count)
    var order: [Int] = []
    order.reserveCapacity(labels.count)
    for (place, number) in turn.enumerated() {
      let own = members[classes[number]] ?? []
      let wanted = labels.count / classes.count + (place < labels.count % classes.count ? 1 : 0)
      var taken = 0
      while taken < wanted {
        let round = generator.permutation(own.count).prefix(wanted - taken)
        order += round.map { own[$0] }
        taken += round.count
      }
    }
    return generator.permutation(order.count).map { order[$0] }
  }
}
