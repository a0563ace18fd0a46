import ArgumentParser
import Graft

/// Which part of a data set is meant.
struct PartOptions: ParsableArguments {
  @Option(
    help: """
      Take this part of a data set as graft finetune reads it (a folder with train and val, one sub-folder per class, or \
      a table): train or val; of a table with the column split also test or all.
      """)
  var part: Part?

  @Option(
    parsing: .unconditional,
    help: "With --part: the share of each class that is held out where the pictures are not divided.")
  var validation = 0.2

  @Option(parsing: .unconditional, help: "With --part: fixes that division; graft finetune's --seed.")
  var splitSeed: UInt64 = 1

  /// The words of `--part`.
  enum Part: String, ExpressibleByArgument, CaseIterable {
    case train
    case val
    case test
    case all
  }

  func validate() throws {
    guard validation >= 0, validation < 1 else {
      throw ValidationError("--validation must be from 0 to below 1, not \(validation)")
    }
  }

  /// The pictures that paths and options name.
  func folder(_ paths: [String]) throws -> ImageFolder {
    guard part != nil else { return try ImageFolder(paths: paths) }
    guard paths.count == 1 else { throw ValidationError("--part goes with one data set, not \(paths.count)") }
    return try judged(paths[0], table: TableOptions()).folder
  }

  /// The pictures to judge a model by, and which part of a table they are; without `--part` those that a divided table
  /// has for that.
  func judged(_ path: String, table: TableOptions) throws -> (folder: ImageFolder, part: String?) {
    switch part {
    case nil: return try ImageFolder.judged(path, options: table)
    case .test?, .all?:
      let (folder, name) = try ImageFolder.judged(path, part: part?.rawValue, options: table)
      guard name != nil || part == .all else {
        throw ValidationError("--part test is for tables with the column split, and \(path) is none")
      }
      return (folder, name)
    case .train?, .val?:
      let pictures = try DividedPictures(path, holdingOut: validation, seed: splitSeed, table: table)
      Report.warn(pictures.warnings)
      if part == .train { return (pictures.training, nil) }
      guard let heldOut = pictures.validation else {
        throw ValidationError("--part val: nothing is held out of \(path)")
      }
      return (heldOut, nil)
    }
  }
}
