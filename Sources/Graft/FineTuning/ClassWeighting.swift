public import GraftData
internal import GraftTraining

/// How much the pictures of each class count in training, for classes of which there are few.
public enum ClassWeighting: Sendable, Hashable {
  /// All the same.
  case equal
  /// So much that all classes count the same together; see `ClassWeights.balanced`.
  case balanced
  /// As given for each class by its name; 1 for those not named.
  case named([String: Double])

  /// More than any imbalance asks for, and less than what would leave losses without a number.
  private static let largest = 1e6

  /// Reads `equal`, `balanced` or weights such as `cat=2,dog=0.5`.
  ///
  /// - Throws: `TrainingError` with code `.input` for anything else.
  public init(parsing text: String) throws {
    switch text {
    case "equal": self = .equal
    case "balanced": self = .balanced
    default:
      var weights: [String: Double] = [:]
      for part in text.split(separator: ",", omittingEmptySubsequences: false) {
        // Names may have an equals sign in them; numbers have none.
        guard let sign = part.lastIndex(of: "="), let weight = Double(part[part.index(after: sign)...]),
          (0...Self.largest).contains(weight), sign > part.startIndex
        else {
          throw TrainingError(
            .input,
            "class weights are equal, balanced, or names with numbers from 0 to a million, such as cat=2,dog=0.5; “\(part)” is "
              + "none of these")
        }
        weights[String(part[..<sign])] = weight
      }
      self = .named(weights)
    }
  }

  /// One weight a class.
  ///
  /// - Parameters:
  ///   - labels: the classes of the pictures to train on, as often as they occur.
  ///   - classes: the classes.
  ///   - task: what is asked about the pictures.
  /// - Throws: `TrainingError` with code `.input` if a class is named that there is not, a weight is negative or above a
  ///   million, all count nothing, or the task knows no classes.
  public func weights(of labels: [Int], classes: Labels, task: PictureTask = .classes) throws -> [Double] {
    guard task != .boxes else {
      throw TrainingError(.input, "class weights are for pictures with classes; these come with boxes")
    }
    switch self {
    case .equal: return [Double](repeating: 1, count: classes.count)
    case .balanced: return try ClassWeights.balanced(labels, classes: classes.count)
    case .named(let weights):
      if let unknown = weights.keys.sorted().first(where: { !classes.names.contains($0) }) {
        throw TrainingError(
          .input, "there is a weight for the class “\(unknown)”, which is none of \(classes)")
      }
      if let wrong = weights.first(where: { !(0...Self.largest).contains($0.value) }) {
        throw TrainingError(
          .input, "the weight of the class “\(wrong.key)” must be from 0 to a million, not \(wrong.value)")
      }
      let result = classes.names.map { weights[$0] ?? 1 }
      guard labels.contains(where: { result[$0] > 0 }) else {
        throw TrainingError(.input, "with these class weights no picture counts")
      }
      return result
    }
  }
}
