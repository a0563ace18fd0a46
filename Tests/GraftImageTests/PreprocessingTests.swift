import Foundation
import GraftImage
import Testing
import _GraftTestSupport

@Suite("Preprocessing")
struct PreprocessingTests {
  @Test("the input is Keras' to the bit", arguments: Golden.all.inputs)
  func inputsAreKeras(_ golden: Golden.Input) throws {
    let preprocessing = Preprocessing(
      mode: try #require(.init(rawValue: golden.mode)), resize: try #require(.init(rawValue: golden.resize)))
    let input = preprocessing.input(from: noise(golden.from[0], golden.from[1]), size: golden.size)
    let expected = Golden.floats(at: golden.offset, count: golden.size * golden.size * 3)
    try #require(input.count == expected.count)
    let differing = zip(input, expected).filter { $0.0 != $0.1 }
    #expect(
      differing.isEmpty,
      "\(differing.count) of \(input.count) values differ, the first: \(String(describing: differing.first))")
  }

  @Test("the keras resize is tf.image.resize to the bit", arguments: Golden.all.keras)
  func resizeIsTensorFlows(_ golden: Golden.Resized) {
    let input = Preprocessing(mode: .none, resize: .keras)
      .input(from: noise(golden.from[0], golden.from[1]), size: golden.to[0])
    let expected = Golden.floats(at: golden.offset, count: golden.to[0] * golden.to[1] * 3)
    #expect(input == expected)
  }

  @Test("the shorter side is size times 256 / 224, to the nearest whole number")
  func shorterSide() {
    let preprocessing = Preprocessing(mode: .tf)
    for (size, side) in [
      (224, 256), (96, 110), (128, 146), (160, 183), (192, 219), (299, 342), (1, 1), (2, 2),
    ] {
      #expect(preprocessing.shorterSide(for: size) == side)
    }
    #expect(Preprocessing(mode: .tf, cropFraction: 1).shorterSide(for: 224) == 224)
  }

  @Test("any picture gives an input of any size", arguments: ResizeMode.allCases)
  func sizes(_ resize: ResizeMode) {
    for (width, height) in [(1, 1), (1, 9), (9, 1), (2, 3), (50, 40)] {
      for size in [1, 2, 7, 32] {
        let input = Preprocessing(mode: .torch, resize: resize).input(from: noise(width, height), size: size)
        #expect(input.count == size * size * 3 && input.allSatisfy(\.isFinite))
      }
    }
  }

  @Test("a preprocessing survives being written and read")
  func codable() throws {
    for mode in Preprocessing.Mode.allCases {
      for resize in ResizeMode.allCases {
        let preprocessing = Preprocessing(mode: mode, resize: resize, cropFraction: 0.8)
        let data = try JSONEncoder().encode(preprocessing)
        #expect(try JSONDecoder().decode(Preprocessing.self, from: data) == preprocessing)
      }
    }
    #expect(
      try JSONDecoder().decode(Preprocessing.self, from: Data(#"{"mode":"tf"}"#.utf8))
        == Preprocessing(mode: .tf))
    for wrong in [
      #"{"mode":"tf","cropFraction":0}"#, #"{"mode":"pytorch"}"#, #"{"mode":"tf","cropFraction":1.5}"#,
    ] {
      #expect(throws: DecodingError.self) {
        try JSONDecoder().decode(Preprocessing.self, from: Data(wrong.utf8))
      }
    }
  }

  @Test("summaries of different preprocessings differ")
  func summaries() {
    var seen: Set<String> = []
    for mode in Preprocessing.Mode.allCases {
      for resize in ResizeMode.allCases {
        let preprocessing = Preprocessing(mode: mode, resize: resize)
        #expect(seen.insert(preprocessing.summary).inserted)
        #expect(seen.insert(preprocessing.summary(size: 224)).inserted)
        #expect(!preprocessing.summary.contains("\n"))
      }
    }
    #expect(
      Preprocessing(mode: .tf).summary(size: 224)
        == "shorter side to 256 pixels, bilinear with antialias, centre crop of 224 x 224; RGB, x / 127.5 - 1 (tf)"
    )
  }
}
