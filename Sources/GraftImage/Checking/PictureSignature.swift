/// What a picture looks like in little: enough to recognise a copy that was saved again, made smaller, or mirrored.
///
/// A difference hash (Krawetz, 2013, "Kind of Like That") finds pictures that may be alike among many; small pictures
/// of 16 x 16 pixels tell whether they are. The hash alone would take many a pair for alike that is not.
struct PictureSignature: Sendable {
  /// Pixels a side of the small picture.
  static let side = 16

  /// For each of 8 rows of 9 grey values, whether the value to the right is larger: 64 bits, row by row.
  let hash: UInt64
  /// The hash of the mirrored picture.
  let mirroredHash: UInt64
  /// The whole picture squeezed to 16 x 16 pixels, less its mean, to the length 1.
  private let colors: [Float]
  /// The same in grey.
  private let greys: [Float]
  /// Whether the small picture is grey.
  private let isGrey: Bool
  /// The standard deviation of the small picture's grey values, on the scale 0...255.
  let contrast: Double

  init(_ image: Image) {
    // The steps between keep the filter from reading a large picture twice.
    let small = image.resized(width: 4 * Self.side, height: 4 * Self.side)
    let hashed = Self.greys(of: small.resized(width: 9, height: 8))
    hash = Self.hash(of: hashed)
    mirroredHash = Self.hash(of: (0..<72).map { hashed[$0 / 9 * 9 + 8 - $0 % 9] })
    let thumbnail = small.resized(width: Self.side, height: Self.side)
    let light = Self.greys(of: thumbnail)
    let (mean, square) = (light.reduce(0, +) / 256, light.reduce(0) { $0 + $1 * $1 } / 256)
    contrast = Double(max(square - mean * mean, 0).squareRoot())
    isGrey = stride(from: 0, to: thumbnail.pixels.count, by: 3).allSatisfy { pixel in
      let values = thumbnail.pixels[pixel..<pixel + 3]
      return (values.max() ?? 0) - (values.min() ?? 0) <= 8
    }
    colors = Self.centered(thumbnail.pixels.map { Float($0) })
    greys = Self.centered(light)
  }

  /// The correlation of two small pictures, from -1 to 1; in grey where one of them is.
  func likeness(to other: PictureSignature, mirrored: Bool) -> Double {
    let useGreys = isGrey || other.isGrey
    let (a, b) = useGreys ? (greys, other.greys) : (colors, other.colors)
    let channels = useGreys ? 1 : 3
    var sum: Float = 0
    for row in 0..<Self.side {
      for column in 0..<Self.side {
        let place = (row * Self.side + column) * channels
        let opposite = (row * Self.side + (mirrored ? Self.side - 1 - column : column)) * channels
        for channel in 0..<channels { sum += a[place + channel] * b[opposite + channel] }
      }
    }
    return Double(sum)
  }

  private static func hash(of values: [Float]) -> UInt64 {
    var bits: UInt64 = 0
    for row in 0..<8 {
      for column in 0..<8 {
        bits = bits << 1 | (values[row * 9 + column] < values[row * 9 + column + 1] ? 1 : 0)
      }
    }
    return bits
  }

  /// The luma of ITU-R BT.601.
  private static func greys(of image: Image) -> [Float] {
    stride(from: 0, to: image.pixels.count, by: 3).map {
      0.299 * Float(image.pixels[$0]) + 0.587 * Float(image.pixels[$0 + 1])
        + 0.114 * Float(image.pixels[$0 + 2])
    }
  }

  private static func centered(_ values: [Float]) -> [Float] {
    let mean = values.reduce(0, +) / Float(values.count)
    let differences = values.map { $0 - mean }
    let length = differences.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return length > 0 ? differences.map { $0 / length } : differences
  }
}
