import Graft

/// What `graft export` wrote, as it is printed.
struct ExportReport: Encodable {
  let path: String
  let format: ModelExport.Format
  let architecture: String
  let inputSize: Int
  let parameters: Int
  let preprocessing: String
  let classes: [String]?

  init(path: String, format: ModelExport.Format, export: ModelExport) {
    self.path = path
    self.format = format
    architecture = export.name
    inputSize = export.network.graph.inputShape[0]
    parameters = export.network.graph.parameterCount
    preprocessing = export.preprocessing.summary(size: inputSize)
    classes = export.classes?.names
  }

  /// The report for people.
  var text: String {
    let opened =
      switch format {
      case .h5, .keras: "open it with keras.models.load_model(\"\(Format.printable(path))\")"
      case .weights: "the weights alone, for model.load_weights(\"\(Format.printable(path))\")"
      }
    let outputs = classes.map { Format.plural($0.count, "class", "classes") } ?? "no classes"
    return """
      \(Format.printable(path)): \(opened)
      network        \(architecture), input \(inputSize)×\(inputSize), \(Format.count(parameters)) parameters, \(outputs)
      preprocessing  \(preprocessing)
      """
  }
}
