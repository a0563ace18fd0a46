internal import Foundation
internal import GraftEngine
internal import GraftSupport
internal import GraftTensor

/// How fast a network computes by itself, on random pixels, against what the machine can do at most.
///
/// The limit, multiply-adds in registers on all threads, is measured in turns with the network, so that other
/// programs on the machine weigh on both. Both are medians by the clock.
package struct NetworkBenchmark: Sendable {
  /// What one step of the compiled network takes.
  package struct Layer: Sendable {
    /// The layer whose result the step gives.
    package let name: String
    /// The kind of step.
    package let kind: String
    /// Seconds of processor time a picture, of all threads together.
    package let seconds: Double
    /// Floating-point operations a picture; those of a convolution's plain sums, however it is computed.
    package let operations: Double

    init(_ step: PlanProfiler.Step) {
      (name, kind, seconds, operations) = (step.name, step.kind, step.seconds, step.operations)
    }
  }

  /// Floating-point operations a picture.
  package let operations: Double
  /// Seconds from the network's layers and weights to the compiled network.
  package let compilationSeconds: Double
  /// Seconds of the first run, which allocates its memory.
  package let firstRunSeconds: Double
  /// How many runs were timed.
  package private(set) var runs = 0
  /// Pictures a second: the median.
  package private(set) var imagesPerSecond = 0.0
  /// Seconds of processor time a picture, of all threads together: the median.
  package private(set) var processorSeconds = 0.0
  /// Floating-point operations a second that all threads together can do at most: the median.
  package private(set) var limit = 0.0
  /// Floating-point operations that one thread can do at most in a second of processor time: the median.
  package private(set) var limitOfThread = 0.0
  /// What the steps take, if that was asked for.
  package private(set) var layers: [Layer] = []

  /// The share of the limit that the network reaches. It may exceed 1: fast algorithms for convolutions do with
  /// fewer operations than are counted.
  package var fractionOfLimit: Double { imagesPerSecond * operations / max(limit, 1) }

  /// Times a network.
  ///
  /// - Parameters:
  ///   - batch: pictures computed together, at least 1.
  ///   - includesTop: whether the classifier is timed, too.
  ///   - seconds: how long to time, at least; never less than three runs.
  ///   - profiles: whether to say what each step takes.
  /// - Throws: `EngineError`; `GraphError` if there is no classifier to leave out.
  package init(
    _ pretrained: consuming PretrainedNetwork, batch: Int, includesTop: Bool, seconds: Double,
    profiles: Bool = false
  ) throws {
    precondition(batch > 0, "a batch of \(batch) pictures")
    let clock = ContinuousClock()
    var start = clock.now
    let graph = includesTop ? pretrained.network.graph : try pretrained.network.graph.withoutHead()
    let network = try Network(graph: graph, parameters: pretrained.network.parameters)
    // What is packed need not be there twice.
    _ = consume pretrained
    let plan = try InferencePlan(consume network)
    compilationSeconds = (clock.now - start) / .seconds(1)
    operations = plan.operations
    let input = Tensor(uniform: -1...1, shape: Shape([batch] + graph.inputShape.dimensions), seed: 1).scalars
    var outputs = plan.outputs.map { [Float](repeating: 0, count: batch * $0.shape.count) }
    start = clock.now
    try plan.run(input, count: batch, into: &outputs)
    firstRunSeconds = (clock.now - start) / .seconds(1)

    var times: [Double] = []
    var processorTimes: [Double] = []
    var limits = [MachineLimit()]
    var (running, measuring) = (0.0, 0.0)
    while running < seconds || times.count < 3 {
      start = clock.now
      let processor = Self.processorTime()
      try plan.run(input, count: batch, into: &outputs)
      times.append((clock.now - start) / .seconds(1))
      processorTimes.append(Self.processorTime() - processor)
      running += times[times.count - 1]
      // A tenth of the time goes to the limit.
      while measuring < running / 10 {
        start = clock.now
        limits.append(MachineLimit())
        measuring += (clock.now - start) / .seconds(1)
      }
    }
    runs = times.count
    imagesPerSecond = Double(batch) / Self.median(times)
    processorSeconds = Self.median(processorTimes) / Double(batch)
    limit = Self.median(limits.map(\.byClock))
    limitOfThread = Self.median(limits.map(\.ofThread))
    if profiles {
      let profiler = plan.profiler()
      for _ in 0..<min(max(runs / 2, 1), 50) {
        try plan.run(input, count: batch, into: &outputs, profiler: profiler)
      }
      layers = profiler.steps.map(Layer.init)
    }
  }

  static func processorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }
}

extension FeatureExtractor {
  /// The same extractor, which also adds up what the network's layers take.
  package func profiling() -> FeatureExtractor {
    var copy = self
    copy.profiler = plan.profiler()
    return copy
  }

  /// What the layers took, after `profiling()`, and what one thread can do at most in a second of processor time.
  package var profile: (layers: [NetworkBenchmark.Layer], limitOfThread: Double)? {
    profiler.map { ($0.steps.map(NetworkBenchmark.Layer.init), MachineLimit(seconds: 0.2).ofThread) }
  }
}
