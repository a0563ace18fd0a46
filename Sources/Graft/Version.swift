/// The version of the library and the program.
public enum GraftVersion {
  /// Major, minor and patch, as semantic versioning has them.
  public static let current = "0.1.0"
}
