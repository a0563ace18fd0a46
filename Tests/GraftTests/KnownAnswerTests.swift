import Foundation
import Graft
import GraftSupport
import _GraftTestSupport
import Testing

@Suite("Keras's answers for the built-in picture")
struct KnownAnswerTests {
  private static let weights = TestData.package.appending(path: "weights/default.h5").path

  @Test("The network of a file agrees with Keras's answer, and not with one that differs in one number")
  func difference() throws {
    let digest = try Digest.sha256(ofFile: Self.weights)
    var answer = try #require(try KnownAnswer.ofFile(sha256: digest))
    let found = try answer.difference(of: Self.weights)
    #expect(found <= KnownAnswer.tolerance)
    answer.values[answer.values.count - 1] += 2 * KnownAnswer.tolerance * answer.largest
    let wrong = try answer.difference(of: Self.weights)
    #expect(wrong > KnownAnswer.tolerance && wrong < 4 * KnownAnswer.tolerance)
    answer.values.removeLast()
    #expect(try answer.difference(of: Self.weights) == .infinity)
  }

  @Test("Of a file that is not known there is no answer")
  func unknown() throws {
    #expect(try KnownAnswer.ofFile(sha256: String(repeating: "0", count: 64)) == nil)
  }
}
