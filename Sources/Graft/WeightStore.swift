public import GraftKeras
internal import Foundation
internal import GraftSupport

/// The published weight files on this machine, and the way to get more.
///
/// Files lie in the folder `weights` of `GraftHome.path`, under the names that Keras publishes them with. Where no
/// digest is published, the SHA-256 of the first download is kept beside the file, so that later damage shows.
public struct WeightStore: Sendable {
  /// The folder of the files.
  public let folder: String

  /// Uses a folder; by default the one in `GraftHome.path`.
  public init(folder: String? = nil) { self.folder = folder ?? GraftHome.weights }

  /// Where the file of an entry lies or would lie.
  public func location(of entry: WeightRegistry.Entry) -> String { folder + "/" + entry.file }

  /// Whether the file of an entry is here.
  public func contains(_ entry: WeightRegistry.Entry) -> Bool {
    FileManager.default.fileExists(atPath: location(of: entry))
  }

  /// The path of the file with a registry name.
  ///
  /// - Throws: `WeightError` with code `.unknown` if there is no such name, or the file is not here.
  public func path(of name: String) throws -> String {
    let entry = try Self.entry(named: name)
    guard contains(entry) else {
      throw WeightError(
        .unknown,
        "\(entry.name): \(entry.file) is not on this machine (expected in \(folder)); get it with: "
          + "graft weights fetch \(entry.name)")
    }
    return location(of: entry)
  }

  /// The registry entry of a name.
  ///
  /// - Throws: `ImportError` with code `.unknownWeights`, naming the nearest.
  public static func entry(named name: String) throws -> WeightRegistry.Entry {
    try WeightRegistry.published.entry(named: name)
  }

  /// Fetches a published file, unless it is here already.
  ///
  /// A transfer that breaks off is taken up again where it stopped, also by a later call. The file gets its
  /// name only when its digest, or where none is published its number of weights, is right.
  ///
  /// - Parameter progress: called with the bytes received and expected (nil while unknown); stops the transfer by
  ///   throwing.
  /// - Returns: the file's path.
  /// - Throws: `WeightError`, `FileError`, and what `progress` throws.
  public func fetch(
    _ name: String,
    progress: @escaping @Sendable (_ received: Int, _ expected: Int?) throws -> Void = { _, _ in }
  ) throws -> String {
    let entry = try Self.entry(named: name)
    let path = location(of: entry)
    if contains(entry) { return path }
    guard let url = URL(string: Mirror.address(of: entry.url)) else {
      throw WeightError(.download, "\(entry.url) is no address")
    }
    try Download(url: url, destination: path, digest: entry.digest) { partial in
      try Self.checkContent(of: partial, against: entry)
    }.run(progress: progress)
    if entry.digest == nil {
      try AtomicFile.write("\(try Digest.sha256(ofFile: path))\n", to: path + ".sha256")
    }
    return path
  }

  /// Checks a file against what is published under its name, or was kept at its download, and all values of it
  /// against what no trained network has; where Keras's answer for a picture is known, also what the network says.
  ///
  /// - Throws: `WeightError` with code `.digest` for a file that differs, `.unsuitable` for one that was never trained, or
  ///   whose network answers otherwise than Keras's;
  ///   `ImportError` for a file that is no Keras file, or holds values that are not finite or negative variances;
  ///   `FileError` for one that cannot be read.
  public func verify(_ path: String) throws -> WeightVerification {
    let name = (path as NSString).lastPathComponent
    let sha256 = try Digest.sha256(ofFile: path)
    let entry = try WeightRegistry.published.entry(file: name)
    let basis = try entry.map { try compare(path, sha256: sha256, with: $0) } ?? .statistics
    let statistics = try WeightStatistics(KerasFile(path: path))
    if !statistics.doubts.isEmpty {
      throw WeightError(.unsuitable, "\(path): " + statistics.doubts.joined(separator: "; "))
    }
    let answer = try KnownAnswer.ofFile(sha256: sha256)
    let difference = try answer?.difference(of: path)
    if let difference, !(difference <= KnownAnswer.tolerance) {
      throw WeightError(
        .unsuitable,
        "\(path): for a picture that is built in, the network differs from Keras's with the same file by "
          + "\(difference) of its largest value, at most \(KnownAnswer.tolerance) is expected; this program computes "
          + "wrongly on this machine: please report it")
    }
    return WeightVerification(
      entry: entry, sha256: sha256, basis: basis, statistics: statistics, differenceFromKeras: difference)
  }

  /// Compares a file with the published one of its name.
  private func compare(
    _ path: String, sha256: String, with entry: WeightRegistry.Entry
  ) throws -> WeightVerification.Basis {
    if let published = entry.digest {
      let found = published.algorithm == .sha256 ? sha256 : try published.algorithm.digest(ofFile: path)
      guard found == published.value else {
        throw WeightError(
          .digest,
          "\(path): its \(published.algorithm.rawValue) is \(found), \(published.value) is published; the file is "
            + "damaged or was changed: delete it and run: graft weights fetch \(entry.name)")
      }
      return .published(published.algorithm.rawValue)
    }
    if let kept = try? String(contentsOfFile: path + ".sha256", encoding: .utf8) {
      let value = kept.prefix { $0.isHexDigit }
      guard value == sha256 else {
        throw WeightError(
          .digest,
          "\(path): its SHA-256 is \(sha256), at its download it was \(value); the file was changed: delete it "
            + "and run: graft weights fetch \(entry.name)")
      }
      return .download
    }
    try Self.checkContent(of: path, against: entry)
    return .content
  }

  /// Checks that a file holds as many weights as the published one.
  private static func checkContent(of path: String, against entry: WeightRegistry.Entry) throws {
    let file = try KerasFile(path: path)
    if let expected = entry.parameters, file.parameterCount != expected {
      throw WeightError(
        .digest,
        "\(entry.file): holds \(file.parameterCount) weights, \(expected) are published for \(entry.name)")
    }
  }
}

/// What a check of a weight file rests on.
public struct WeightVerification: Sendable {
  /// What the file was compared with.
  public enum Basis: Sendable, Hashable {
    /// A digest that Keras publishes, by its algorithm's name.
    case published(String)
    /// The digest that the file had at its download; none is published.
    case download
    /// The number of weights; no digest is published or was kept.
    case content
    /// Nothing but its own values; no file of this name is published.
    case statistics
  }

  /// The published file of that name; nil if there is none.
  public let entry: WeightRegistry.Entry?
  /// The SHA-256 digest of the file, 64 hexadecimal digits.
  public let sha256: String
  /// What the file was compared with.
  public let basis: Basis
  /// What its values say.
  public let statistics: WeightStatistics
  /// How far the network is from Keras's with the same file for a picture that is built in, as a share of the largest
  /// value; nil where Keras's answer is not known.
  public let differenceFromKeras: Double?
}

/// Where to fetch from instead of Keras's own server.
private enum Mirror {
  static let keras = "https://storage.googleapis.com/tensorflow"

  /// The address of a file, on the server that `GRAFT_MIRROR` names if it is set.
  static func address(of url: String) -> String {
    guard let mirror = ProcessInfo.processInfo.environment["GRAFT_MIRROR"], !mirror.isEmpty,
      let address = URL(string: url)
    else { return url }
    let base = mirror.hasSuffix("/") ? String(mirror.dropLast()) : mirror
    return base + (url.hasPrefix(keras) ? String(url.dropFirst(keras.count)) : address.path)
  }
}

extension WeightRegistry {
  /// The registry inside the program, made from what Keras publishes.
  ///
  /// - Throws: `ImportError` if the program was built with a damaged one.
  public static var published: WeightRegistry {
    get throws { try loaded.get() }
  }

  private static let loaded = Result { try WeightRegistry(json: Array(EmbeddedFile.registry)) }
}

extension WeightRegistry {
  /// The entry whose file has this name; a file name that several entries share stands for none.
  func entry(file: String) -> Entry? {
    let found = entries.filter { $0.file == file }
    return found.count == 1 ? found[0] : nil
  }
}

extension KerasFile.DigestAlgorithm {
  /// The digest of a file, in lower-case hexadecimal.
  func digest(ofFile path: String) throws -> String {
    switch self {
    case .md5: try Digest.md5(ofFile: path)
    case .sha256: try Digest.sha256(ofFile: path)
    }
  }
}
