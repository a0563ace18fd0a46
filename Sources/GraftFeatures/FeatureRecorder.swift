/// Where an extraction leaves the features it computes, and sees which it need not compute.
public protocol FeatureRecorder: AnyObject {
  /// The layers that are kept, in their order.
  var layers: [FeatureLayer] { get }

  /// Whether the features of the picture with these bytes are there already.
  ///
  /// - Parameter digest: SHA-256 of the picture's bytes, 64 lower-case hexadecimal digits.
  func hasRow(digest: String) -> Bool

  /// Keeps the features of one picture. A picture that is there already is passed over.
  ///
  /// - Parameters:
  ///   - digest: SHA-256 of the picture's bytes, 64 lower-case hexadecimal digits.
  ///   - features: The output of each layer, in the order of `layers`.
  /// - Throws: `FeatureError` if they cannot be written; what was kept before is still there.
  func append(digest: String, features: [UnsafeBufferPointer<Float>]) throws
}

extension FeatureRecorder {
  /// Keeps the features of one picture. A picture that is there already is passed over.
  public func append(digest: String, features: [[Float]]) throws {
    func append(_ pointers: [UnsafeBufferPointer<Float>]) throws {
      guard pointers.count < features.count else {
        return try self.append(digest: digest, features: pointers)
      }
      try features[pointers.count].withUnsafeBufferPointer { try append(pointers + [$0]) }
    }
    try append([])
  }
}
