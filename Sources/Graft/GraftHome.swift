internal import Foundation

/// The folder in which Graft keeps what it fetched.
public enum GraftHome {
  /// `GRAFT_HOME`, or `graft` in `XDG_CACHE_HOME`, or `~/.cache/graft`.
  public static var path: String {
    let environment = ProcessInfo.processInfo.environment
    if let home = environment["GRAFT_HOME"], !home.isEmpty { return home }
    if let cache = environment["XDG_CACHE_HOME"], !cache.isEmpty { return cache + "/graft" }
    return NSHomeDirectory() + "/.cache/graft"
  }

  /// The folder of weight files.
  static var weights: String { path + "/weights" }
}
