import Foundation
import GraftFeatures
import _GraftTestSupport

/// The files that NumPy and h5py wrote, and the formula of their values; see Golden/make_golden.py.
enum Golden {
  static func path(_ name: String) -> String {
    TestData.package.appending(path: "Tests/GraftFeaturesTests/Golden/\(name)").path
  }

  static func values(_ count: Int) -> [Float] {
    (0..<count).map { Float(($0 * 37) % 257 - 128) / 16 }
  }
}
