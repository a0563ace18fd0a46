import Foundation
import _GraftTestSupport

/// Example pictures for runs of the program.
enum Pictures {
  /// The example set, one folder per class.
  static let train = TestData.package.appending(path: "examples/pictures/train")
  /// Its held-out part.
  static let val = TestData.package.appending(path: "examples/pictures/val")

  /// Copies `perClass` pictures of the first `classes` classes into `folder`, one sub-folder per class.
  static func copy(_ source: URL = train, classes: Int = 3, perClass: Int = 4, to folder: URL) throws {
    let manager = FileManager.default
    for name in try manager.contentsOfDirectory(atPath: source.path).sorted().prefix(classes) {
      let target = folder.appending(path: name)
      try manager.createDirectory(at: target, withIntermediateDirectories: true)
      for file in try manager.contentsOfDirectory(atPath: source.appending(path: name).path).sorted()
        .prefix(perClass)
      {
        try manager.copyItem(
          at: source.appending(path: name).appending(path: file), to: target.appending(path: file))
      }
    }
  }
}

extension Program.Result {
  /// Standard output read as JSON.
  func json<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
    try JSONDecoder().decode(Value.self, from: Data(output.utf8))
  }
}
