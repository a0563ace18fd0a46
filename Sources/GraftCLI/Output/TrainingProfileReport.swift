import Graft

/// What the layers of a network take in a step of training, as a table.
struct TrainingProfileReport {
  let layers: [TrainingBenchmark.Layer]

  var text: String {
    var table = TextTable([
      ("layer", .left), ("operation", .left), ("ms: packing", .right), ("forward", .right),
      ("weights", .right), ("rest of backward", .right),
    ])
    func row(_ name: String, _ operation: String, _ layers: [TrainingBenchmark.Layer]) {
      let columns: [(TrainingBenchmark.Layer) -> Double] = [
        { $0.packing }, { $0.forward }, { $0.weights }, { $0.input },
      ]
      table.add(
        [name, operation]
          + columns.map { column in Format.decimal(layers.reduce(0) { $0 + column($1) } * 1e3, 3) })
    }
    for layer in layers { row(layer.name, layer.operation, [layer]) }
    for operation in Set(layers.map(\.operation)).sorted() {
      row("all", operation, layers.filter { $0.operation == operation })
    }
    row("all", "", layers)
    return table.text
  }
}
