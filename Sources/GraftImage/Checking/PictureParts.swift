public import GraftData

/// The parts of a data set as they are: `train`, `val`, `test`, or one part without a name. Nothing is held out, and parts
/// need not fit together.
public struct PictureParts: Sendable, Hashable {
  /// A part of a data set.
  public struct Part: Sendable, Hashable {
    /// The name of its folder, or what the table calls it; nil where the data set is not divided.
    public let name: String?
    /// Its pictures.
    public let folder: ImageFolder
    /// Whether it is the part to train on.
    public let isTraining: Bool
  }

  /// The parts, the one to train on first.
  public let parts: [Part]
  /// Parts without pictures, and why.
  public let skipped: [SkippedPicture]

  /// Reads a data set: a folder with `train` and others such as `val` and `test` in it, a folder with one sub-folder a
  /// class, a flat folder, or a table of pictures; see `DividedPictures`.
  ///
  /// - Throws: `ImageError` as `ImageFolder` does.
  public init(_ path: String) throws {
    guard case .folder = FileStatus(path).kind else {
      let table = try PictureTable(path)
      parts = try table.parts().map {
        Part(name: $0.name, folder: $0.folder, isTraining: $0.name.map(Self.isTraining) ?? true)
      }
      skipped = []
      return
    }
    var folders = try DividedPictures.partFolders(at: path)
    if folders.isEmpty { folders = try ImageFolder.splitFolders(at: path) }
    guard !folders.isEmpty else {
      parts = [Part(name: nil, folder: try ImageFolder(path), isTraining: true)]
      skipped = []
      return
    }
    var found: [Part] = []
    var empty: [SkippedPicture] = []
    for folder in folders {
      do {
        let pictures = try ImageFolder(folder.path)
        found.append(
          Part(name: folder.name, folder: pictures, isTraining: Self.isTraining(folder.name)))
      } catch let error as ImageError where error.code == .noPictures {
        empty.append(SkippedPicture(path: error.path, reason: error.reason))
      }
    }
    guard !found.isEmpty else {
      throw ImageError(
        .noPictures, path: path, reason: "no picture in \(folders.map(\.name).joined(separator: ", "))")
    }
    parts = found.filter(\.isTraining) + found.filter { !$0.isTraining }
    skipped = empty
  }

  /// The number of pictures.
  public var count: Int { parts.reduce(0) { $0 + $1.folder.items.count } }

  private static func isTraining(_ name: String) -> Bool {
    DividedPictures.trainingNames.contains(name.lowercased())
  }
}
