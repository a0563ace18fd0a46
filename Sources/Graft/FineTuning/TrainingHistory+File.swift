internal import GraftHDF5
internal import GraftTraining

extension TrainingHistory {
  private static let name = "history"
  /// What the columns are; numbers that there are not are NaN. Further figures of the validation pictures follow, each
  /// as `validation_` and its name.
  static let columns = [
    "epoch", "learning_rate", "loss", "accuracy", "validation_loss", "validation_accuracy",
  ]
  private static let furtherPrefix = "validation_"

  /// The names of further figures, sorted.
  private var further: [String] {
    Set(epochs.flatMap { $0.validation?.others.keys.map(\.self) ?? [] }).sorted()
  }

  /// The epochs as rows of `columns`, and of further figures.
  var rows: [[Double]] {
    let further = further
    return epochs.map { epoch in
      [
        Double(epoch.number), epoch.learningRate ?? .nan, epoch.training?.loss ?? .nan,
        epoch.training?.accuracy ?? .nan, epoch.validation?.loss ?? .nan, epoch.validation?.accuracy ?? .nan,
      ] + further.map { epoch.validation?.others[$0] ?? .nan }
    }
  }

  /// The table in a group of a saved model; nil where there is none.
  init?(in group: HDF5Group) throws {
    guard let table = try group.datasetIfPresent(Self.name) else { return nil }
    let values = try table.readDoubles()
    let names = try table.attribute("columns")?.stringList ?? Self.columns
    guard names.starts(with: Self.columns), values.count % names.count == 0 else { return nil }
    self.init()
    for start in stride(from: 0, to: values.count, by: names.count) {
      func score(_ place: Int) -> Score? {
        values[start + place].isNaN
          ? nil : Score(loss: values[start + place], accuracy: values[start + place + 1])
      }
      var validation = score(4)
      for place in Self.columns.count..<names.count where !values[start + place].isNaN {
        validation?.others[String(names[place].dropFirst(Self.furtherPrefix.count))] = values[start + place]
      }
      epochs.append(
        Epoch(
          number: Int(values[start]), training: score(2), validation: validation,
          learningRate: values[start + 1].isNaN ? nil : values[start + 1]))
    }
  }

  /// Writes the table.
  func write(to group: HDF5Group) throws {
    let names = Self.columns + further.map { Self.furtherPrefix + $0 }
    let table = try group.createDataset(Self.name, type: .float64, shape: [epochs.count, names.count])
    try table.write(rows.flatMap { $0 })
    try table.setAttribute("columns", .strings(names))
  }
}
