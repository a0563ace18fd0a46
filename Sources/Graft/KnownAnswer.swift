internal import Foundation
internal import GraftEngine
internal import GraftImage
internal import GraftKeras
internal import GraftTensor

/// What real Keras computed with a weight file for the picture that is built in. `weights/make_answers.py` makes
/// `weights/answers.json`.
package struct KnownAnswer: Decodable, Sendable {
  /// The SHA-256 digest of the file, 64 hexadecimal digits.
  let sha256: String
  /// The picture's side, in pixels.
  let size: Int
  /// The largest numbers of the features, pooled, or of the probabilities where the file has a classifier.
  package var values: [Double]
  /// Where they stand.
  let places: [Int]
  /// The largest of all of them.
  package let largest: Double

  /// How far a network may be from Keras, as a share of the largest value.
  package static let tolerance = 1e-4

  /// The answer for a file; nil where none is known.
  package static func ofFile(sha256: String) throws -> KnownAnswer? {
    try JSONDecoder().decode([KnownAnswer].self, from: Data(EmbeddedFile.answers)).first {
      $0.sha256 == sha256
    }
  }

  /// The picture that is built in: no photo, but such that every pixel counts.
  static func picture(size: Int) -> Image {
    var pixels = [UInt8](repeating: 0, count: size * size * 3)
    for y in 0..<size {
      for x in 0..<size {
        for channel in 0..<3 {
          let value = 7 * x + 13 * y + 29 * channel + 5 * (x * y % 31)
          pixels[(y * size + x) * 3 + channel] = UInt8(value % 256)
        }
      }
    }
    return Image(width: size, height: size, pixels: pixels)
  }

  /// How far the network of a file is from Keras, as a share of the largest value.
  package func difference(of path: String) throws -> Double {
    let pretrained = try NetworkLoader(
      source: .file(path), inputSize: size, preprocessing: PreprocessingChoice(mode: nil, resize: .crop),
      part: .layers([])
    ).loadWithClassifierIfAny()
    let input = pretrained.preprocessing.input(from: Self.picture(size: size), size: size)
    let results = try InferencePlan(pretrained.network).run(
      Tensor(shape: [1, size, size, 3], scalars: input))
    guard let result = results.first else { return .infinity }
    let width = result.shape.channels
    var sums = [Double](repeating: 0, count: width)
    for (index, value) in result.scalars.enumerated() { sums[index % width] += Double(value) }
    let pixels = Double(result.count / width)
    guard values.count == places.count, places.allSatisfy(sums.indices.contains) else { return .infinity }
    return zip(places, values).map { abs(sums[$0] / pixels - $1) }.max().map { $0 / largest } ?? .infinity
  }
}
