internal import GraftHDF5
internal import GraftKeras

extension PretrainedNetwork {
  /// Writes the weights alone, in the layout of the files of Keras Applications. Attributes say what belongs to them:
  /// `input_size` in pixels, and `preprocessing`, the name of the arithmetic on pixels.
  ///
  /// - Parameters:
  ///   - path: The file to write; it gets its name when it is complete.
  ///   - figures: More attributes, numbers by name.
  /// - Throws: `ImportError` with code `.cannotWrite`.
  public func saveWeights(to path: String, figures: [String: Double] = [:]) throws {
    try KerasWeightFile.write(network, to: path) { file in
      try file.root.setAttribute("input_size", .integer(inputSize))
      try file.root.setAttribute("preprocessing", .string(preprocessing.mode.rawValue))
      for (name, figure) in figures.sorted(by: { $0.key < $1.key }) {
        try file.root.setAttribute(name, .float(figure))
      }
    }
  }
}
