import ArgumentParser
import Graft

/// How the results of the frozen part are kept.
struct CachingOptions: ParsableArguments {
  @Option(
    help: """
      The folder that keeps the results of the frozen part for later runs, or `none` (default: activations in \
      ~/.cache/graft, or in $GRAFT_HOME).
      """,
    completion: .directory)
  var cache: String?

  @Option(
    help: "How much of them may be held in memory, such as 500M or 2G (default: a quarter of the machine's).")
  var cacheMemory: ByteCount?

  @Option(help: "How much the folder may hold; the files not used for longest make room.")
  var cacheDisk = ByteCount(bytes: 8_000_000_000)

  @Option(help: "The type of the numbers kept: float32 or float16.")
  var cachePrecision = FeatureScalar.float32

  @Option(
    parsing: .unconditional,
    help: "Changed views of each picture that are kept and taken in turn; 0 makes new ones for every epoch.")
  var cachedViews = 0

  func validate() throws {
    guard (0...1000).contains(cachedViews) else {
      throw ValidationError("--cached-views must be from 0 to 1000, not \(cachedViews)")
    }
  }

  /// The options as the library has them.
  var caching: ActivationCaching {
    ActivationCaching(
      memory: cacheMemory?.bytes ?? ActivationCaching.defaultMemory,
      directory: cache == "none" ? nil : cache ?? ActivationCaching.defaultDirectory, disk: cacheDisk.bytes,
      precision: cachePrecision, views: cachedViews)
  }
}

/// A number of bytes with or without k, M or G behind it.
struct ByteCount: ExpressibleByArgument {
  let bytes: Int

  init(bytes: Int) { self.bytes = bytes }

  init?(argument: String) {
    let units: [Character: Double] = ["k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12]
    var text = argument.lowercased()
    if text.hasSuffix("b") { text.removeLast() }
    var factor = 1.0
    if let last = text.last, let unit = units[last] {
      factor = unit
      text.removeLast()
    }
    guard let value = Double(text), value >= 0, value * factor < 1e18 else { return nil }
    bytes = Int(value * factor)
  }

  var defaultValueDescription: String { Format.bytes(bytes) }
}
