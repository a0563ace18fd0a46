internal import Foundation
internal import GraftTensor

/// How the kernels of convolutions are stored, where Theano had a hand in the file.
///
/// TensorFlow's kernels are height x width x inputs x outputs and are slid over the picture as they are.
/// With Theano's axis order they are outputs x inputs x height x width, and a flattened picture is channels
/// first; Theano itself turns kernels by half a circle. Keras 2 undoes both when it loads a file
/// (`preprocess_weights_for_loading` in keras/engine/saving.py of 2.2).
struct KernelConvention: Hashable {
  /// Whether axes are in Theano's order.
  var isTransposed = false
  /// Whether kernels are turned by half a circle.
  var isTurned = false
  /// Whether the file does not say if kernels are turned.
  var isGuessed = false

  /// Whether a file may have Theano's axis order: Keras 2 and later store TensorFlow's in any case.
  static func mayBeTransposed(_ file: KerasFile) -> Bool {
    file.container != .weights && file.container != .archive
      && (file.generation == .keras1 || file.backend == "theano")
  }

  /// The convention of a file whose axes are, or are not, in Theano's order.
  init(of file: KerasFile, isTransposed: Bool) {
    self.isTransposed = isTransposed
    if let backend = file.backend {
      isTurned = backend.lowercased() == "theano"
      return
    }
    // Keras 1 did not record the backend. The published files say it in their names.
    let name = (file.path as NSString).lastPathComponent.lowercased()
    if name.contains("th_kernels") {
      isTurned = true
    } else if isTransposed && !name.contains("tf_kernels") {
      isTurned = true
      isGuessed = true
    }
  }

  /// outputs x inputs x height x width as height x width x inputs x outputs.
  static func transposed(_ shape: Shape) -> Shape? {
    shape.rank == 4 ? [shape[2], shape[3], shape[1], shape[0]] : nil
  }

  /// A convolution's kernel in TensorFlow's order and turn.
  func kernel(_ stored: Tensor, shape: Shape) -> Tensor {
    guard isTransposed || isTurned, shape.rank == 4 else { return stored.reshaped(to: shape) }
    let (height, width, inputs, outputs) = (shape[0], shape[1], shape[2], shape[3])
    var scalars = [Float](repeating: 0, count: shape.count)
    for y in 0..<height {
      for x in 0..<width {
        let (v, u) = isTurned ? (height - 1 - y, width - 1 - x) : (y, x)
        for i in 0..<inputs {
          for o in 0..<outputs {
            let source =
              isTransposed
              ? ((o * inputs + i) * height + v) * width + u : ((v * width + u) * inputs + i) * outputs + o
            scalars[((y * width + x) * inputs + i) * outputs + o] = stored.scalars[source]
          }
        }
      }
    }
    return Tensor(shape: shape, scalars: scalars)
  }

  /// A dense kernel after a flattened picture, with rows for height x width x channels.
  func denseKernel(_ stored: Tensor, flattened: Shape) -> Tensor {
    guard isTransposed, stored.shape.rank == 2, stored.shape[0] == flattened.count else { return stored }
    let (places, channels, units) = (flattened[0] * flattened[1], flattened[2], stored.shape[1])
    var scalars: [Float] = []
    scalars.reserveCapacity(stored.count)
    for place in 0..<places {
      for channel in 0..<channels {
        let row = (channel * places + place) * units
        scalars += stored.scalars[row..<row + units]
      }
    }
    return Tensor(shape: stored.shape, scalars: scalars)
  }
}
