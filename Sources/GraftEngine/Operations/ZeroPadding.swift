internal import GraftGraph
internal import GraftTensor

/// Rows and columns of zeros around a picture, where no window could take them in.
struct ZeroPaddingStep: Step {
  private let input: Shape
  private let output: Shape
  private let insets: EdgeInsets
  private let rows: Shares

  init(_ insets: EdgeInsets, from input: Shape, to output: Shape) {
    self.insets = insets
    self.input = input
    self.output = output
    rows = Shares(of: output[0], atLeast: elementsPerShare / (output[1] * output[2]))
  }

  var shares: Int { rows.count }

  var kind: String { "padding" }

  var operations: Double { Double(output.count) }

  var mayOverwrite: (x: Bool, second: Bool) { (false, false) }

  func run(_ share: Int, _ o: Operands) {
    let (width, length) = (output[1] * output[2], input[1] * input[2])
    let left = insets.left * input[2]
    for row in rows[share] {
      let to = o.y + row * width
      let from = row - insets.top
      if from < 0 || from >= input[0] {
        to.update(repeating: 0, count: width)
      } else {
        to.update(repeating: 0, count: left)
        (to + left).update(from: o.x + from * length, count: length)
        (to + left + length).update(repeating: 0, count: width - left - length)
      }
    }
  }
}
