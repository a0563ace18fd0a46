internal import Foundation
internal import GraftData
internal import GraftTensor

extension LinearClassifier: Codable {
  private enum CodingKeys: String, CodingKey {
    case labels
    case width
    case kernel
    case bias
    case standardization
    case training
    case activation
  }

  /// Writes kernel and bias as 32-bit little-endian floats in Base64 (in JSON), everything else as it is.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(labels, forKey: .labels)
    try values.encode(width, forKey: .width)
    try values.encode(Self.bytes(of: kernel), forKey: .kernel)
    try values.encode(Self.bytes(of: bias), forKey: .bias)
    try values.encodeIfPresent(standardization, forKey: .standardization)
    try values.encodeIfPresent(training, forKey: .training)
    if activation != .softmax { try values.encode(activation, forKey: .activation) }
  }

  /// Reads a classifier that was written by `encode(to:)`, refusing one whose parts do not fit together.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let labels = try values.decode(Labels.self, forKey: .labels)
    let width = try values.decode(Int.self, forKey: .width)
    func tensor(_ key: CodingKeys, _ dimensions: [Int]) throws -> Tensor {
      let data = try values.decode(Data.self, forKey: key)
      let (count, overflows) = dimensions.reduce((1, false)) { sum, next in
        let product = sum.0.multipliedReportingOverflow(by: next)
        return (product.partialValue, sum.1 || product.overflow || next < 0)
      }
      guard !overflows, data.count % 4 == 0, data.count / 4 == count else {
        throw DecodingError.dataCorruptedError(
          forKey: key, in: values,
          debugDescription: "\(data.count) bytes are not \(dimensions) numbers of 4 bytes")
      }
      let scalars = data.withUnsafeBytes { bytes in
        (0..<count).map { index in
          Float(
            bitPattern: UInt32(
              littleEndian: bytes.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self)))
        }
      }
      return Tensor(shape: Shape(dimensions), scalars: scalars)
    }
    do {
      try self.init(
        labels: labels, kernel: tensor(.kernel, [width, labels.count]), bias: tensor(.bias, [labels.count]),
        standardization: try values.decodeIfPresent(Standardization.self, forKey: .standardization),
        training: try values.decodeIfPresent(Training.self, forKey: .training),
        activation: try values.decodeIfPresent(Activation.self, forKey: .activation) ?? .softmax)
    } catch let error as LinearError {
      throw DecodingError.dataCorruptedError(
        forKey: .kernel, in: values, debugDescription: error.message)
    }
  }

  private static func bytes(of tensor: Tensor) -> Data {
    var data = Data(capacity: tensor.count * 4)
    for value in tensor.scalars {
      withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) }
    }
    return data
  }
}
