/// A row that a store is to have: a picture under a path, with its class where it has one.
public struct FeatureRow: Sendable, Hashable {
  /// The picture's path, as it is to be shown and stored.
  public var path: String
  /// SHA-256 of the picture's bytes, 64 lower-case hexadecimal digits. Rows may have it in common.
  public var digest: String
  /// Its class, an index into the names of the classes; nil where pictures have no classes.
  public var label: Int?

  /// Describes a row.
  public init(path: String, digest: String, label: Int? = nil) {
    self.path = path
    self.digest = digest
    self.label = label
  }
}
