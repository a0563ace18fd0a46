import Foundation

/// Files that h5py wrote; see make_golden.py in their folder.
enum Golden {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")

  static func path(_ name: String) -> String { folder.appending(path: name).path }

  static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: folder.appending(path: name)))
  }

  /// The formula of `numbers` in make_golden.py.
  static func numbers(_ count: Int) -> [Float] { (0..<count).map { Float($0 * 7 % 64) / 4 - 8 } }
}
