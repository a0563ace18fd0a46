internal import Foundation
internal import GraftGraph
internal import GraftTensor

/// The gradients of single operations in Double, by plain loops.
enum ReferenceGradient {
  /// The gradients with respect to what a node reads and to its parameters, from that with respect to its result.
  static func evaluate(
    _ node: Graph.Node, _ inputs: [ReferenceArray], _ gradient: ReferenceArray,
    _ parameter: (String) -> ReferenceArray?
  ) -> (inputs: [ReferenceArray], parameters: [String: [Double]]) {
    evaluate(node.operation, node.shape, inputs, gradient, parameter)
  }

  private static func evaluate(
    _ operation: GraftGraph.Operation, _ shape: Shape, _ inputs: [ReferenceArray], _ gradient: ReferenceArray,
    _ parameter: (String) -> ReferenceArray?
  ) -> (inputs: [ReferenceArray], parameters: [String: [Double]]) {
    guard let x = inputs.first else { return ([], [:]) }
    var dx = ReferenceArray(zeros: x.shape)
    switch operation {
    case .input:
      return ([], [:])
    case .convolution(let c):
      guard let kernel = parameter("kernel") else { return ([dx], [:]) }
      let window = ReferenceWindow(
        c.kernel, stride: c.stride, dilation: c.dilation, padding: c.padding, over: x.shape)
      let z = Reference.convolution(x, kernel, bias: parameter("bias")?.values, window, groups: c.groups)
      let dz = activation(z, gradient.values, c.activation)
      var dw = [Double](repeating: 0, count: kernel.values.count)
      let (depth, filters) = (kernel.shape[2], kernel.shape[3])
      for oy in 0..<shape[0] {
        for ox in 0..<shape[1] {
          window.forEachTap(oy, ox) { ky, kx, iy, ix in
            guard x.holds(iy, ix) else { return }
            for c1 in 0..<depth {
              for f in 0..<filters {
                let channel = f / (filters / c.groups) * depth + c1
                let from = (iy * x.shape[1] + ix) * x.shape[2] + channel
                let weight = ((ky * window.kernel.width + kx) * depth + c1) * filters + f
                let d = dz[(oy * shape[1] + ox) * filters + f]
                dw[weight] += d * x.values[from]
                dx.values[from] += d * kernel.values[weight]
              }
            }
          }
        }
      }
      return ([dx], ["kernel": dw, "bias": sums(dz, filters)])
    case .depthwiseConvolution(let c):
      guard let kernel = parameter("depthwise_kernel") else { return ([dx], [:]) }
      let window = ReferenceWindow(
        c.kernel, stride: c.stride, dilation: c.dilation, padding: c.padding, over: x.shape)
      let z = Reference.depthwise(x, kernel, bias: parameter("bias")?.values, window)
      let dz = activation(z, gradient.values, c.activation)
      var dw = [Double](repeating: 0, count: kernel.values.count)
      let filters = shape[2]
      for oy in 0..<shape[0] {
        for ox in 0..<shape[1] {
          window.forEachTap(oy, ox) { ky, kx, iy, ix in
            guard x.holds(iy, ix) else { return }
            for f in 0..<filters {
              let from = (iy * x.shape[1] + ix) * x.shape[2] + f / kernel.shape[3]
              let weight = (ky * window.kernel.width + kx) * filters + f
              let d = dz[(oy * shape[1] + ox) * filters + f]
              dw[weight] += d * x.values[from]
              dx.values[from] += d * kernel.values[weight]
            }
          }
        }
      }
      return ([dx], ["depthwise_kernel": dw, "bias": sums(dz, filters)])
    case .separableConvolution(let c):
      guard let first = parameter("depthwise_kernel"), let second = parameter("pointwise_kernel") else {
        return ([dx], [:])
      }
      // The two halves as nodes of their own.
      let window = ReferenceWindow(
        c.kernel, stride: c.stride, dilation: c.dilation, padding: c.padding, over: x.shape)
      let middle = Reference.depthwise(x, first, bias: nil, window)
      let pointwise = evaluate(
        .convolution(c.pointwise), shape, [middle], gradient
      ) { $0 == "kernel" ? second : parameter($0) }
      let depthwise = evaluate(
        .depthwiseConvolution(c.depthwise), middle.shape, [x], pointwise.inputs[0]
      ) { $0 == "depthwise_kernel" ? first : nil }
      return (
        depthwise.inputs,
        [
          "depthwise_kernel": depthwise.parameters["depthwise_kernel"] ?? [],
          "pointwise_kernel": pointwise.parameters["kernel"] ?? [],
          "bias": pointwise.parameters["bias"] ?? [],
        ]
      )
    case .dense(let d):
      guard let kernel = parameter("kernel") else { return ([dx], [:]) }
      let z = Reference.dense(x, kernel, bias: parameter("bias")?.values)
      let dz = activation(z, gradient.values, d.activation)
      let depth = kernel.shape[0]
      var dw = [Double](repeating: 0, count: kernel.values.count)
      for row in 0..<x.values.count / depth {
        for k in 0..<depth {
          for u in 0..<d.units {
            dw[k * d.units + u] += x.values[row * depth + k] * dz[row * d.units + u]
            dx.values[row * depth + k] += dz[row * d.units + u] * kernel.values[k * d.units + u]
          }
        }
      }
      return ([dx], ["kernel": dw, "bias": sums(dz, d.units)])
    case .batchNormalization(let b):
      let channels = x.shape.channels
      let gamma = parameter("gamma")?.values
      let mean = parameter("moving_mean")?.values ?? []
      let variance = parameter("moving_variance")?.values ?? []
      var dGamma = [Double](repeating: 0, count: channels)
      for (index, dy) in gradient.values.enumerated() {
        let c = index % channels
        let deviation = (variance[c] + Double(b.epsilon)).squareRoot()
        dGamma[c] += dy * (x.values[index] - mean[c]) / deviation
        dx.values[index] = dy * (gamma?[c] ?? 1) / deviation
      }
      return ([dx], ["gamma": dGamma, "beta": sums(gradient.values, channels)])
    case .layerNormalization(let n):
      let channels = x.shape.channels
      let gamma = parameter("gamma")?.values
      var dGamma = [Double](repeating: 0, count: channels)
      for row in stride(from: 0, to: x.values.count, by: channels) {
        let (mean, deviation) = Reference.statistics(x.values[row..<row + channels], epsilon: n.epsilon)
        // d y_j / d x_i, written out: through x_i itself, the mean and the deviation.
        for j in 0..<channels {
          let unit = (x.values[row + j] - mean) / deviation
          dGamma[j] += gradient.values[row + j] * unit
          let d = gradient.values[row + j] * (gamma?[j] ?? 1) / deviation
          for i in 0..<channels {
            let other = (x.values[row + i] - mean) / deviation
            dx.values[row + i] += d * ((i == j ? 1 : 0) - (1 + unit * other) / Double(channels))
          }
        }
      }
      return ([dx], ["gamma": dGamma, "beta": sums(gradient.values, channels)])
    case .normalization(let n):
      let variance = n.figures?.variance.map(Double.init) ?? parameter("variance")?.values ?? []
      for (index, dy) in gradient.values.enumerated() {
        dx.values[index] = dy / max(variance[index % x.shape.channels].squareRoot(), 1e-7)
      }
      return ([dx], [:])
    case .layerScale:
      let channels = x.shape.channels
      let gamma = parameter("gamma")?.values ?? []
      var dGamma = [Double](repeating: 0, count: channels)
      for (index, dy) in gradient.values.enumerated() {
        dGamma[index % channels] += dy * x.values[index]
        dx.values[index] = dy * gamma[index % channels]
      }
      return ([dx], ["gamma": dGamma])
    case .transposedConvolution, .groupNormalization, .unitNormalization, .parametricRectifier, .combination,
      .stacking, .permutation, .resampling:
      return differences(operation, shape, inputs, gradient, parameter)
    case .activation(let kind):
      return ([ReferenceArray(x.shape, activation(x, gradient.values, kind))], [:])
    case .maxPooling(let p):
      pooling(x, p, shape, gradient.values, takesMax: true, into: &dx)
      return ([dx], [:])
    case .averagePooling(let p):
      pooling(x, p, shape, gradient.values, takesMax: false, into: &dx)
      return ([dx], [:])
    case .globalPooling(let p):
      let channels = x.shape[2]
      let pixels = x.values.count / channels
      for c in 0..<channels {
        let places = Array(stride(from: c, to: x.values.count, by: channels))
        switch p.kind {
        case .average: for place in places { dx.values[place] = gradient.values[c] / Double(pixels) }
        case .max:
          let largest = places.map { x.values[$0] }.max()
          if let place = places.first(where: { x.values[$0] == largest }) {
            dx.values[place] = gradient.values[c]
          }
        }
      }
      return ([dx], [:])
    case .zeroPadding(let insets):
      for y in 0..<x.shape[0] {
        for column in 0..<x.shape[1] {
          for c in 0..<x.shape[2] {
            dx.values[(y * x.shape[1] + column) * x.shape[2] + c] =
              gradient.pixel(y + insets.top, column + insets.left, c)
          }
        }
      }
      return ([dx], [:])
    case .cropping(let insets):
      for y in 0..<shape[0] {
        for column in 0..<shape[1] {
          for c in 0..<shape[2] {
            let place = ((y + insets.top) * x.shape[1] + column + insets.left) * x.shape[2] + c
            dx.values[place] = gradient.pixel(y, column, c)
          }
        }
      }
      return ([dx], [:])
    case .scaledAddition(let scale):
      return ([gradient, ReferenceArray(x.shape, gradient.values.map { $0 * Double(scale) })], [:])
    case .add:
      return (inputs.map { _ in gradient }, [:])
    case .multiply:
      var results = inputs.map { ReferenceArray(zeros: $0.shape) }
      for (index, dy) in gradient.values.enumerated() {
        let places = inputs.map { index % $0.values.count }
        results[0].values[places[0]] += dy * inputs[1].values[places[1]]
        results[1].values[places[1]] += dy * inputs[0].values[places[0]]
      }
      return (results, [:])
    case .concatenate:
      var results = inputs.map { ReferenceArray(zeros: $0.shape) }
      var first = 0
      for (number, input) in inputs.enumerated() {
        let channels = input.shape.channels
        for index in input.values.indices {
          let (row, c) = (index / channels, index % channels)
          results[number].values[index] = gradient.values[row * shape.channels + first + c]
        }
        first += channels
      }
      return (results, [:])
    case .reshape, .flatten, .dropout, .stochasticDepth:
      return ([ReferenceArray(x.shape, gradient.values)], [:])
    case .rescaling(let scale, _):
      return ([ReferenceArray(x.shape, gradient.values.map { $0 * Double(scale) })], [:])
    }
  }

  private static func sums(_ values: [Double], _ channels: Int) -> [Double] {
    var sums = [Double](repeating: 0, count: channels)
    for (index, value) in values.enumerated() { sums[index % channels] += value }
    return sums
  }

  private static func pooling(
    _ x: ReferenceArray, _ p: Pooling, _ shape: Shape, _ gradient: [Double], takesMax: Bool,
    into dx: inout ReferenceArray
  ) {
    let window = ReferenceWindow(p.window, stride: p.stride, padding: p.padding, over: x.shape)
    for oy in 0..<shape[0] {
      for ox in 0..<shape[1] {
        for c in 0..<shape[2] {
          var places: [Int] = []
          window.forEachTap(oy, ox) { _, _, iy, ix in
            if x.holds(iy, ix) { places.append((iy * x.shape[1] + ix) * x.shape[2] + c) }
          }
          let dy = gradient[(oy * shape[1] + ox) * shape[2] + c]
          if takesMax {
            let largest = places.map { x.values[$0] }.max()
            if let place = places.first(where: { x.values[$0] == largest }) { dx.values[place] += dy }
          } else {
            for place in places { dx.values[place] += dy / Double(places.count) }
          }
        }
      }
    }
  }

  /// Gradients by central differences of the result, for operations that have no loop of their own here.
  private static func differences(
    _ operation: GraftGraph.Operation, _ shape: Shape, _ inputs: [ReferenceArray], _ gradient: ReferenceArray,
    _ parameter: (String) -> ReferenceArray?
  ) -> (inputs: [ReferenceArray], parameters: [String: [Double]]) {
    let step = 1e-6
    func loss(_ inputs: [ReferenceArray], _ parameter: (String) -> ReferenceArray?) -> Double {
      let y = ReferenceInterpreter.evaluate(operation, shape, inputs, inputs[0], parameter)
      return zip(y.values, gradient.values).reduce(0) { $0 + $1.0 * $1.1 }
    }
    func slopes(_ count: Int, _ loss: (Int, Double) -> Double) -> [Double] {
      (0..<count).map { (loss($0, step) - loss($0, -step)) / (2 * step) }
    }
    let dx = inputs.indices.map { number in
      ReferenceArray(
        inputs[number].shape,
        slopes(inputs[number].values.count) { index, change in
          var moved = inputs
          moved[number].values[index] += change
          return loss(moved, parameter)
        })
    }
    var parameters: [String: [Double]] = [:]
    for (name, shape) in operation.parameterShapes(for: inputs.map(\.shape)) {
      guard let original = parameter(name) else { continue }
      parameters[name] = slopes(shape.count) { index, change in
        var moved = original
        moved.values[index] += change
        return loss(inputs) { $0 == name ? moved : parameter($0) }
      }
    }
    return (dx, parameters)
  }

  /// The gradient with respect to what an activation reads.
  private static func activation(
    _ z: ReferenceArray, _ dy: [Double], _ activation: Activation
  ) -> [Double] {
    func slopes(_ slope: (Double) -> Double) -> [Double] { zip(z.values, dy).map { slope($0) * $1 } }
    func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
    switch activation {
    case .linear: return dy
    case .relu: return slopes { $0 > 0 ? 1 : 0 }
    case .relu6: return slopes { $0 > 0 && $0 < 6 ? 1 : 0 }
    case .hardSigmoid: return slopes { abs($0) < 3 ? 1.0 / 6 : 0 }
    case .hardSwish: return slopes { $0 <= -3 ? 0 : $0 >= 3 ? 1 : $0 / 3 + 0.5 }
    case .sigmoid: return slopes { sigmoid($0) * (1 - sigmoid($0)) }
    case .swish: return slopes { sigmoid($0) * (1 + $0 * (1 - sigmoid($0))) }
    case .gelu:
      return slopes {
        erfc(-$0 / 2.0.squareRoot()) / 2 + $0 * exp(-$0 * $0 / 2) / (2 * Double.pi).squareRoot()
      }
    case .function(let function):
      let step = 1e-6
      return slopes {
        (Reference.scalar(function, $0 + step) - Reference.scalar(function, $0 - step)) / (2 * step)
      }
    case .softmax:
      let y = Reference.activation(z.values, .softmax, channels: z.shape.channels)
      return y.indices.map { i in
        let row = i / z.shape.channels * z.shape.channels
        return (row..<row + z.shape.channels).reduce(0) { $0 + dy[$1] * y[$1] * ((i == $1 ? 1 : 0) - y[i]) }
      }
    }
  }
}
