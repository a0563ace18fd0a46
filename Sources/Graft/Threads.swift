internal import GraftSupport

/// How many threads the library computes with.
public enum Threads {
  /// The number of threads, at least 1; at first one for each core that this process may use. No result depends
  /// on it, not even in the last bit.
  public static var count: Int {
    get { ThreadPool.threads }
    set { ThreadPool.threads = max(1, newValue) }
  }
}
