// swift-tools-version: 6.1
import Foundation
import PackageDescription

// The manifest is the architecture diagram: targets lowest level first, and a target imports from
// lower levels only. A new arrow here is a design change.

/// What a target is to someone who depends on the package.
enum Kind {
  /// A module that users may import.
  case exported
  /// A module that only Graft itself uses.
  case hidden
  /// C code: kernels, shims, embedded data. Imported by exactly one Swift target.
  case c
  /// A system library found by pkg-config.
  case system(pkgConfig: String, apt: String, brew: String)
  /// The command-line program.
  case program
  /// Helpers for tests.
  case testSupport
  /// C code that only tests use.
  case testC
  /// A program that belongs to no product, in the folder of what it serves: a comparison, making the weights.
  case tool(path: String)
  /// Tests of one target.
  case test
}

struct Piece {
  var kind: Kind
  var name: String
  var dependencies: [Target.Dependency] = []
  /// What lies in the target's folder and is no source: files that C embeds.
  var embedded: [String] = []
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")

let pieces: [Piece] = [
  // 0: system libraries, C, support
  Piece(kind: .system(pkgConfig: "hdf5", apt: "libhdf5-dev", brew: "hdf5"), name: "CHDF5"),
  Piece(kind: .system(pkgConfig: "openblas", apt: "libopenblas-dev", brew: "openblas"), name: "COpenBLAS"),
  Piece(kind: .system(pkgConfig: "libjpeg", apt: "libjpeg-dev", brew: "jpeg-turbo"), name: "CLibJPEG"),
  Piece(kind: .system(pkgConfig: "libpng", apt: "libpng-dev", brew: "libpng"), name: "CLibPNG"),
  Piece(kind: .system(pkgConfig: "zlib", apt: "zlib1g-dev", brew: "zlib"), name: "CZlib"),
  Piece(kind: .c, name: "CGraftImage", dependencies: ["CLibJPEG", "CLibPNG"]),
  Piece(kind: .c, name: "CGraftKernels"),
  Piece(kind: .c, name: "CGraftWeights"),
  Piece(kind: .c, name: "CGraftReport", embedded: ["page"]),
  Piece(kind: .hidden, name: "GraftSupport", dependencies: [crypto]),

  // 1
  Piece(kind: .exported, name: "GraftTensor", dependencies: ["GraftSupport", "COpenBLAS"]),
  Piece(kind: .exported, name: "GraftData", dependencies: ["GraftSupport"]),
  Piece(kind: .exported, name: "GraftHDF5", dependencies: ["CHDF5"]),
  Piece(kind: .exported, name: "GraftReport", dependencies: ["GraftSupport", "CGraftReport", mustache]),
  Piece(kind: .hidden, name: "GraftArchive", dependencies: ["CZlib"]),

  // 2
  Piece(kind: .exported, name: "GraftGraph", dependencies: ["GraftTensor", "GraftSupport"]),
  Piece(
    kind: .exported, name: "GraftImage",
    dependencies: ["GraftTensor", "GraftData", "GraftSupport", "CGraftImage"]),
  Piece(
    kind: .exported, name: "GraftFeatures",
    dependencies: ["GraftTensor", "GraftData", "GraftHDF5", "GraftSupport"]),

  // 3
  Piece(
    kind: .exported, name: "GraftEngine",
    dependencies: ["GraftGraph", "GraftTensor", "GraftSupport", "CGraftKernels"]),
  Piece(kind: .exported, name: "GraftModels", dependencies: ["GraftGraph", "GraftTensor", "GraftImage"]),
  Piece(
    kind: .exported, name: "GraftKeras",
    dependencies: ["GraftGraph", "GraftTensor", "GraftHDF5", "GraftArchive", "GraftSupport"]),
  Piece(
    kind: .exported, name: "GraftLinear",
    dependencies: ["GraftFeatures", "GraftTensor", "GraftData", "GraftSupport"]),

  // 4
  Piece(
    kind: .exported, name: "GraftTraining",
    dependencies: [
      "GraftEngine", "GraftGraph", "GraftImage", "GraftData", "GraftTensor", "GraftHDF5", "GraftSupport",
    ]),

  // 5
  Piece(
    kind: .exported, name: "Graft",
    dependencies: [
      "GraftSupport", "GraftTensor", "GraftData", "GraftHDF5", "GraftGraph", "GraftImage", "GraftFeatures",
      "GraftEngine", "GraftModels", "GraftKeras", "GraftLinear", "GraftTraining", "GraftReport",
      "CGraftWeights",
    ]),

  // 6
  Piece(kind: .program, name: "GraftCLI", dependencies: ["Graft", argumentParser]),
  Piece(
    kind: .tool(path: "Tests/Parity/TrainingSteps"), name: "graft-training-steps",
    dependencies: ["Graft", "GraftTraining"]),
  Piece(kind: .tool(path: "weights/Pretraining"), name: "graft-pretraining", dependencies: ["Graft"]),

  // Tests
  Piece(
    kind: .testSupport, name: "_GraftTestSupport",
    dependencies: ["GraftTensor", "GraftGraph", "GraftSupport"]),
  Piece(kind: .testC, name: "_GraftTestAllocations"),
  Piece(kind: .test, name: "GraftSupportTests", dependencies: ["GraftSupport", "_GraftTestSupport"]),
  Piece(kind: .test, name: "GraftTensorTests", dependencies: ["GraftTensor", "_GraftTestSupport"]),
  Piece(kind: .test, name: "GraftHDF5Tests", dependencies: ["GraftHDF5"]),
  Piece(kind: .test, name: "GraftReportTests", dependencies: ["GraftReport", "_GraftTestSupport"]),
  Piece(kind: .test, name: "GraftGraphTests", dependencies: ["GraftGraph", "_GraftTestSupport"]),
  Piece(kind: .test, name: "GraftDataTests", dependencies: ["GraftData"]),
  Piece(
    kind: .test, name: "GraftImageTests",
    dependencies: ["GraftImage", "GraftData", "GraftSupport", "_GraftTestSupport"]),
  Piece(
    kind: .test, name: "GraftFeaturesTests",
    dependencies: ["GraftFeatures", "GraftHDF5", "GraftData", "_GraftTestSupport"]),
  Piece(
    kind: .test, name: "GraftEngineTests",
    dependencies: [
      "GraftEngine", "GraftModels", "GraftGraph", "GraftTensor", "GraftSupport", "_GraftTestSupport",
      "_GraftTestAllocations",
    ]),
  Piece(
    kind: .test, name: "GraftModelsTests", dependencies: ["GraftModels", "GraftGraph", "_GraftTestSupport"]),
  Piece(
    kind: .test, name: "GraftKerasTests",
    dependencies: [
      "GraftKeras", "GraftModels", "GraftEngine", "GraftHDF5", "GraftArchive", "GraftGraph", "GraftTensor",
      "GraftSupport", "_GraftTestSupport",
    ]),
  Piece(
    kind: .test, name: "GraftLinearTests",
    dependencies: [
      "GraftLinear", "GraftFeatures", "GraftTensor", "GraftData", "GraftSupport", "_GraftTestSupport",
    ]),
  Piece(
    kind: .test, name: "GraftTrainingTests",
    dependencies: [
      "GraftTraining", "GraftEngine", "GraftGraph", "GraftTensor", "GraftSupport", "_GraftTestSupport",
    ]),
  Piece(kind: .test, name: "GraftTests", dependencies: ["Graft", "GraftSupport", "_GraftTestSupport"]),
  Piece(
    kind: .test, name: "GraftCLITests",
    dependencies: ["Graft", "GraftCLI", "GraftSupport", "_GraftTestSupport"]),
]

let swiftSettings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// The folder of a test target whose files tests read by path, if it has one.
func golden(_ target: String) -> [String] {
  let folder = "\(Context.packageDirectory)/Tests/\(target)/Golden"
  return FileManager.default.fileExists(atPath: folder) ? ["Golden"] : []
}

/// The test targets to compile where not all are wanted: names with commas between them (`make test TESTS=…`).
let wantedTests = Context.environment["GRAFT_TESTS"].map { $0.split(separator: ",").map(String.init) }

let wantedPieces = pieces.filter { piece in
  if case .test = piece.kind { wantedTests?.contains(piece.name) ?? true } else { true }
}

/// A piece's dependencies and the Swift modules below those. (What a piece may import is what the table says, not this.)
///
/// When the layout of a module's types changes, modules that are compiled against it may stay the same to the byte. Then
/// those above are only compiled again if they name it too; else they go on with the old layout.
func dependencies(of piece: Piece) -> [Target.Dependency] {
  func modules(_ piece: Piece) -> [String] {
    piece.dependencies.compactMap {
      guard case .byNameItem(let name, _) = $0 else { return nil }
      return name
    }
  }
  let direct = Set(modules(piece))
  var (rest, below) = (Array(direct), Set<String>())
  while let name = rest.popLast() {
    for piece in pieces where piece.name == name {
      switch piece.kind {
      case .system, .c, .testC: continue
      default: break
      }
      if below.insert(name).inserted { rest += modules(piece) }
    }
  }
  return piece.dependencies
    + below.subtracting(direct).sorted().map { .byNameItem(name: $0, condition: nil) }
}

let targets: [Target] = wantedPieces.map { piece in
  switch piece.kind {
  case .system(let pkgConfig, let apt, let brew):
    .systemLibrary(name: piece.name, pkgConfig: pkgConfig, providers: [.apt([apt]), .brew([brew])])
  case .c:
    .target(name: piece.name, dependencies: dependencies(of: piece), exclude: piece.embedded)
  case .exported, .hidden:
    .target(name: piece.name, dependencies: dependencies(of: piece), swiftSettings: swiftSettings)
  case .testSupport:
    .target(
      name: piece.name, dependencies: dependencies(of: piece), path: "Tests/\(piece.name)",
      swiftSettings: swiftSettings)
  case .testC:
    .target(name: piece.name, dependencies: dependencies(of: piece), path: "Tests/\(piece.name)")
  case .tool(let path):
    .executableTarget(
      name: piece.name, dependencies: dependencies(of: piece), path: path, swiftSettings: swiftSettings)
  case .program:
    .executableTarget(name: piece.name, dependencies: dependencies(of: piece), swiftSettings: swiftSettings)
  case .test:
    .testTarget(
      name: piece.name, dependencies: dependencies(of: piece), exclude: golden(piece.name),
      swiftSettings: swiftSettings)
  }
}

let package = Package(
  name: "graft",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Graft", targets: ["Graft"]),
    .executable(name: "graft", targets: ["GraftCLI"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-crypto", "3.12.0"..<"5.0.0"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
  ],
  targets: targets,
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu2x
)
