internal import GraftHDF5
internal import GraftTraining

extension TrainingHistory {
  private static let name = "history"
  /// What the columns are; numbers that there are not are NaN.
  static let columns = [
    "epoch", "learning_rate", "loss", "accuracy", "validation_loss", "validation_accuracy",
  ]

  /// The epochs as rows of `columns`.
  var rows: [[Double]] {
    epochs.map {
      [
        Double($0.number), $0.learningRate ?? .nan, $0.training?.loss ?? .nan, $0.training?.accuracy ?? .nan,
        $0.validation?.loss ?? .nan, $0.validation?.accuracy ?? .nan,
      ]
    }
  }

  /// The table in a group of a saved model; nil where there is none.
  init?(in group: HDF5Group) throws {
    guard let table = try group.datasetIfPresent(Self.name) else { return nil }
    let (values, width) = (try table.readDoubles(), Self.columns.count)
    guard values.count % width == 0 else { return nil }
    self.init()
    for start in stride(from: 0, to: values.count, by: width) {
      func score(_ place: Int) -> Score? {
        values[start + place].isNaN
          ? nil : Score(loss: values[start + place], accuracy: values[start + place + 1])
      }
      epochs.append(
        Epoch(
          number: Int(values[start]), training: score(2), validation: score(4),
          learningRate: values[start + 1].isNaN ? nil : values[start + 1]))
    }
  }

  /// Writes the table.
  func write(to group: HDF5Group) throws {
    let table = try group.createDataset(
      Self.name, type: .float64, shape: [epochs.count, Self.columns.count])
    try table.write(rows.flatMap { $0 })
    try table.setAttribute("columns", .strings(Self.columns))
  }
}
