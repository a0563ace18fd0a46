extension Tensor: CustomStringConvertible {
  /// The shape, the range and the first few elements.
  public var description: String {
    guard let low = scalars.min(), let high = scalars.max() else { return "Tensor \(shape)" }
    let head = scalars.prefix(4).map { "\($0)" }.joined(separator: ", ")
    return "Tensor \(shape) in \(low)...\(high): \(head)\(count > 4 ? ", …" : "")"
  }
}
