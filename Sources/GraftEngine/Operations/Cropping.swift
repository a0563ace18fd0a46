internal import GraftGraph
internal import GraftTensor

/// A picture without some of its outer rows and columns.
struct CroppingStep: Step {
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

  var kind: String { "cropping" }

  var operations: Double { Double(output.count) }

  var mayOverwrite: (x: Bool, second: Bool) { (false, false) }

  func run(_ share: Int, _ o: Operands) {
    let (width, length) = (output[1] * output[2], input[1] * input[2])
    for row in rows[share] {
      (o.y + row * width).update(
        from: o.x + (row + insets.top) * length + insets.left * input[2], count: width)
    }
  }
}
