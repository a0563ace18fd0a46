internal import GraftGraph

extension Program {
  /// Lets a window slide over the picture inside a zero padding instead of the padded picture, and returns
  /// whether it does. Other layers may go on reading the padded picture.
  mutating func foldZeroPadding(into index: Int) -> Bool {
    guard var layer = layers[index], let input = layer.inputs.first, let padding = layers[input],
      case .zeroPadding(let insets) = padding.kind, layer.inputShapes[0] == padding.shape
    else { return false }
    switch layer.kind {
    case .convolution(let weights, let window, let groups):
      layer.kind = .convolution(weights, window.padded(by: insets), groups: groups)
    case .depthwise(let weights, let window):
      layer.kind = .depthwise(weights, window.padded(by: insets))
    case .pooling(let window, let takesMax, false) where !window.isPadded:
      // These zeros take part in the maximum and the mean, other than a pooling layer's own padding.
      layer.kind = .pooling(window.padded(by: insets), takesMax: takesMax, paddingCounts: true)
    default:
      return false
    }
    layer.inputs[0] = padding.inputs[0]
    layer.inputShapes[0] = padding.inputShapes[0]
    layers[index] = layer
    uses[input] -= 1
    uses[padding.inputs[0]] += 1
    if uses[input] == 0 {
      layers[input] = nil
      uses[padding.inputs[0]] -= 1
    }
    return true
  }
}

extension SlidingWindow {
  /// The window over the picture inside a zero padding.
  func padded(by insets: EdgeInsets) -> SlidingWindow {
    var window = self
    window.top += insets.top
    window.left += insets.left
    window.isPadded = true
    return window
  }
}
