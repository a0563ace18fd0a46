import Foundation
import GraftGraph
import GraftHDF5
import GraftKeras
import GraftTensor
import Testing

/// How layers and weights are called in a file.
enum Naming: String, CaseIterable, CustomTestStringConvertible {
  /// `conv1_W:0`, `bn_conv1_running_std:0`; no version.
  case keras1
  /// `conv1/kernel:0`.
  case keras2
  /// `conv1/kernel`, also for depthwise kernels.
  case keras3
  /// The first MobileNetV2: `mobl1_conv_1_expand`, `bn1_conv_1_bn_expand`, `Logits`.
  case firstMobileNetV2
  /// MobileNetV3 in Keras 2: `expanded_conv_1/depthwise/BatchNorm`, `Logits`.
  case firstMobileNetV3
  /// Names that say nothing.
  case numbers

  var testDescription: String { rawValue }

  func layer(_ name: String, number: Int) -> String {
    switch self {
    case .keras1, .keras2, .keras3: return name
    case .numbers: return "layer_\(number)"
    case .firstMobileNetV2:
      if name == "predictions" { return "Logits" }
      let words = name.split(separator: "_").map(String.init)
      guard name.hasPrefix("block_") || name.hasPrefix("expanded_conv_") else { return name }
      let (block, part) = name.hasPrefix("block_") ? (words[1], words[2]) : ("0", words[2])
      return name.hasSuffix("_BN")
        ? "bn\(block)_conv_\(block)_bn_\(part)" : "mobl\(block)_conv_\(block)_\(part)"
    case .firstMobileNetV3:
      var name = name
      if name == "logits" { return "Logits" }
      for part in ["squeeze_excite", "expand", "depthwise", "project"] {
        guard let range = name.range(of: "_\(part)_") ?? name.range(of: "_\(part)") else { continue }
        if part == "expand" && name.hasPrefix("expanded_conv_squeeze") { continue }
        name.replaceSubrange(range, with: "/\(part)" + (name[range.upperBound...].isEmpty ? "" : "/"))
        break
      }
      name = name.replacing("bn", with: "BatchNorm").replacing("conv_1_BatchNorm", with: "Conv_1/BatchNorm")
      if name.hasPrefix("conv") { name = "C" + name.dropFirst() }
      return name.replacing("/conv", with: "/Conv").replacing("Conv_BatchNorm", with: "Conv/BatchNorm")
    }
  }

  func weight(_ parameter: String, of layer: String) -> String {
    switch self {
    case .keras1:
      let suffixes = [
        "kernel": "W", "bias": "b", "moving_mean": "running_mean", "moving_variance": "running_std",
      ]
      return "\(layer)_\(suffixes[parameter] ?? parameter):0"
    case .keras3: return "\(layer)/\(parameter == "depthwise_kernel" ? "kernel" : parameter)"
    default: return "\(layer)/\(parameter):0"
    }
  }
}

/// Writes the layers of a graph that have weights as Keras's legacy layout, in Keras's order; without values
/// (which then read as zeros) where no parameters are given.
func writeLegacy(
  _ graph: Graph, _ parameters: Parameters? = nil, naming: Naming = .keras2, to path: String,
  renaming: [String: String] = [:]
) throws {
  let file = try HDF5File(path, mode: .create)
  let layers = KerasLayerOrder.weightedNodes(of: graph)
  let names = layers.enumerated().map { renaming[$1.name] ?? naming.layer($1.name, number: $0) }
  try file.root.setAttribute("layer_names", .strings(names), storage: .fixed)
  if naming != .keras1 {
    try file.root.setAttribute("backend", .string("tensorflow"))
    try file.root.setAttribute("keras_version", .string(naming == .keras3 ? "3.1.0" : "2.1.4"))
  }
  for (node, name) in zip(layers, names) {
    let group = try file.root.createGroup(name)
    let shapes = graph.parameterShapes(of: node)
    try group.setAttribute(
      "weight_names", .strings(shapes.map { naming.weight($0.name, of: name) }), storage: .fixed)
    for (parameter, shape) in shapes {
      let dataset = try group.createDataset(
        naming.weight(parameter, of: name), type: .float32, shape: shape.dimensions)
      if let tensor = parameters?[node.name, parameter] { try dataset.write(tensor.scalars) }
    }
  }
  try file.close()
}

/// Parameters of values that occur once, variances positive.
func distinctParameters(of graph: Graph) -> Parameters {
  var parameters = Parameters()
  var next: Float = 1
  for node in graph.nodes {
    for (name, shape) in graph.parameterShapes(of: node) {
      parameters[node.name, name] = Tensor(
        shape: shape, scalars: (0..<shape.count).map { next + Float($0) })
      // Beyond 2^24 neighbouring integers are one float.
      next += Float(shape.count)
    }
  }
  return parameters
}
