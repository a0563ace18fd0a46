internal import Foundation

/// How a file of features is laid out, by the end of its name.
public enum FeatureFormat: String, Hashable, Sendable, CaseIterable {
  /// HDF5: all layers, paths, classes and where the features come from. The only one that `FeatureStore`
  /// reads and that an extraction continues once it is finished.
  case hdf5
  /// NumPy's array file, N x D or N x H x W x C, of one layer. Beside `x.npy` stand `x_paths.txt` and, with
  /// classes, `x_labels.npy` and `x_classes.txt`.
  case npy
  /// A table as text, of one layer: path, label, class, and the features f0, f1, … in C order.
  case csv

  /// The format that a file's name asks for: `.h5` and `.hdf5`, `.npy`, `.csv`, in any case.
  ///
  /// - Throws: `FeatureError` with code `invalidValue` for other names.
  public init(path: String) throws {
    switch URL(filePath: path).pathExtension.lowercased() {
    case "h5", "hdf5": self = .hdf5
    case "npy": self = .npy
    case "csv": self = .csv
    default:
      throw FeatureError(
        .invalidValue,
        "the name does not say in which format features are wanted; end it in .h5 (or .hdf5), .npy or .csv",
        file: path)
    }
  }
}

extension FeatureFormat {
  /// The files that are written beside `path` because its format has no room for them, and what they hold.
  public static func companions(of path: String, classes: Bool) -> [(path: String, content: String)] {
    guard let format = try? FeatureFormat(path: path), format == .npy else { return [] }
    let stem = String(path.dropLast(".npy".count))
    let paths = ("\(stem)_paths.txt", "the pictures of the rows, a line each")
    guard classes else { return [paths] }
    return [
      paths, ("\(stem)_labels.npy", "the class of each row, a number from 0"),
      ("\(stem)_classes.txt", "the names of the classes, a line each"),
    ]
  }
}
