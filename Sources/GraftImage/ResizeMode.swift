/// How a picture of any size becomes the square that a network takes.
public enum ResizeMode: String, Sendable, Hashable, Codable, CaseIterable {
  /// Keeps the aspect: the shorter side to size / crop fraction by an antialiased bilinear filter with the
  /// bytes of Pillow's, then the centre. What published accuracies are measured with; the default.
  case antialias
  /// Squeezes the whole picture into the square by plain bilinear interpolation without antialias, results
  /// kept as fractions: `tf.image.resize`, hence Keras' `image_dataset_from_directory`.
  case keras
  /// Squeezes the whole picture into the square by taking the nearest pixel: Keras' `load_img` with a
  /// `target_size`.
  case nearest
  /// Squeezes the whole picture into the square by an antialiased bilinear filter, with the bytes of Pillow's
  /// `resize`: nothing of the picture is lost, its aspect is. What boxes are found with.
  case squeeze
  /// Does not resize: the centre, with black around a picture that is smaller. For pictures that have the right
  /// size already.
  case crop
}
