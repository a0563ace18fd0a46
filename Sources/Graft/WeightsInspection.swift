internal import GraftGraph
public import GraftKeras
internal import Foundation
public import GraftImage
internal import GraftModels
internal import GraftSupport
internal import GraftTensor

/// What a Keras file or a saved model holds, and what Graft makes of it.
public struct WeightsInspection: Sendable {
  /// The file.
  public let file: KerasFile
  /// The SHA-256 digest of the file, 64 hexadecimal digits.
  public let digest: String
  /// The published file of that name, if there is one.
  public let published: WeightRegistry.Entry?
  /// The network with its weights; nil if the file fits none.
  public let pretrained: PretrainedNetwork?
  /// What is done to pictures before the network sees them; nil where neither the file nor its architecture says it.
  public var preprocessing: Preprocessing? {
    pretrained.flatMap { $0.usualMode == nil ? nil : $0.preprocessing }
  }
  /// Why the file fits no network.
  public let problem: String?
  /// The last layer that the file has weights for, if it ends before the network does.
  public let lastLayer: String?

  /// Looks into a file.
  ///
  /// - Throws: `ImportError` for a file that is no Keras file at all.
  public init(_ path: String, architecture: Architecture? = nil) throws {
    file = try KerasFile(path: path)
    digest = try Digest.sha256(ofFile: path)
    published = try WeightRegistry.published.entry(file: (path as NSString).lastPathComponent)
    let loader = NetworkLoader(
      source: .file(path), architecture: architecture, inputSize: nil,
      preprocessing: PreprocessingChoice(mode: nil),
      part: .whole)
    let (part, last) = try loader.extent(of: file)
    lastLayer = last
    do {
      var loader = loader
      // Preprocessing is shown where it is known; where it is not, that is no reason to show nothing.
      loader.acceptsUnknownPreprocessing = true
      loader.part = part
      pretrained = try loader.load()
      problem = nil
    } catch {
      pretrained = nil
      problem = "\(error)"
    }
  }
}
