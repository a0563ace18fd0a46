internal import GraftGraph
internal import GraftTensor

extension ConvolutionTraining {
  /// Floats of all partial sums of weights together.
  private static let partialLimit = 16 << 20
  /// Partial sums at most.
  private static let largestParts = 16

  private var unfolding: Unfolding {
    Unfolding(window, from: inputShapes[0], to: shape, groups: attributes.groups)
  }

  private var groupFilters: Int { filters / attributes.groups }

  private func parts(_ pictures: Int) -> Int {
    min(max(Self.partialLimit / max(weightCount, 1), 1), Self.largestParts, pictures)
  }

  func groupedRoom(_ pictures: Int) -> TrainingRoom {
    let parts = parts(pictures)
    return TrainingRoom(
      worker: unfolding.blockRows * unfolding.depth,
      common: max(parts > 1 ? parts * weightCount : 0, sums(pictures).room(terms: 1)))
  }

  func backwardInGroups(_ pass: BackwardPass) {
    if let bias = pass.parameters.gradient("bias") {
      sums(pass.pictures).bias(pass.gradient, into: bias, pass.scratch)
    }
    if let kernel = pass.parameters.gradient("kernel") { weightGradient(pass, into: kernel) }
    if let target = pass.targets[0], let kernel = pass.parameters.values("kernel") {
      inputGradient(pass, kernel, into: target)
    }
  }

  private func weightGradient(_ pass: BackwardPass, into kernel: UnsafeMutablePointer<Float>) {
    let parts = parts(pass.pictures)
    guard parts > 1 else {
      weightGradient(of: 0..<pass.pictures, pass, into: kernel, pass.scratch[0])
      return
    }
    let common = pass.scratch.common
    pass.scratch.forEach(parts) { part, worker in
      let range = pass.pictures * part / parts..<pass.pictures * (part + 1) / parts
      weightGradient(of: range, pass, into: common + part * weightCount, pass.scratch[worker])
    }
    PartialSums.add(parts, count: weightCount, stride: weightCount, common, into: kernel, pass.scratch)
  }

  private func weightGradient(
    of pictures: Range<Int>, _ pass: BackwardPass, into sum: UnsafeMutablePointer<Float>,
    _ block: UnsafeMutablePointer<Float>
  ) {
    let depth = unfolding.depth
    for group in 0..<attributes.groups {
      var isFirst = true
      for picture in pictures {
        let x = pass.inputs[0] + picture * inputShapes[0].count
        let gradient = pass.gradient + picture * shape.count + group * groupFilters
        for rows in unfolding.blocks {
          unfolding.unfold(x, group: group, pixels: rows, into: block)
          BLAS.multiply(
            m: depth, n: groupFilters, k: rows.count,
            BLAS.Matrix(UnsafePointer(block), stride: depth, transposed: true),
            BLAS.Matrix(UnsafePointer(gradient + rows.lowerBound * filters), stride: filters),
            beta: isFirst ? 0 : 1, into: sum + group * groupFilters, stride: filters)
          isFirst = false
        }
      }
    }
  }

  private func inputGradient(
    _ pass: BackwardPass, _ kernel: UnsafePointer<Float>, into target: BackwardPass.Target
  ) {
    let (depth, inputCount) = (unfolding.depth, inputShapes[0].count)
    pass.scratch.forEach(pass.pictures) { picture, worker in
      let result = target.base + picture * inputCount
      if !target.accumulates { result.update(repeating: 0, count: inputCount) }
      let block = pass.scratch[worker]
      for group in 0..<attributes.groups {
        let gradient = pass.gradient + picture * shape.count + group * groupFilters
        for rows in unfolding.blocks {
          BLAS.multiply(
            m: rows.count, n: depth, k: groupFilters,
            BLAS.Matrix(UnsafePointer(gradient + rows.lowerBound * filters), stride: filters),
            BLAS.Matrix(kernel + group * groupFilters, stride: filters, transposed: true), into: block,
            stride: depth)
          unfolding.fold(block, group: group, pixels: rows, addingTo: result)
        }
      }
    }
  }
}
