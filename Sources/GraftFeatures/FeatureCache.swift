internal import Foundation
internal import GraftSupport

/// A folder that remembers features, so that those of a picture are computed once by the same network.
///
/// A file for each network, layer and preprocessing; in it a row for each picture, found by the picture's
/// bytes. It grows with every new picture and may be deleted at any time, in whole or file by file.
public struct FeatureCache: Sendable, Hashable {
  /// The folder; it is made when it is first needed.
  public let directory: String

  /// A cache in a folder.
  public init(directory: String) { self.directory = directory }

  /// Opens the part of the cache that is for features of one origin.
  ///
  /// - Throws: `FeatureError` with code `busy` while another process writes there, `cannotWrite`,
  ///   `cannotRead`.
  package func recorder(for origin: FeatureOrigin, layers: [FeatureLayer]) throws -> FeatureCacheRecorder {
    do {
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    } catch {
      throw FeatureError(.cannotWrite, "cannot be made: \(error)", file: directory, underlying: error)
    }
    let header = FeatureHeader(origin: origin, layers: layers, scalar: .float32)
    try header.check(path: directory)
    let name = "\(Self.readable(origin.architecture))-\(origin.key.prefix(24)).features"
    let path = URL(filePath: directory).appending(path: name).path
    return FeatureCacheRecorder(journal: try FeatureJournal(path: path, header: header))
  }

  /// What of a name is fit for a file's name.
  private static func readable(_ name: String) -> String {
    String(name.prefix(40).map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
  }
}

/// Features in a cache.
package final class FeatureCacheRecorder: FeatureSource {
  private let journal: FeatureJournal

  init(journal: FeatureJournal) { self.journal = journal }

  package var layers: [FeatureLayer] { journal.header.layers }

  package var place: String { journal.path }

  /// The number of pictures whose features are there.
  package var count: Int { journal.count }

  package func hasRow(digest: String) -> Bool { journal.row(of: PictureKey(digest: digest)) != nil }

  package func append(digest: String, features: [UnsafeBufferPointer<Float>]) throws {
    try journal.append(PictureKey(digest: digest), features: features)
  }

  package func read(
    layer: Int, of rows: ArraySlice<FeatureRow>, into buffer: UnsafeMutableBufferPointer<Float>
  ) throws {
    try gather(layer: layer, of: rows, from: [journal], into: buffer)
  }
}

extension FeatureOrigin {
  /// A digest of all that makes a difference.
  var key: String {
    let parts =
      [
        architecture, weightsDigest, "\(layers.count)",
      ] + layers + [pooling, preprocessing, preprocessingJSON, "\(inputSize)", augmentation, "\(seed)"]
    // With their lengths, so that no two lists of parts give one text.
    return Digest.sha256(of: Array(parts.map { "\($0.utf8.count):\($0)" }.joined().utf8))
  }
}
