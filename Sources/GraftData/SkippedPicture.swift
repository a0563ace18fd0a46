/// A picture that was left out, and why.
public struct SkippedPicture: Hashable, Sendable, Codable {
  /// The picture's file.
  public let path: String
  /// Why it was left out, in words.
  public let reason: String

  /// A picture that was left out, and why.
  public init(path: String, reason: String) {
    self.path = path
    self.reason = reason
  }
}
