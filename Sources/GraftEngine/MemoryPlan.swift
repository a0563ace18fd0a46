/// Where the result of a layer lies while a plan runs.
enum Place: Hashable, Sendable {
  /// In the caller's input.
  case input
  /// In the arena of the worker that computes the picture, so many floats from its start.
  case arena(Int)
  /// In memory with room for all pictures of a chunk: so many floats a picture lie before it, and so many belong
  /// to it.
  case shared(offset: Int, stride: Int)
  /// In an output of the caller's.
  case output(Int)
}

/// Lifetimes turned into places: results that are never needed at the same time share memory.
struct MemoryPlan {
  /// The place of each layer's result; nil for layers that have none.
  private(set) var places: [Place?]
  /// Floats in the arena of one worker.
  private(set) var arenaCount = 0
  /// Floats a picture in the memory that workers share.
  private(set) var sharedCount = 0

  /// The steps' numbers between which a block of memory is in use, ends included.
  private struct Block {
    var first: Int
    var last: Int
    var count: Int
    var offset = 0
  }

  /// Finds a place for the result of each layer.
  ///
  /// - Parameters:
  ///   - sizes: the number of elements of each layer's result.
  ///   - outputs: the layer that gives each output.
  ///   - segments: ranges of steps; what is used in more than one outlives the arena.
  init(sizes: [Int], steps: [PlannedStep], outputs: [Int], segments: [Range<Int>]) {
    places = [Place?](repeating: nil, count: sizes.count)
    places[0] = .input
    for (number, layer) in outputs.enumerated() where places[layer] == nil { places[layer] = .output(number) }

    var segmentOf: [Int] = []
    for (number, segment) in segments.enumerated() {
      segmentOf += [Int](repeating: number, count: segment.count)
    }
    var first = [Int?](repeating: nil, count: sizes.count)
    var last = [Int](repeating: 0, count: sizes.count)
    for (number, step) in steps.enumerated() {
      first[step.y] = first[step.y] ?? number
      for layer in step.readers + [step.y] { last[layer] = number }
    }

    var blocks: [Block] = []
    var blockOf: [Int: Int] = [:]
    var sharedBlocks: [Block] = []
    var sharedLayers: [Int] = []
    for (number, step) in steps.enumerated() where first[step.y] == number && places[step.y] == nil {
      let size = sizes[step.y].roundedUp(to: 16)
      var isBatch = false
      if case .batch = step.work { isBatch = true }
      if isBatch || segmentOf[last[step.y]] != segmentOf[number]
        || Self.isReadByBatch(step.y, steps[number...last[step.y]])
      {
        // Workers are at different steps of a segment, each with its own picture: the whole segment counts.
        sharedBlocks.append(
          Block(
            first: segments[segmentOf[number]].lowerBound,
            last: segments[segmentOf[last[step.y]]].upperBound - 1, count: size))
        sharedLayers.append(step.y)
        places[step.y] = .shared(offset: 0, stride: size)
      } else if let block = Self.overwritable(step, number, last, blockOf) {
        blockOf[step.y] = block
        blocks[block].last = last[step.y]
        blocks[block].count = max(blocks[block].count, size)
      } else {
        blockOf[step.y] = blocks.count
        blocks.append(Block(first: number, last: last[step.y], count: size))
      }
    }
    Self.place(&blocks)
    arenaCount = blocks.reduce(0) { max($0, $1.offset + $1.count) }
    for (layer, block) in blockOf { places[layer] = .arena(blocks[block].offset) }
    Self.place(&sharedBlocks)
    sharedCount = sharedBlocks.reduce(0) { max($0, $1.offset + $1.count) }
    for (layer, block) in zip(sharedLayers, sharedBlocks) {
      places[layer] = .shared(offset: block.offset, stride: block.count)
    }
  }

  private static func isReadByBatch(_ layer: Int, _ steps: ArraySlice<PlannedStep>) -> Bool {
    steps.contains { step in
      guard case .batch = step.work else { return false }
      return step.readers.contains(layer)
    }
  }

  /// The block of an input that a step may write its result over: one that is not needed after it.
  private static func overwritable(
    _ step: PlannedStep, _ number: Int, _ last: [Int], _ blockOf: [Int: Int]
  ) -> Int? {
    guard case .picture(let work) = step.work else { return nil }
    if let second = step.second, work.mayOverwrite.second, last[second] == number,
      let block = blockOf[second],
      work.mayOverwrite.x || second != step.x
    {
      return block
    }
    if work.mayOverwrite.x, last[step.x] == number, let block = blockOf[step.x] { return block }
    return nil
  }

  /// Gives each block, in the order of their beginnings, the lowest offset where it meets no other of its time.
  private static func place(_ blocks: inout [Block]) {
    for index in blocks.indices {
      let rivals = blocks[..<index].filter {
        $0.first <= blocks[index].last && blocks[index].first <= $0.last
      }
      .sorted { $0.offset < $1.offset }
      var offset = 0
      for rival in rivals {
        if offset + blocks[index].count <= rival.offset { break }
        offset = max(offset, rival.offset + rival.count)
      }
      blocks[index].offset = offset
    }
  }
}

extension Int {
  /// The next multiple of `unit`, itself included.
  func roundedUp(to unit: Int) -> Int { (self + unit - 1) / unit * unit }
}
