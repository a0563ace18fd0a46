internal import GraftTensor

/// Where the rows (innermost axis) of a result find the elements of arrays whose axes of length 1 are repeated.
struct Broadcast: Sendable {
  /// The number of rows of the result.
  let rows: Int
  /// The length of a row.
  let columns: Int
  /// For each array, elements from one column to the next: 1 or 0.
  let steps: [Int]
  /// The lengths of the axes before the innermost.
  private let lengths: [Int]
  /// For each array, elements from one place to the next on each of these axes.
  private let strides: [[Int]]

  /// - Precondition: the shapes have the rank of `shape`, and its lengths or 1.
  init(_ arrays: [Shape], to shape: Shape) {
    columns = shape.dimensions.last ?? 1
    lengths = Array(shape.dimensions.dropLast())
    rows = lengths.reduce(1, *)
    steps = arrays.map { ($0.dimensions.last ?? 1) == 1 ? 0 : 1 }
    strides = arrays.map { array in
      var stride = array.dimensions.last ?? 1
      var strides: [Int] = []
      for length in array.dimensions.dropLast().reversed() {
        strides.append(length == 1 ? 0 : stride)
        stride *= length
      }
      return strides.reversed()
    }
  }

  /// Where in an array the first element for a row is.
  func offset(_ array: Int, row: Int) -> Int {
    var (rest, offset) = (row, 0)
    for axis in lengths.indices.reversed() {
      offset += rest % lengths[axis] * strides[array][axis]
      rest /= lengths[axis]
    }
    return offset
  }
}
