/// The box of a picture's object with the picture's name, as `graft predict --json` prints them:
/// `{"path": ..., "box": {"b_x": ..., "b_y": ..., "b_w": ..., "b_h": ...}}`.
public struct PictureBox: Hashable, Sendable, Encodable {
  /// The picture's file.
  public let path: String
  /// Where its object is.
  public let box: Box

  /// Puts a picture and a box together.
  public init(path: String, box: Box) {
    self.path = path
    self.box = box
  }
}
