internal import Foundation
internal import GraftSupport

/// The weight files that Keras publishes: where they are, what they hold, and how to tell that they are whole.
///
/// Read from `weights/registry.json`, which lists files of some architectures that Graft does not build, too.
public struct WeightRegistry: Hashable, Sendable {
  /// The files, sorted by name.
  public let entries: [Entry]

  private let indices: [String: Int]

  /// Reads a registry.
  ///
  /// - Throws: `ImportError` with code `.configuration` if it is not well formed, or a name, address or digest is
  ///   not as it must be.
  public init(json: [UInt8]) throws {
    let listing: Listing
    do {
      listing = try JSONDecoder().decode(Listing.self, from: Data(json))
    } catch {
      throw ImportError(
        .configuration, "cannot be read", file: Self.name, reason: "\(error)")
    }
    guard listing.version == 1 else {
      throw ImportError(
        .configuration, "is of another version", file: Self.name, expected: "1", found: "\(listing.version)",
        advice: "Use a newer program")
    }
    entries = listing.files.sorted { $0.name < $1.name }
    var indices: [String: Int] = [:]
    for (index, entry) in entries.enumerated() {
      try entry.check()
      guard indices.updateValue(index, forKey: Self.key(entry.name)) == nil else {
        throw ImportError(.configuration, "lists \(entry.name) twice", file: Self.name)
      }
    }
    // Short forms where they mean one file only, and no other file has them as its name.
    for (index, entry) in entries.enumerated() {
      for short in entry.shortNames where indices[Self.key(short)] == nil { indices[Self.key(short)] = index }
    }
    self.indices = indices
  }

  /// What errors call the registry.
  private static let name = "weight registry"

  private struct Listing: Decodable {
    let version: Int
    let files: [Entry]
  }
}

extension WeightRegistry {
  /// One published file.
  public struct Entry: Hashable, Sendable, Codable, Identifiable {
    /// The name in the registry, as `mobilenet_v2_1.0_224_notop`; how names are made stands in
    /// `weights/make_registry.py`.
    public let name: String
    /// The file's own name. Two files may share one.
    public let file: String
    /// Where it is published.
    public let url: String
    /// The digest that is published with it; nil where none is.
    public let digest: Digest?
    /// The architecture, by its name in the zoo, as `mobilenetv2_1.0`, whether the zoo has it or not.
    public let architecture: String
    /// The name of Keras's builder, as `MobileNetV2`.
    public let kerasName: String
    /// Whether the file has the classifier.
    public let hasTop: Bool
    /// The number of classes; nil without classifier.
    public let classes: Int?
    /// The side of the pictures that the network was trained on, in pixels.
    public let inputSize: Int
    /// What is done to values 0...255 before the network: `caffe`, `tf`, `torch`, or `none` where the network does
    /// it itself.
    public let preprocessing: String
    /// The number of values in the file's weights; nil where it is not known exactly.
    public let parameters: Int?
    /// The licence as an SPDX identifier; nil where none is stated.
    public let licence: String?
    /// What the network scores on ImageNet; nil where nobody published it, and without classifier.
    public let accuracy: Accuracy?

    /// The name.
    public var id: String { name }

    /// The least number of bytes that a whole file has, four for each parameter; nil where that is not known.
    public var minimumBytes: Int? { parameters.map { 4 * $0 } }
  }

  /// A digest of a file's bytes.
  public struct Digest: Hashable, Sendable, Codable {
    /// How it is made.
    public let algorithm: KerasFile.DigestAlgorithm
    /// The digest in lower-case hexadecimal.
    public let value: String
  }

  /// Accuracy on the 50,000 pictures that ImageNet keeps for validation, as published.
  public struct Accuracy: Hashable, Sendable, Codable {
    /// How often the first guess is right, in percent.
    public let top1: Double
    /// How often one of the first five guesses is right, in percent; nil where it is not published.
    public let top5: Double?
    /// The side of the pictures that it was measured with, in pixels.
    public let inputSize: Int
    /// Who published it.
    public let source: String
  }

  /// The file of a name, given as people write it.
  ///
  /// Case, hyphens, underscores and spaces do not matter; `_224` and `_1.0_224` may be left out.
  ///
  /// - Throws: `ImportError` with code `.unknownWeights`, listing the nearest names.
  public func entry(named name: String) throws -> Entry {
    if let index = indices[Self.key(name)] { return entries[index] }
    let wanted = Self.key(name)
    let nearest = entries.map { (entry: $0, distance: EditDistance.between(Self.key($0.name), wanted)) }
      .sorted { ($0.distance, $0.entry.name) < ($1.distance, $1.entry.name) }
      .prefix(5).map(\.entry.name)
    throw ImportError(
      .unknownWeights, "has no file \"\(name)\"", file: Self.name,
      advice: "Near it are \(nearest.joined(separator: ", "))")
  }

  /// The files of an architecture, with and without top and for all sizes; empty if there are none.
  public func entries(of architecture: String) -> [Entry] {
    entries.filter { $0.architecture == architecture }
  }

  /// The file that a digest identifies, or nil.
  public func entry(digest value: String, _ algorithm: KerasFile.DigestAlgorithm) -> Entry? {
    entries.first { $0.digest?.value == value.lowercased() && $0.digest?.algorithm == algorithm }
  }

  /// What is left of a name without case and separators; numbers without zeros at the end, so that 0.50 is 0.5.
  private static func key(_ name: String) -> String {
    name.lowercased().split { "_- ".contains($0) }.map { word in
      word.contains(".") ? Double(word).map { "\($0)" } ?? String(word) : String(word)
    }.joined()
  }
}

extension WeightRegistry.Entry {
  /// Names without the size that most are for, and without the full width.
  fileprivate var shortNames: [String] {
    let ending = hasTop ? "" : "_notop"
    return ["_1.0_224", "_224"].compactMap { usual in
      name.hasSuffix(usual + ending) ? name.dropLast((usual + ending).count) + ending : nil
    }
  }

  fileprivate func check() throws {
    let digits = ["md5": 32, "sha256": 64][digest?.algorithm.rawValue ?? ""]
    let isDigest = digest.map { $0.value.count == digits && $0.value.allSatisfy(\.isHexDigit) } ?? true
    let isName =
      !name.isEmpty && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_.-".contains($0)) }
    guard isName, isDigest, url.hasPrefix("https://"), (1..<1 << 40).contains(parameters ?? 1) else {
      throw ImportError(
        .configuration, "the entry \(name) is not as it must be", file: "weight registry",
        expected: "a plain name, an https address, a digest of the right length, a number of parameters")
    }
    guard !file.isEmpty, !file.contains("/"), file != ".", file != ".." else {
      throw ImportError(
        .configuration, "the entry \(name) has a file name that leads elsewhere", file: "weight registry",
        found: file)
    }
  }
}

extension ImportError.Code {
  /// The registry has no weight file of that name.
  public static let unknownWeights = ImportError.Code(rawValue: "unknownWeights")
}
