internal import GraftTensor

/// Elements that are worth the trouble of handing out a share.
let elementsPerShare = 1 << 14

/// Steps whose results each depend on the elements at one place: activations, sums, products.
struct ElementwiseStep: Step {
  enum Kind {
    case activation
    case add
    case multiply
    case rescaling(scale: Float, offset: Float)
  }

  private let kernels: KernelTable
  private let kindOfStep: Kind
  private let activation: KernelActivation
  private let count: Int

  init(_ kind: Kind, count: Int, _ activation: KernelActivation, _ kernels: KernelTable) {
    self.kernels = kernels
    kindOfStep = kind
    self.activation = activation
    self.count = count
  }

  var shares: Int { max((count + elementsPerShare - 1) / elementsPerShare, 1) }

  var kind: String {
    switch kindOfStep {
    case .activation: "activation"
    case .add: "sum"
    case .multiply: "product by elements"
    case .rescaling: "rescaling"
    }
  }

  var operations: Double { Double(count) }

  var mayOverwrite: (x: Bool, second: Bool) { (true, true) }

  func run(_ share: Int, _ o: Operands) {
    let first = share * elementsPerShare
    let n = min(count - first, elementsPerShare)
    let (x, y) = (o.x + first, o.y + first)
    switch kindOfStep {
    case .activation: kernels.activate(n, x, into: y, activation)
    case .add: if let b = o.second { kernels.add(n, x, b + first, into: y, activation) }
    case .multiply: if let b = o.second { kernels.multiply(n, x, b + first, into: y, activation) }
    case .rescaling(let scale, let offset): kernels.rescale(n, x, scale: scale, offset: offset, into: y)
    }
  }
}

/// exp(x) over its sum along the innermost axis.
struct SoftmaxStep: Step {
  private let kernels: KernelTable
  private let columns: Int
  private let rows: Shares

  init(over shape: Shape, _ kernels: KernelTable) {
    self.kernels = kernels
    columns = shape.channels
    rows = Shares(of: shape.count / columns, atLeast: elementsPerShare / columns)
  }

  var shares: Int { rows.count }

  var kind: String { "softmax" }

  var operations: Double { Double(rows.total * columns) }

  var mayOverwrite: (x: Bool, second: Bool) { (true, false) }

  func run(_ share: Int, _ o: Operands) {
    let first = rows[share].lowerBound * columns
    kernels.softmax(rows: rows[share].count, columns: columns, o.x + first, into: o.y + first)
  }
}
