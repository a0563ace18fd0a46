import Foundation
import GraftData
import GraftTensor
import Testing

/// What scikit-learn's logistic regression finds; see Golden/make.py.
struct LogisticGolden: Decodable, CustomTestStringConvertible {
  let name: String
  let rows: Int
  let classes: Int
  let width: Int
  let l2: Double
  let objective: Double
  let logLoss: Double
  let kernel: [Double]
  let bias: [Double]

  var testDescription: String { "\(name), \(rows) x \(width), \(classes) classes, l2 \(l2)" }

  private struct File: Decodable {
    let iris: [Float]
    let cases: [LogisticGolden]
  }

  private static let file: File? = {
    let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden/logistic.json")
    do {
      return try JSONDecoder().decode(File.self, from: Data(contentsOf: path))
    } catch {
      Issue.record("logistic.json: \(error)")
      return nil
    }
  }()

  static let all = file?.cases ?? []

  var labels: Labels { get throws { try Labels((0..<classes).map { "class \($0)" }) } }

  var features: Tensor {
    if name == "iris" { return Tensor(shape: [rows, width], scalars: Self.file?.iris ?? []) }
    return Tensor(
      shape: [rows, width],
      scalars: (0..<rows).flatMap { i in
        (0..<width).map { d in
          let value = Float((i * i * 37 + i * d * 13 + d * 101) % 97)
          return switch d {
          case 1: value * 1024 + 16384
          case 2: value / 4096
          case 3: 0.1
          default: value
          }
        }
      })
  }

  var classIndices: [Int] {
    if name == "iris" { return (0..<rows).map { $0 / 50 } }
    let features = features
    return (0..<rows).map { ($0 * 7 + (features.scalars[$0 * width] > 48 ? $0 : 0)) % classes }
  }
}
