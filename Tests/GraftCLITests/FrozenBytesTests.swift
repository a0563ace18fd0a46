import Foundation
import Graft
import Testing
import _GraftTestSupport

@Suite("What is frozen", .serialized)
struct FrozenBytesTests {
  /// Options, and which parameters of the trunk train with them.
  struct Choice: Sendable, CustomTestStringConvertible {
    let options: [String]
    let trains: @Sendable (_ layer: String, _ parameter: String) -> Bool

    var testDescription: String { options.joined(separator: " ") }
  }

  private static let last: Set<String> = ["conv_pw_13", "conv_pw_13_bn"]

  static let choices = [
    Choice(options: ["--freeze", "all"]) { _, _ in false },
    Choice(options: ["--freeze", "conv_dw_13_relu"]) { layer, _ in last.contains(layer) },
    Choice(options: ["--unfreeze-from", "conv_pw_13"]) { layer, _ in last.contains(layer) },
    Choice(options: ["--train", "conv_pw_13*"]) { layer, _ in last.contains(layer) },
    Choice(options: ["--train", "*/gamma"]) { _, parameter in parameter == "gamma" },
    Choice(options: ["--train", "conv_dw_5*", "--train", "conv_pw_12/kernel"]) { layer, _ in
      ["conv_dw_5", "conv_dw_5_bn", "conv_pw_12"].contains(layer)
    },
  ]

  @Test(
    "keeps every bit of every tensor, statistics included, whatever the optimizer does; all that trains moves",
    arguments: choices, [false, true])
  func bits(_ choice: Choice, updatesStatistics: Bool) throws {
    try TestData.withTemporaryFolder { folder in
      let test = try FineTuningFolder(folder)
      // Without pictures to judge by the last epoch is kept, whatever it is like.
      try FileManager.default.removeItem(at: folder.appending(path: "data/val"))
      let run = try test.finetune(
        "m.h5",
        choice.options + [
          "--batch-norm", updatesStatistics ? "update" : "frozen", "--learning-rate", "1e-2", "--schedule",
          "constant",
          "--weight-decay", "0.1", "--average", "0.5", "--validation", "0", "--head-init", "he",
        ])
      #expect(run.status == 0, "\(run.errors)")
      let before = try PretrainedNetwork(.embedded).network
      let after = try ImageClassifier(contentsOf: folder.appending(path: "m.h5").path).network.parameters
      let moving = Set(
        before.parameters.tensors.keys.filter {
          choice.trains($0.layer, $0.name) && !$0.name.hasPrefix("moving_")
        }
        .map(\.layer))
      var (frozen, trained) = (0, 0)
      for (key, tensor) in before.parameters.tensors {
        let isStatistic = key.name.hasPrefix("moving_")
        let expected =
          isStatistic
          ? updatesStatistics && moving.contains(key.layer) : choice.trains(key.layer, key.name)
        let now = try #require(after[key], "\(key)")
        let isSame = now.scalars.map(\.bitPattern) == tensor.scalars.map(\.bitPattern)
        #expect(isSame != expected, "\(key) \(isSame ? "did not move" : "moved")")
        frozen += expected ? 0 : 1
        trained += expected ? 1 : 0
      }
      #expect(frozen + trained == before.parameters.tensors.count && frozen > 50)
    }
  }
}
