import Foundation
import Graft
import Testing
import _GraftTestSupport

@Suite("Probing a network")
struct ProbeTests {
  @Test(
    "Layers are the ends of stages, and of blocks where there is room, the last one always",
    arguments: [
      ("mobilenet_0.25", 20, "conv_pw_13_relu"), ("mobilenetv2_1.0", 20, "out_relu"),
      ("resnet50", 18, "conv5_block3_out"), ("resnet152", 20, "conv5_block3_out"),
      ("vgg16", 18, "block5_pool"), ("densenet121", 20, "relu"), ("efficientnetb0", 19, "top_activation"),
    ])
  func points(_ name: String, _ count: Int, _ last: String) throws {
    let graph = try Architecture.named(name).graph(top: .none)
    let points = graph.probePoints()
    #expect(points.last?.layer == last)
    #expect(abs(points.count - count) <= 2, "\(points.map(\.layer))")
    #expect(points.count <= 20 && Set(points.map(\.layer)).count == points.count)
    for stage in graph.stages.dropFirst() where graph.stages.count <= 20 {
      let end = try #require(graph.nodes.last { $0.stage == stage })
      #expect(points.contains { $0.layer == end.name }, "the end of \(stage)")
    }
    #expect(graph.probePoints(limit: 3).count == 3)
    #expect(graph.probePoints(limit: 1).map(\.layer) == [last])
  }

  @Test("Every architecture has layers to probe", arguments: Architecture.all.map(\.name))
  func all(_ name: String) throws {
    let graph = try Architecture.named(name).graph(top: .none)
    let points = graph.probePoints()
    #expect((4...20).contains(points.count), "\(points.map(\.layer))")
    #expect(points.last?.layer == graph.output.name)
  }

  @Test("Inside the stages of ResNet50 the ends of its blocks are probed")
  func blocks() throws {
    let layers = try Architecture.named("resnet50").graph(top: .none).probePoints().map(\.layer)
    for name in ["conv5_block1_out", "conv5_block2_out", "conv4_block1_out", "conv4_block5_out"] {
      #expect(layers.contains(name), "\(layers)")
    }
    #expect(!layers.contains { $0.hasSuffix("_add") || $0.hasSuffix("_bn") || $0.hasSuffix("_pad") })
  }

  private func pictures(_ folder: URL, classes: Int = 3, perClass: Int = 8) throws -> DividedPictures {
    let manager = FileManager.default
    for (part, count) in [("train", perClass), ("val", 4)] {
      let source = TestData.package.appending(path: "examples/pictures/\(part)")
      for name in try manager.contentsOfDirectory(atPath: source.path).sorted().prefix(classes) {
        let target = folder.appending(path: "\(part)/\(name)")
        try manager.createDirectory(at: target, withIntermediateDirectories: true)
        for file in try manager.contentsOfDirectory(atPath: source.appending(path: name).path).sorted()
          .prefix(count)
        {
          try manager.copyItem(
            at: source.appending(path: "\(name)/\(file)"), to: target.appending(path: file))
        }
      }
    }
    return try DividedPictures(folder.path)
  }

  private func probe() -> Probe {
    var probe = Probe()
    probe.caching.directory = nil
    return probe
  }

  @Test("Held-out pictures of the data set change no choice, and the second run gives the same")
  func heldOut() throws {
    try TestData.withTemporaryFolder { folder in
      let data = try pictures(folder)
      let network = try PretrainedNetwork(.embedded)
      let probe = probe()
      let result = try probe.run(network, on: data)
      #expect(result.layers.count == 20 && result.classCounts == [8, 8, 8] && result.validationCount == 12)
      #expect(result.layers.allSatisfy { $0.score.interval.contains($0.score.accuracy) })
      #expect(result.layers.allSatisfy { $0.score.validationAccuracy != nil })
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      #expect(try encoder.encode(result) == encoder.encode(probe.run(network, on: data)))
      // Without them, and with their classes exchanged.
      let bare = try probe.run(network, on: DividedPictures(training: data.training, validation: nil))
      #expect(bare.recommendations == result.recommendations)
      #expect(bare.layers.map(\.score.accuracy) == result.layers.map(\.score.accuracy))
      #expect(bare.layers.allSatisfy { $0.score.validationAccuracy == nil })
    }
  }

  @Test("Fewer pictures of each class are among more, and the advice on fine-tuning goes by their number")
  func perClass() throws {
    try TestData.withTemporaryFolder { folder in
      let data = try pictures(folder)
      let (five, three) = (
        data.training.limited(perClass: 5, seed: 4), data.training.limited(perClass: 3, seed: 4)
      )
      #expect(five.items.count == 15 && three.items.count == 9)
      #expect(Set(three.items).isSubset(of: five.items))
      #expect(data.training.limited(perClass: 100, seed: 4) == data.training)
      var probe = probe()
      probe.perClass = 5
      let result = try probe.run(PretrainedNetwork(.embedded), on: data)
      #expect(result.classCounts == [5, 5, 5] && result.trainingCount == 24)
      let tuning = try #require(result.recommendations.last)
      #expect(tuning.kind == .fineTuning && tuning.learningRate == 1e-4)
      #expect(tuning.evidence[0].hasPrefix("5 pictures a class are few"))
      #expect(tuning.unfreezeFrom.map { ["block_12", "block_13"].contains($0) } == true)
    }
  }

  @Test("Features are kept for the next run, which decodes nothing")
  func cached() throws {
    try TestData.withTemporaryFolder { folder in
      let data = try pictures(folder.appending(path: "photos"))
      var probe = probe()
      probe.caching.directory = folder.appending(path: "cache").path
      let network = try PretrainedNetwork(.embedded)
      let first = try probe.run(network, on: data)
      let files = try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "cache").path)
      #expect(files.count == 1 && files[0].hasSuffix(".features"))
      let second = try probe.run(network, on: data)
      #expect(second.layers.map(\.score) == first.layers.map(\.score))
    }
  }

  @Test("Pictures that cannot be read are named, and too few are refused")
  func refusals() throws {
    try TestData.withTemporaryFolder { folder in
      _ = try pictures(folder, classes: 2, perClass: 4)
      try Data("x".utf8).write(to: folder.appending(path: "train/butterfly/broken.jpg"))
      let network = try PretrainedNetwork(.embedded)
      let result = try probe().run(network, on: DividedPictures(folder.path))
      #expect(result.skipped.map(\.path).map { $0.hasSuffix("broken.jpg") } == [true])
      var single = probe()
      single.perClass = 1
      #expect(throws: LinearError.self) { try single.run(network, on: DividedPictures(folder.path)) }
    }
  }
}

@Suite("Figures of a probe")
struct ProbeStatisticsTests {
  @Test("Wilson's interval has the values of the literature")
  func wilson() {
    // Newcombe, 1998, table I: 81 of 263, 15 of 148, 0 of 20.
    for (hits, count, low, high) in [
      (81.0, 263.0, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611),
    ] {
      let found = ProbeStatistics.wilson(hits / count, count)
      #expect(abs(found.lowerBound - low) < 1e-4 && abs(found.upperBound - high) < 1e-4, "\(found)")
    }
  }

  @Test("Standard errors are those of independent rows, and larger where rows go together")
  func standardError() {
    let values: [Double] = [1, 0, 1, 1, 0, 0, 1, 0]
    let truth = [Int](repeating: 0, count: 8)
    let alone = ProbeStatistics(truth: truth, keys: (0..<8).map { "\($0)" }, classes: 1)
    // The deviation with 7 degrees of freedom over the root of 8.
    #expect(abs(alone.standardError(values) - (2.0 / 7).squareRoot() / 8.0.squareRoot()) < 1e-12)
    let pairs: [Double] = [1, 1, 0, 0, 1, 1, 0, 0]
    let together = ProbeStatistics(truth: truth, keys: ["a", "a", "b", "b", "c", "c", "d", "d"], classes: 1)
    #expect(abs(together.standardError(pairs) - (1.0 / 3).squareRoot() / 2) < 1e-12)
    #expect(together.interval(pairs).upperBound > alone.interval(pairs).upperBound)
  }

  @Test("The ensemble weights what lowers the log loss, and is judged without the rows it was chosen by")
  func ensemble() {
    // Two layers that are sure of different halves, and one that knows nothing.
    let truth = [0, 1, 0, 1, 0, 1, 0, 1]
    func layer(_ right: (Int) -> Double) -> [Double] {
      truth.enumerated().flatMap { row, label in
        let share = right(row)
        return label == 0 ? [share, 1 - share] : [1 - share, share]
      }
    }
    let statistics = ProbeStatistics(truth: truth, keys: (0..<8).map { "\($0)" }, classes: 2)
    let selection = StageSelection(
      predictions: [
        layer { $0.isMultiple(of: 3) ? 0.05 : 0.5 }, layer { $0 < 4 ? 0.95 : 0.4 },
        layer { $0 < 4 ? 0.4 : 0.96 },
      ], folds: [0, 1, 0, 1, 0, 1, 0, 1], statistics: statistics)
    #expect(selection.single.members == [2] && selection.single.weights == [0, 0, 1])
    let ensemble = selection.ensemble
    #expect(ensemble.members == [1, 2] && ensemble.weights[0] == 0)
    #expect(statistics.hits(ensemble.heldOut).allSatisfy { $0 == 1 })
    #expect(ProbeStatistics.mean(statistics.hits(selection.single.heldOut)) == 0.5)
    // What the rows of a fold are has no part in how they are predicted.
    var changed = truth
    for row in stride(from: 0, to: 8, by: 2) { changed[row] = 1 - changed[row] }
    let other = StageSelection(
      predictions: [
        layer { $0.isMultiple(of: 3) ? 0.05 : 0.5 }, layer { $0 < 4 ? 0.95 : 0.4 },
        layer { $0 < 4 ? 0.4 : 0.96 },
      ], folds: [0, 1, 0, 1, 0, 1, 0, 1],
      statistics: ProbeStatistics(truth: changed, keys: (0..<8).map { "\($0)" }, classes: 2)
    ).ensemble
    for row in stride(from: 0, to: 8, by: 2) {
      #expect(other.heldOut[row * 2..<row * 2 + 2] == ensemble.heldOut[row * 2..<row * 2 + 2])
    }
    #expect(other.heldOut != ensemble.heldOut)
  }
}
