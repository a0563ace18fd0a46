public import Testing

/// Expects two lists of numbers to agree within `tolerance` times the largest magnitude expected (at least
/// `floor`), and names the worst element where they do not.
public func expectClose(
  _ found: some Collection<Float>, _ expected: some Collection<Double>, tolerance: Double,
  floor: Double = 1e-30,
  _ what: String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
  guard found.count == expected.count else {
    Issue.record("\(what): \(found.count) values, expected \(expected.count)", sourceLocation: sourceLocation)
    return
  }
  let scale = max(expected.reduce(0) { max($0, abs($1)) }, floor)
  var worst = (index: 0, found: Double(0), expected: Double(0), error: Double(-1))
  for (index, (a, b)) in zip(found, expected).enumerated() {
    let error = abs(Double(a) - b)
    if !(error <= worst.error) { worst = (index, Double(a), b, error.isNaN ? .infinity : error) }
  }
  if worst.error > tolerance * scale {
    Issue.record(
      """
      \(what): element \(worst.index) is \(worst.found), expected \(worst.expected): off by \
      \(worst.error / scale) of the largest magnitude, allowed \(tolerance)
      """, sourceLocation: sourceLocation)
  }
}

/// Expects two lists of numbers to agree within `tolerance` times the largest magnitude expected.
public func expectClose(
  _ found: some Collection<Float>, _ expected: some Collection<Float>, tolerance: Double, _ what: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  expectClose(found, expected.map(Double.init), tolerance: tolerance, what, sourceLocation: sourceLocation)
}
