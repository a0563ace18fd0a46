internal import GraftGraph
internal import GraftTensor

extension TrainingProgram {
  /// Lets a window slide over the picture inside a zero padding. The padding, if nobody else reads it, is left without
  /// inputs.
  mutating func foldPadding(into index: Int) {
    guard let input = layers[index].inputs.first, let maker = maker(of: input, before: index),
      let padding = layers[maker].operation as? ZeroPaddingTraining
    else { return }
    if var operation = layers[index].operation as? ConvolutionTraining, operation.isWhole {
      operation.absorb(padding.insets, over: padding.inputShapes[0])
      layers[index].operation = operation
    } else if var operation = layers[index].operation as? DepthwiseConvolutionTraining, operation.isSingle {
      operation.absorb(padding.insets, over: padding.inputShapes[0])
      layers[index].operation = operation
    } else if var operation = layers[index].operation as? PoolingTraining, operation.absorbsPadding {
      operation.absorb(padding.insets, over: padding.inputShapes[0])
      layers[index].operation = operation
    } else {
      return
    }
    layers[index].inputs[0] = layers[maker].inputs[0]
    values[input].readers -= 1
    values[layers[maker].inputs[0]].readers += 1
    if values[input].readers == 0, input != output {
      values[layers[maker].inputs[0]].readers -= 1
      values[input].count = 0
      layers[maker].inputs = []
    }
  }

  /// Lets convolutions do the work of the batch normalizations and sums that follow them.
  mutating func fuse(_ trainable: Set<Parameters.Key>) {
    for index in layers.indices where !layers[index].inputs.isEmpty {
      foldNormalization(at: index, trainable)
      fuseAddition(at: index)
    }
    layers.removeAll { $0.inputs.isEmpty }
  }

  /// The layer that gives a value.
  private func maker(of value: Int, before index: Int) -> Int? {
    layers[..<index].lastIndex { $0.output == value && !$0.inputs.isEmpty }
  }

  /// The layer that gives a value which nobody else reads.
  private func onlyMaker(of value: Int, before index: Int) -> Int? {
    values[value].readers == 1 && value != output ? maker(of: value, before: index) : nil
  }

  /// Puts a merged operation in the place of one that ends it.
  private mutating func merge(
    _ maker: Int, into index: Int, _ operation: any TrainingOperation, inputs: [Int]
  ) {
    let old = layers[index]
    layers[index] = Layer(
      name: layers[maker].name, operation: operation, inputs: inputs, output: old.output,
      hasGradient: old.hasGradient, trains: old.trains || layers[maker].trains)
    values[layers[maker].output].readers = 0
    values[layers[maker].output].count = 0
    layers[maker].inputs = []
  }

  /// Folds a batch normalization on stored statistics into the convolution before it.
  ///
  /// The gradient of gamma then follows from that of the kernel, so that the kernel must train if gamma does.
  private mutating func foldNormalization(at index: Int, _ trainable: Set<Parameters.Key>) {
    guard let normalization = layers[index].operation as? BatchNormalizationTraining,
      let maker = onlyMaker(of: layers[index].inputs[0], before: index)
    else { return }
    func mayFold(_ kernel: String) -> Bool {
      !normalization.trainsGamma || trainable.contains(Parameters.Key(layers[maker].name, kernel))
    }
    let inputs = layers[maker].inputs
    if var operation = layers[maker].operation as? ConvolutionTraining, operation.isWhole,
      operation.normalization == nil, !operation.addsResidual, mayFold("kernel")
    {
      operation.normalization = normalization.statistics
      merge(maker, into: index, operation, inputs: inputs)
    } else if var operation = layers[maker].operation as? DepthwiseConvolutionTraining, operation.isSingle,
      operation.normalization == nil, mayFold("depthwise_kernel")
    {
      operation.normalization = normalization.statistics
      merge(maker, into: index, operation, inputs: inputs)
    }
  }

  /// Lets a convolution add the other term of a sum to its own.
  private mutating func fuseAddition(at index: Int) {
    guard layers[index].operation is AdditionTraining else { return }
    let terms = layers[index].inputs
    let makers = terms.map { onlyMaker(of: $0, before: index) }
    // The later one, whose own result need not wait in memory.
    for number in [0, 1].sorted(by: { (makers[$0] ?? -1) > (makers[$1] ?? -1) }) {
      let other = terms[1 - number]
      guard let maker = makers[number],
        var operation = layers[maker].operation as? ConvolutionTraining, operation.isWhole,
        !operation.addsResidual, layers[maker].inputs[0] != other, other != terms[number]
      else { continue }
      operation.addResidual()
      merge(maker, into: index, operation, inputs: layers[maker].inputs + [other])
      return
    }
  }

  /// Lets the reader of a ReLU's result that is the last to add to the gradient apply the slope, too.
  mutating func moveGates() {
    for index in layers.indices {
      let layer = layers[index]
      guard layer.isDone, layer.hasGradient, layer.output != output,
        let operation = layer.operation as? ActivationTraining, let gate = Gate(operation.activation),
        let reader = layers.firstIndex(where: { $0.inputs.contains(layer.output) }),
        layers[reader].operation.gatesInput, layers[reader].inputs[0] == layer.output,
        layers[reader].inputs.count(where: { $0 == layer.output }) == 1
      else { continue }
      layers[reader].gate = gate
      layers[index].isTransparent = true
    }
  }
}
