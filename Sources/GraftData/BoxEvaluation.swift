/// How well a model finds the one object of each picture.
public struct BoxEvaluation: Hashable, Sendable {
  /// A picture with its box and the one that was found.
  public struct Row: Hashable, Sendable {
    /// The picture's file.
    public let path: String
    /// Where the object is.
    public let truth: Box
    /// Where it was said to be.
    public let found: Box
    /// The area that both share over the area that they cover together.
    public let intersectionOverUnion: Double

    /// Compares two boxes.
    public init(path: String, truth: Box, found: Box) {
      self.path = path
      self.truth = truth
      self.found = found
      intersectionOverUnion = truth.intersectionOverUnion(found)
    }
  }

  /// How many pictures `worst` holds at most.
  private static let worstCount = 20

  /// The number of pictures judged.
  public let count: Int
  /// Pictures that could not be judged.
  public let skipped: [SkippedPicture]
  /// The mean of the intersections over unions, from 0 to 1; 0 for no pictures.
  public let meanIoU: Double
  /// The share of pictures whose intersection over union is above 0.5, which the PASCAL VOC challenge takes for found.
  public let shareAboveHalf: Double
  /// The same for 0.75.
  public let shareAboveThreeQuarters: Double
  /// The mean distance of each coordinate (`Box.coordinateNames`), in shares of the picture's sides.
  public let meanErrors: [Double]
  /// The pictures with the smallest intersection over union, the smallest first.
  public let worst: [Row]

  /// Judges boxes.
  public init(_ rows: [Row], skipped: [SkippedPicture] = []) {
    let values = rows.map(\.intersectionOverUnion)
    let divisor = Double(max(rows.count, 1))
    count = rows.count
    self.skipped = skipped
    meanIoU = values.reduce(0, +) / divisor
    shareAboveHalf = Double(values.count { $0 > 0.5 }) / divisor
    shareAboveThreeQuarters = Double(values.count { $0 > 0.75 }) / divisor
    meanErrors = (0..<4).map { place in
      rows.reduce(0) { $0 + abs($1.found.coordinates[place] - $1.truth.coordinates[place]) } / divisor
    }
    worst = Array(
      rows.enumerated()
        .sorted {
          ($0.element.intersectionOverUnion, $0.offset) < ($1.element.intersectionOverUnion, $1.offset)
        }
        .prefix(Self.worstCount).map(\.element))
  }
}

extension BoxEvaluation: Encodable {
  private enum CodingKeys: String, CodingKey {
    case task
    case count = "images"
    case skipped
    case meanIoU
    case shareAboveHalf
    case shareAboveThreeQuarters
    case meanErrors
    case worst
  }

  /// Writes the figures under the names that `graft evaluate --json` prints.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(PictureTask.boxes, forKey: .task)
    try values.encode(count, forKey: .count)
    try values.encode(skipped, forKey: .skipped)
    try values.encode(meanIoU, forKey: .meanIoU)
    try values.encode(shareAboveHalf, forKey: .shareAboveHalf)
    try values.encode(shareAboveThreeQuarters, forKey: .shareAboveThreeQuarters)
    try values.encode(
      Dictionary(uniqueKeysWithValues: zip(Box.coordinateNames, meanErrors)), forKey: .meanErrors)
    try values.encode(worst, forKey: .worst)
  }
}

extension BoxEvaluation.Row: Encodable {
  private enum CodingKeys: String, CodingKey {
    case path
    case truth
    case found
    case intersectionOverUnion = "iou"
  }
}
