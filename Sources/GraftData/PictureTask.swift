/// What a model is asked about a picture.
public enum PictureTask: String, Sendable, Hashable, Codable, CaseIterable {
  /// Which one of several classes it shows: probabilities that add up to 1.
  case classes
  /// Which of several labels hold, any number of them: a probability for each.
  case labels
  /// Where its one object is: a box.
  case boxes
}
