public import GraftGraph

extension Operation {
  /// The Keras layer that computes this, for example `Conv2D`.
  public var kerasName: String { KerasLayer(self).className }
}
