internal import Foundation

/// What was said of one picture, and how well.
struct PictureOutcome: Sendable {
  /// The picture's class.
  var label: Int
  /// The class it was given: the likeliest, of equals the one with the lower index.
  var predicted: Int
  /// How likely the given class was said to be.
  var probability: Float
  /// How likely the right class was said to be.
  var labelProbability: Float
  /// How many classes rank before the right one.
  var rank: Int
  /// -ln of the right class's probability.
  var loss: Double
  /// The sum over classes of the squared difference between probability and truth.
  var squaredError: Double

  var isRight: Bool { predicted == label }

  init(label: Int, values: ArraySlice<Float>) {
    let own = values[values.startIndex + label]
    var best = 0
    var bestValue = values[values.startIndex]
    var rank = 0
    var squares = 0.0
    for (index, value) in values.enumerated() {
      if Prediction.precedes(value, index, bestValue, best) { (best, bestValue) = (index, value) }
      if Prediction.precedes(value, index, own, label) { rank += 1 }
      let difference = Double(value) - (index == label ? 1 : 0)
      squares += difference * difference
    }
    self.label = label
    predicted = best
    probability = bestValue
    labelProbability = own
    self.rank = rank
    // scikit-learn limits probabilities by the precision of their type.
    loss = -log(Double(min(max(own, Float.ulpOfOne), 1 - Float.ulpOfOne)))
    squaredError = squares
  }
}
