internal import Foundation
internal import GraftTensor

/// Weights W, D x C, and biases b of a linear map for features as they are, in the precision in which they were fitted.
package struct LinearParameters: Hashable, Sendable {
  /// The rows of W, then b.
  package let values: [Double]
  /// C.
  package let outputs: Int

  /// D.
  var width: Int { values.count / max(outputs, 1) - 1 }

  /// The rows of W, then b; `values` has (D + 1) x C.
  init(_ values: [Double], outputs: Int) {
    self.values = values
    self.outputs = outputs
  }

  /// As a layer has them.
  init(kernel: Tensor, bias: Tensor) {
    self.init((kernel.scalars + bias.scalars).map { Double($0) }, outputs: bias.count)
  }

  /// W, rounded for a layer.
  var kernel: Tensor {
    Tensor(shape: [width, outputs], scalars: values[..<(width * outputs)].map { Float($0) })
  }

  /// b, rounded for a layer.
  var bias: Tensor { Tensor(shape: [outputs], scalars: values[(width * outputs)...].map { Float($0) }) }
}

extension LinearParameters {
  /// Little-endian doubles.
  var bytes: (kernel: Data, bias: Data) {
    func bytes(_ values: ArraySlice<Double>) -> Data {
      var data = Data(capacity: values.count * 8)
      for value in values {
        withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) }
      }
      return data
    }
    return (bytes(values[..<(width * outputs)]), bytes(values[(width * outputs)...]))
  }

  /// Reads little-endian doubles, or the floats that early versions wrote; nil where their number is another.
  init?(kernel: Data, bias: Data, width: Int, outputs: Int) {
    let (weights, overflows) = width.multipliedReportingOverflow(by: outputs)
    guard width >= 0, outputs > 0, !overflows, weights < Int.max / 8,
      let size = [4, 8].first(where: { bias.count == $0 * outputs }), kernel.count == size * weights
    else { return nil }
    func numbers(_ data: Data) -> [Double] {
      data.withUnsafeBytes { bytes in
        stride(from: 0, to: data.count, by: size).map { offset in
          size == 8
            ? Double(
              bitPattern: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
            : Double(
              Float(
                bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
              ))
        }
      }
    }
    self.init(numbers(kernel) + numbers(bias), outputs: outputs)
  }
}
