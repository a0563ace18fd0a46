import Foundation
import GraftData
import Testing

@Suite("Prediction")
struct PredictionTests {
  @Test("classes are ranked by probability, equals by index, what is not a number last")
  func ranking() throws {
    let labels = try Labels(["a", "b", "c", "d", "e"])
    let prediction = Prediction(probabilities: [0.2, .nan, 0.4, 0.2, 0.4], classes: labels)
    #expect(prediction.guesses.map(\.label) == ["c", "e", "a", "d", "b"])
    #expect(prediction.guesses.map(\.index) == [2, 4, 0, 3, 1])
    #expect(prediction.label == "c" && prediction.probability == 0.4)
  }

  @Test("the top are as many as asked for, and never more than there are", arguments: [-1, 0, 1, 2, 9])
  func top(count: Int) throws {
    let prediction = Prediction(probabilities: [0.1, 0.7, 0.2], classes: try Labels(["a", "b", "c"]))
    #expect(prediction.top(count).map(\.label) == Array(["b", "c", "a"].prefix(max(count, 0))))
  }

  @Test("JSON has path and predictions of class, index and probability")
  func json() throws {
    let prediction = Prediction(probabilities: [0.25, 0.625, 0.125], classes: try Labels(["a", "b", "c"]))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let data = try encoder.encode([
      PicturePrediction(path: "photos/x.jpg", prediction: prediction, top: 2)
    ])
    #expect(
      String(decoding: data, as: UTF8.self)
        == """
        [{"path":"photos/x.jpg","predictions":[{"class":"b","index":1,"probability":0.625},\
        {"class":"a","index":0,"probability":0.25}]}]
        """)
  }

  @Test("a probability that is not a number is null in JSON")
  func notANumber() throws {
    let prediction = Prediction(probabilities: [.nan, .nan], classes: try Labels(["a", "b"]))
    let data = try JSONEncoder().encode(prediction.top(1))
    #expect(String(decoding: data, as: UTF8.self).contains("\"probability\":null"))
  }
}
