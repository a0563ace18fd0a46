extension LearningRate {
  /// The epochs, from 1 on, at whose end a cosine of `restarts` has come to its floor: the networks of a snapshot
  /// ensemble (Huang et al., 2017, arXiv 1704.00109). Empty for other schedules.
  ///
  /// A warm-up of a fraction of an epoch moves the ends into the following epoch, whose number is given.
  ///
  /// - Parameter epochs: the number of epochs in all.
  public func snapshots(epochs: Int) -> [Int] {
    guard case .restarts(let first, let growth, _, _) = form else { return [] }
    var ends: [Int] = []
    var (end, length) = (warmup + Double(first), Double(first))
    while end <= Double(epochs) {
      ends.append(Int(end.rounded(.up)))
      length *= Double(growth)
      end += length
    }
    return ends
  }
}
