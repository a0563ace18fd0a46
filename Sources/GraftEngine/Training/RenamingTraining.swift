internal import GraftTensor

/// An operation whose parameters go by other names in its layer: a half of a separable convolution.
struct RenamingTraining: TrainingOperation {
  let base: any TrainingOperation
  /// The layer's names by those of the operation.
  let names: [String: String]

  var inputShapes: [Shape] { base.inputShapes }
  var shape: Shape { base.shape }
  var gradientReads: (inputs: Bool, output: Bool) { base.gradientReads }
  var mayOverwrite: Bool { base.mayOverwrite }
  var passedInput: Int? { base.passedInput }
  var gatesInput: Bool { base.gatesInput }
  var appliesActivation: Bool { base.appliesActivation }

  func room(pictures: Int, _ kernels: KernelTable) -> TrainingRoom {
    base.room(pictures: pictures, kernels)
  }

  func inputGradient(_ parameters: LayerParameters, _ kernels: KernelTable) throws -> InputGradient? {
    try base.inputGradient(parameters.renamed(names), kernels)
  }

  func inferenceLayer(_ parameters: LayerParameters, _ activation: KernelActivation) -> Layer? {
    base.inferenceLayer(parameters.renamed(names), activation)
  }

  func forward(_ pass: ForwardPass) {
    var pass = pass
    pass.parameters = pass.parameters.renamed(names)
    base.forward(pass)
  }

  func backward(_ pass: BackwardPass) {
    var pass = pass
    pass.parameters = pass.parameters.renamed(names)
    base.backward(pass)
  }
}
