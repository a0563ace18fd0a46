internal import GraftTensor

/// Elements that are worth a share of a loop over a batch.
private let elementsPerBlock = 1 << 14

extension TrainingScratch {
  /// Calls `body` for blocks of 0 ..< `count`, on several threads.
  func forEachBlock(_ count: Int, _ body: (_ elements: Range<Int>, _ worker: Int) -> Void) {
    forEach((count + elementsPerBlock - 1) / elementsPerBlock) { block, worker in
      body(block * elementsPerBlock..<min((block + 1) * elementsPerBlock, count), worker)
    }
  }

  /// Calls `body` for each row (innermost axis) of a batch of arrays.
  func forEachRow(of shape: Shape, pictures: Int, _ body: (_ row: Int, _ worker: Int) -> Void) {
    let rows = pictures * shape.count / max(shape.channels, 1)
    let block = max(elementsPerBlock / max(shape.channels, 1), 1)
    forEach((rows + block - 1) / block) { share, worker in
      for row in share * block..<min((share + 1) * block, rows) { body(row, worker) }
    }
  }
}

extension ForwardPass {
  /// Calls `body` for each row (innermost axis) of the batch.
  func forEachRow(of shape: Shape, _ body: (_ row: Int, _ worker: Int) -> Void) {
    scratch.forEachRow(of: shape, pictures: pictures, body)
  }
}

extension BackwardPass {
  /// Calls `body` for each row (innermost axis) of the batch.
  func forEachRow(of shape: Shape, _ body: (_ row: Int, _ worker: Int) -> Void) {
    scratch.forEachRow(of: shape, pictures: pictures, body)
  }
}
