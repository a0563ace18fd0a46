import ArgumentParser
import Graft

/// How often each picture is looked at.
struct OpinionOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: "Average over parts of each picture: 1 the centre, 5 with the corners, 10 mirrored as well.")
  var crops = 1

  @Option(
    help: ArgumentHelp(
      "Average over these input sizes in pixels, for example 224,288,384.", valueName: "size,size,…"))
  var scales: String?

  func validate() throws {
    guard CropSet(rawValue: crops) != nil else {
      throw ValidationError("--crops is 1, 5 or 10, not \(crops)")
    }
    _ = try sizes()
  }

  /// The parts of a picture.
  var cropSet: CropSet { CropSet(rawValue: crops) ?? .center }

  /// The sizes, in the order given; empty for the model's own.
  func sizes() throws -> [Int] {
    guard let scales else { return [] }
    return try scales.split(separator: ",", omittingEmptySubsequences: false).map { text in
      guard let size = Int(text.filter { $0 != " " }), (1...8192).contains(size) else {
        throw ValidationError(
          "--scales takes sizes from 1 to 8192 pixels, separated by commas; “\(text)” is none")
      }
      return size
    }
  }
}
