package import GraftTensor

/// A window moved over a picture: where its positions are, and how much padding they reach into.
package struct Window: Hashable, Sendable {
  /// The number of taps.
  package var kernel: Extent
  /// The steps between positions.
  package var stride: Extent
  /// The steps between taps.
  package var dilation: Extent
  /// How positions meet the edge.
  package var padding: Padding

  /// A window.
  package init(_ kernel: Extent, stride: Extent, dilation: Extent, padding: Padding) {
    self.kernel = kernel
    self.stride = stride
    self.dilation = dilation
    self.padding = padding
  }

  /// The number of positions over a picture of shape height x width x channels.
  ///
  /// - Throws: `GraphError` with code `.shape` if there is none.
  package func extent(over shape: Shape) throws -> Extent {
    let height = try Self.positions(shape[0], kernel.height, stride.height, dilation.height, padding)
    let width = try Self.positions(shape[1], kernel.width, stride.width, dilation.width, padding)
    return Extent(height: height, width: width)
  }

  /// The padding that the positions over a picture of shape height x width x channels reach into.
  package func insets(over shape: Shape) -> EdgeInsets {
    let (top, bottom) = Self.insets(shape[0], kernel.height, stride.height, dilation.height, padding)
    let (left, right) = Self.insets(shape[1], kernel.width, stride.width, dilation.width, padding)
    return EdgeInsets(top: top, bottom: bottom, left: left, right: right)
  }

  private static func positions(
    _ length: Int, _ taps: Int, _ stride: Int, _ dilation: Int, _ padding: Padding
  ) throws -> Int {
    guard taps > 0, stride > 0, dilation > 0 else {
      throw GraphError(.shape, "kernel \(taps), stride \(stride) and dilation \(dilation) must be positive")
    }
    let reach = (taps - 1) * dilation + 1
    switch padding {
    case .valid:
      guard length >= reach else {
        throw GraphError(
          .shape, "a window of \(reach) does not fit into \(length) pixels; use larger pictures")
      }
      return (length - reach) / stride + 1
    case .same:
      guard length > 0 else { throw GraphError(.shape, "a picture without pixels") }
      return (length + stride - 1) / stride
    }
  }

  private static func insets(
    _ length: Int, _ taps: Int, _ stride: Int, _ dilation: Int, _ padding: Padding
  ) -> (before: Int, after: Int) {
    guard padding == .same else { return (0, 0) }
    let positions = (length + stride - 1) / stride
    let total = max((positions - 1) * stride + (taps - 1) * dilation + 1 - length, 0)
    return (total / 2, total - total / 2)
  }
}
