import Graft

/// What the layers of a network took, as a table.
struct ProfileReport {
  var layers: [NetworkBenchmark.Layer]
  /// Floating-point operations that one thread can do at most in a second of processor time.
  var limitOfThread: Double

  var text: String {
    var table = TextTable([
      ("layer", .left), ("computed as", .left), ("ms a picture", .right), ("share", .right),
      ("GFLOP/s", .right), ("of the limit", .right),
    ])
    let total = layers.reduce(0) { $0 + $1.seconds }
    func add(_ name: String, _ kind: String, _ seconds: Double, _ operations: Double) {
      let speed = seconds > 0 ? operations / seconds : 0
      table.add([
        name, kind, Format.decimal(seconds * 1e3, 3), Format.percent(total > 0 ? seconds / total : 0),
        Format.decimal(speed / 1e9, 1), Format.decimal(limitOfThread > 0 ? speed / limitOfThread : 0, 2),
      ])
    }
    for layer in layers { add(layer.name, layer.kind, layer.seconds, layer.operations) }
    var kinds: [String: (seconds: Double, operations: Double)] = [:]
    for layer in layers {
      kinds[layer.kind, default: (0, 0)].seconds += layer.seconds
      kinds[layer.kind, default: (0, 0)].operations += layer.operations
    }
    for (kind, sum) in kinds.sorted(by: { ($1.value.seconds, $0.key) < ($0.value.seconds, $1.key) }) {
      add("all", kind, sum.seconds, sum.operations)
    }
    add("all", "", total, layers.reduce(0) { $0 + $1.operations })
    return table.text + "\nmilliseconds are processor time; the limit is "
      + Format.decimal(limitOfThread / 1e9, 1) + " GFLOP/s a thread"
  }
}
