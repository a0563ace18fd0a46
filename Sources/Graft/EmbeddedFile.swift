internal import CGraftWeights

/// The files inside the binary.
enum EmbeddedFile {
  /// The architecture of the default network.
  static let defaultArchitecture = "mobilenet_0.25"
  /// The side of the pictures that the default network was trained on, in pixels; in the file as `input_size`.
  static let defaultInputSize = 128

  /// The small default network, a Keras weight file.
  static var defaultWeights: UnsafeRawBufferPointer { bytes(graft_embedded_default_weights()) }

  /// The classes of ImageNet, one line a class: synset, space, name.
  static var imageNetClasses: UnsafeRawBufferPointer { bytes(graft_embedded_imagenet_classes()) }

  /// The registry of published weight files, in JSON.
  static var registry: UnsafeRawBufferPointer { bytes(graft_embedded_registry()) }

  /// What Keras computes with some weight files, in JSON.
  static var answers: UnsafeRawBufferPointer { bytes(graft_embedded_answers()) }

  private static func bytes(_ file: graft_embedded_file) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: file.start, count: file.count)
  }
}
