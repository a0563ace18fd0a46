internal import Foundation

/// The two functions of the C library that the generator needs, behind names that do not clash.
enum Logarithm {
  static func natural(_ x: Double) -> Double { log(x) }
  static func cosine(_ x: Double) -> Double { cos(x) }
}
