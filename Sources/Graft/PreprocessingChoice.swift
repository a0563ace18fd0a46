public import GraftImage

/// What a user wants to be done to pictures otherwise than the weights say.
public struct PreprocessingChoice: Sendable, Hashable {
  /// The arithmetic on the values; nil for the weights' own.
  public var mode: Preprocessing.Mode?
  /// The way to the network's input size; nil for the weights' own.
  public var resize: ResizeMode?
  /// How exactly files are decoded; nil for the weights' own.
  public var decoding: Preprocessing.Decoding?

  /// Describes a choice; without arguments, everything stays as the weights say.
  public init(
    mode: Preprocessing.Mode? = nil, resize: ResizeMode? = nil, decoding: Preprocessing.Decoding? = nil
  ) {
    self.mode = mode
    self.resize = resize
    self.decoding = decoding
  }

  func applied(to recorded: Preprocessing) -> Preprocessing {
    var result = recorded
    if let mode { result.mode = mode }
    if let resize { result.resize = resize }
    if let decoding { result.decoding = decoding }
    return result
  }
}
