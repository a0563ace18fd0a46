public import GraftFeatures
internal import Foundation

/// How the results of a network's frozen part are kept, so that they are computed once.
public struct ActivationCaching: Sendable, Hashable {
  /// Bytes that may be held in memory.
  public var memory: Int
  /// The folder that keeps them on disk for later epochs and runs; nil for none.
  public var directory: String?
  /// Bytes that the folder may hold; of more, the files that were not used for longest are removed.
  public var disk: Int
  /// The type of the numbers.
  public var precision: FeatureScalar
  /// How many differently changed views of each picture are kept where pictures are augmented: the epochs take them in
  /// turn. 0 computes a new view for every epoch.
  public var views: Int

  /// Describes a cache; by default up to a quarter of the machine's memory, and up to 8 GB on disk in `GraftHome`.
  public init(
    memory: Int = ActivationCaching.defaultMemory, directory: String? = ActivationCaching.defaultDirectory,
    disk: Int = 8_000_000_000, precision: FeatureScalar = .float32, views: Int = 0
  ) {
    self.memory = memory
    self.directory = directory
    self.disk = disk
    self.precision = precision
    self.views = views
  }

  /// A quarter of the machine's memory.
  public static let defaultMemory = Int(clamping: ProcessInfo.processInfo.physicalMemory / 4)
  /// The folder `activations` in `GraftHome`.
  public static var defaultDirectory: String { GraftHome.path + "/activations" }
}

/// Where kept activations lie, and what they take.
public struct ActivationStorage: Sendable, Hashable {
  /// Where they lie.
  public enum Place: Sendable, Hashable {
    /// In memory only.
    case memory
    /// In memory, and in a folder for later runs.
    case memoryAndDisk(String)
    /// In a folder only: memory has no room for them.
    case disk(String)
  }

  /// Where they lie.
  public var place: Place
  /// What they take, in bytes.
  public var bytes: Int
}

extension ActivationCaching {
  /// A recorder for activations of `count` pictures; nil where there is no room for them.
  func recorder(
    for origin: FeatureOrigin, layers: [FeatureLayer], count: Int
  ) throws -> (recorder: any FeatureSource, storage: ActivationStorage)? {
    let kept = precision == .float16 ? HalfRecorder.packed(layers) : layers
    let bytes = count * kept.reduce(0) { $0 + 4 * $1.shape.count }
    func halved(_ recorder: any FeatureSource) -> any FeatureSource {
      precision == .float16 ? HalfRecorder(layers, in: recorder) : recorder
    }
    if let directory, bytes <= disk, let file = try file(directory, origin, kept) {
      if bytes <= memory {
        return (
          halved(MemoryFirstRecorder(file)), ActivationStorage(place: .memoryAndDisk(directory), bytes: bytes)
        )
      }
      return (halved(file), ActivationStorage(place: .disk(directory), bytes: bytes))
    }
    guard bytes <= memory else { return nil }
    return (
      halved(MemoryRecorder(layers: kept)), ActivationStorage(place: .memory, bytes: bytes)
    )
  }

  /// The file for activations of an origin; nil while another process uses it.
  private func file(
    _ directory: String, _ origin: FeatureOrigin, _ layers: [FeatureLayer]
  ) throws -> (any FeatureSource)? {
    var origin = origin
    if precision == .float16 { origin.pooling += ", float16" }
    makeRoom(in: directory)
    do {
      return try FeatureCache(directory: directory).recorder(for: origin, layers: layers)
    } catch let error as FeatureError where error.code == .busy {
      return nil
    }
  }

  /// Removes the files that were not used for longest, as far as the folder holds more than it may.
  private func makeRoom(in directory: String) {
    let manager = FileManager.default
    guard let names = try? manager.contentsOfDirectory(atPath: directory) else { return }
    var files: [(path: String, bytes: Int, changed: Date)] = []
    for name in names where name.hasSuffix(".features") {
      let path = directory + "/" + name
      guard let facts = try? manager.attributesOfItem(atPath: path), let bytes = facts[.size] as? Int,
        let changed = facts[.modificationDate] as? Date
      else { continue }
      files.append((path, bytes, changed))
    }
    var total = files.reduce(0) { $0 + $1.bytes }
    for file in files.sorted(by: { $0.changed < $1.changed }) where total > disk {
      unlink(file.path)
      total -= file.bytes
    }
  }
}
