internal import Foundation
internal import GraftData

extension LinearClassifier: Codable {
  private enum CodingKeys: String, CodingKey {
    case labels
    case width
    case kernel
    case bias
    case standardization
    case training
    case activation
    case members
  }

  /// Writes W and b, as `kernel` and `bias`, as 64-bit little-endian floats in Base64 (in JSON), everything else as it is.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(labels, forKey: .labels)
    try values.encode(width, forKey: .width)
    let bytes = parameters.bytes
    try values.encode(bytes.kernel, forKey: .kernel)
    try values.encode(bytes.bias, forKey: .bias)
    try values.encodeIfPresent(standardization, forKey: .standardization)
    try values.encodeIfPresent(training, forKey: .training)
    if activation != .softmax { try values.encode(activation, forKey: .activation) }
    if !members.isEmpty { try values.encode(members, forKey: .members) }
  }

  /// Reads a classifier that was written by `encode(to:)`, or with 32-bit floats by early versions, refusing one whose
  /// parts do not fit together.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let labels = try values.decode(Labels.self, forKey: .labels)
    let width = try values.decode(Int.self, forKey: .width)
    let (kernel, bias) = try (
      values.decode(Data.self, forKey: .kernel), values.decode(Data.self, forKey: .bias)
    )
    guard let parameters = LinearParameters(kernel: kernel, bias: bias, width: width, outputs: labels.count)
    else {
      throw DecodingError.dataCorruptedError(
        forKey: .kernel, in: values,
        debugDescription: """
          \(kernel.count) and \(bias.count) bytes are not \(width) x \(labels.count) weights and \(labels.count) biases \
          of 8 bytes
          """)
    }
    do {
      try self.init(
        labels: labels, parameters: parameters,
        standardization: try values.decodeIfPresent(Standardization.self, forKey: .standardization),
        training: try values.decodeIfPresent(Training.self, forKey: .training),
        activation: try values.decodeIfPresent(Activation.self, forKey: .activation) ?? .softmax,
        members: try values.decodeIfPresent([Member].self, forKey: .members) ?? [])
    } catch let error as LinearError {
      throw DecodingError.dataCorruptedError(
        forKey: .kernel, in: values, debugDescription: error.message)
    }
  }
}
