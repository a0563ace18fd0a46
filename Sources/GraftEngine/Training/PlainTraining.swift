internal import GraftTensor

/// A plain operation in training. Pictures are worked on side by side; the gradients of parameters are kept for each
/// picture and added up in their order.
struct PlainTraining: TrainingOperation {
  let base: any PlainOperation
  /// Elements of each of the parameters.
  let parameterCounts: [Int]

  init(_ base: any PlainOperation, parameterCounts: [Int] = []) {
    self.base = base
    self.parameterCounts = parameterCounts
  }

  var inputShapes: [Shape] { base.inputShapes }
  var shape: Shape { base.shape }
  var gradientReads: (inputs: Bool, output: Bool) { (base.gradientReadsInputs, false) }

  func room(pictures: Int, _ kernels: KernelTable) -> TrainingRoom {
    TrainingRoom(worker: 0, common: pictures * parameterCounts.reduce(0, +))
  }

  private func arrays(
    _ inputs: [UnsafePointer<Float>], _ parameters: LayerParameters, picture: Int
  ) -> PlainArrays {
    PlainArrays(
      x: inputs[0] + picture * inputShapes[0].count,
      second: inputs.count > 1 ? inputs[1] + picture * inputShapes[1].count : nil,
      parameters: base.parameters.map { parameters.values($0).map { UnsafePointer($0) } })
  }

  func forward(_ pass: ForwardPass) {
    pass.scratch.forEach(pass.pictures) { picture, _ in
      base.forward(
        0..<base.units, arrays(pass.inputs, pass.parameters, picture: picture),
        into: pass.output + picture * shape.count)
    }
  }

  func backward(_ pass: BackwardPass) {
    let total = parameterCounts.reduce(0, +)
    let trains = base.parameters.map { pass.parameters.gradient($0) != nil }
    pass.scratch.forEach(pass.pictures) { picture, _ in
      func target(_ number: Int) -> UnsafeMutablePointer<Float>? {
        guard pass.targets.indices.contains(number), let target = pass.targets[number] else { return nil }
        let base = target.base + picture * inputShapes[number].count
        if !target.accumulates { base.update(repeating: 0, count: inputShapes[number].count) }
        return base
      }
      var place = pass.scratch.common + picture * total
      var sums: [UnsafeMutablePointer<Float>?] = []
      for (number, count) in parameterCounts.enumerated() {
        place.update(repeating: 0, count: count)
        sums.append(trains[number] ? place : nil)
        place += count
      }
      base.backward(
        UnsafePointer(pass.gradient + picture * shape.count),
        arrays(pass.inputs, pass.parameters, picture: picture),
        into: PlainGradients(x: target(0), second: target(1), parameters: sums))
    }
    var first = 0
    for (name, count) in zip(base.parameters, parameterCounts) {
      if let gradient = pass.parameters.gradient(name) {
        for element in 0..<count {
          var sum = 0.0
          for picture in 0..<pass.pictures {
            sum += Double(pass.scratch.common[picture * total + first + element])
          }
          gradient[element] = Float(sum)
        }
      }
      first += count
    }
  }
}
