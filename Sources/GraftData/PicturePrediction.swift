/// The likeliest classes of a picture with the picture's name, as `graft predict --json` prints them:
/// `{"path": ..., "predictions": [{"class": ..., "index": ..., "probability": ...}, ...]}`.
public struct PicturePrediction: Hashable, Sendable, Encodable {
  /// The picture's file.
  public let path: String
  /// Its likeliest classes, the likeliest first.
  public let predictions: [Prediction.Guess]

  /// Keeps the `top` likeliest classes of a picture, or all where there are fewer.
  public init(path: String, prediction: Prediction, top: Int) {
    self.path = path
    predictions = prediction.top(top)
  }

  /// Keeps the labels whose probability is at least their threshold; none may be left.
  ///
  /// - Precondition: there is a threshold for each of the model's labels.
  public init(path: String, prediction: Prediction, thresholds: [Float]) {
    self.path = path
    predictions = prediction.guesses.filter { $0.probability >= thresholds[$0.index] }
  }
}
