import Foundation
import GraftGraph
import GraftTensor
import Testing
import _GraftTestSupport

/// What Golden/make_golden.py wrote: the networks as real Keras builds them.
enum Golden {
  /// The digest of one network.
  struct Digest: Sendable, CustomTestStringConvertible {
    let architecture: String
    let height: Int
    let width: Int
    let top: String
    let parameterCount: Int
    let layerCount: Int
    /// The hash of the whole listing.
    let hash: UInt64
    /// The low byte of each line's hash, where it was kept.
    let lineHashes: [UInt8]?

    var testDescription: String { "\(architecture) \(height)x\(width) \(top)" }
  }

  /// The lines of a file in the folder.
  static func lines(of file: String) throws -> [String] {
    let url = TestData.package.appending(path: "Tests/GraftModelsTests/Golden/\(file)")
    return try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map(String.init)
  }

  /// All digests.
  static func digests() throws -> [Digest] {
    try lines(of: "digests.txt").map { line in
      let words = line.split(separator: " ").map(String.init)
      guard (7...8).contains(words.count), let height = Int(words[1]), let width = Int(words[2]),
        let count = Int(words[4]), let layers = Int(words[5]), let hash = UInt64(words[6], radix: 16)
      else { throw CocoaError(.fileReadCorruptFile) }
      return Digest(
        architecture: words[0], height: height, width: width, top: words[3], parameterCount: count,
        layerCount: layers, hash: hash, lineHashes: words.count == 8 ? bytes(words[7]) : nil)
    }
  }

  private static func bytes(_ digits: String) -> [UInt8] {
    stride(from: 0, to: digits.utf8.count, by: 2).map {
      UInt8(digits.dropFirst($0).prefix(2), radix: 16) ?? 0
    }
  }

  /// The 64-bit FNV-1a hash.
  static func hash(_ text: String) -> UInt64 {
    text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}

extension Graph {
  /// The layers in the words of make_golden.py, sorted as Python sorts.
  func listing() -> [String] {
    nodes.map { node in
      let inputs = node.inputs.map { nodes[$0].name }.joined(separator: " ")
      let parameters = parameterShapes(of: node).map { "\($0.name):\(Self.text($0.shape))" }
      return ([node.name, node.operation.text, "(\(inputs))", Self.text(node.shape)] + parameters)
        .joined(separator: " ")
    }
    .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  fileprivate static func text(_ shape: Shape) -> String {
    shape.dimensions.map(String.init).joined(separator: "x")
  }
}

extension GraftGraph.Operation {
  /// The operation with all its attributes, in the words of make_golden.py.
  fileprivate var text: String {
    switch self {
    case .input: "input"
    case .convolution(let c):
      "convolution \(c.filters) \(Self.text(c.kernel)) s\(Self.text(c.stride)) \(c.padding) "
        + "d\(Self.text(c.dilation)) g\(c.groups) \(Self.text(bias: c.usesBias)) \(Self.text(c.activation))"
    case .depthwiseConvolution(let c):
      "depthwise \(Self.text(c.kernel)) s\(Self.text(c.stride)) \(c.padding) d\(Self.text(c.dilation)) "
        + "m\(c.multiplier) \(Self.text(bias: c.usesBias)) \(Self.text(c.activation))"
    case .separableConvolution(let c):
      "separable \(c.filters) \(Self.text(c.kernel)) s\(Self.text(c.stride)) \(c.padding) "
        + "d\(Self.text(c.dilation)) m\(c.multiplier) \(Self.text(bias: c.usesBias)) \(Self.text(c.activation))"
    case .dense(let d): "dense \(d.units) \(Self.text(bias: d.usesBias)) \(Self.text(d.activation))"
    case .batchNormalization(let b):
      "norm \(Self.text(b.epsilon)) \(Self.text(b.momentum)) \(b.scales) \(b.centers)"
    case .layerNormalization(let n): "layernorm \(Self.text(n.epsilon)) \(n.scales) \(n.centers)"
    case .normalization(let n):
      n.figures.map {
        "normalize " + ($0.mean + $0.variance).map(Self.text).joined(separator: " ")
      } ?? "normalize by parameters"
    case .layerScale: "layerscale"
    case .activation(let activation): "activation \(Self.text(activation))"
    case .maxPooling(let p): "maxpool \(Self.text(p.window)) s\(Self.text(p.stride)) \(p.padding)"
    case .averagePooling(let p): "averagepool \(Self.text(p.window)) s\(Self.text(p.stride)) \(p.padding)"
    case .globalPooling(let p): "globalpool \(p.kind) \(p.keepsDimensions ? "keeps" : "flat")"
    case .zeroPadding(let e): "pad \(e.top) \(e.bottom) \(e.left) \(e.right)"
    case .cropping(let e): "crop \(e.top) \(e.bottom) \(e.left) \(e.right)"
    case .scaledAddition(let scale): "scaledadd \(Self.text(scale))"
    case .add: "add"
    case .multiply: "multiply"
    case .concatenate: "concatenate"
    case .reshape(let shape): "reshape \(Graph.text(shape))"
    case .flatten: "flatten"
    case .stochasticDepth(let rate): "depth \(Self.text(rate))"
    case .dropout(let rate): "dropout \(Self.text(rate))"
    case .rescaling(let scale, let offset): "rescale \(Self.text(scale)) \(Self.text(offset))"
    // None of the architectures has these.
    case .transposedConvolution, .groupNormalization, .unitNormalization, .parametricRectifier, .combination,
      .stacking, .permutation, .resampling:
      "\(self)"
    }
  }

  private static func text(_ extent: Extent) -> String { "\(extent.height)x\(extent.width)" }
  private static func text(_ activation: Activation) -> String {
    activation == .function(.tanh) ? "tanh" : "\(activation)"
  }
  private static func text(bias: Bool) -> String { bias ? "bias" : "nobias" }
  private static func text(_ value: Float) -> String { String(format: "%.6g", Double(value)) }
}
