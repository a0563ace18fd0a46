internal import GraftSupport

/// How many threads the library computes with.
public enum Threads {
  /// The most threads that the library computes with.
  public static let maximum = ThreadPool.maximum

  /// The number of threads, from 1 to `maximum`; at first one for each core that this process may use. No result depends
  /// on it, not even in the last bit.
  public static var count: Int {
    get { ThreadPool.threads }
    set { ThreadPool.threads = newValue }
  }
}
