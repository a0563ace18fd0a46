internal import Foundation
internal import GraftData
internal import GraftTensor

/// How good outputs are, beside their loss.
extension Loss {
  /// What a picture adds to the figure of its epoch while training goes on: 1 where the class, or all labels, are right;
  /// of a box the intersection over union.
  func gain(_ outputs: Tensor, _ targets: TrainingTargets) throws -> Double {
    switch (form, targets) {
    case (.softmax, .classes(let labels)): return Double(Trainer.right(outputs, labels))
    case (_, let targets):
      let wanted = try targets.tensor(outputs: outputs.count / max(targets.count, 1))
      return Self.rows(outputs, wanted).reduce(0) { $0 + gain($1.0, $1.1) }
    }
  }

  private func gain(_ outputs: ArraySlice<Float>, _ wanted: ArraySlice<Float>) -> Double {
    switch form {
    case .softmax: return 0
    case .sigmoid: return zip(outputs, wanted).allSatisfy { ($0 >= 0) == ($1 >= 0.5) } ? 1 : 0
    case .squares, .smoothL1:
      return outputs.count == 4 ? Box(outputs).intersectionOverUnion(Box(wanted)) : 0
    }
  }

  private static func rows(
    _ outputs: Tensor, _ targets: Tensor
  ) -> [(ArraySlice<Float>, ArraySlice<Float>)] {
    let width = targets.shape.dimensions.last ?? 1
    return stride(from: 0, to: targets.count, by: max(width, 1)).map {
      (outputs.scalars[$0..<$0 + width], targets.scalars[$0..<$0 + width])
    }
  }

  /// The score of pictures that are all there.
  ///
  /// - Parameters:
  ///   - loss: their mean loss.
  ///   - outputs: pictures x outputs, before the last activation.
  func score(_ loss: Double, _ outputs: Tensor, _ targets: TrainingTargets) throws -> TrainingHistory.Score {
    let count = Double(max(targets.count, 1))
    switch (form, targets) {
    case (.sigmoid, .rows(let rows)):
      let width = rows.shape.dimensions.last ?? 1
      let evaluation = MultiLabelEvaluation(
        probabilities: outputs.scalars.map { Float(1 / (1 + exp(-Double($0)))) },
        truth: Self.rows(outputs, rows).map { $0.1.enumerated().filter { $0.element >= 0.5 }.map(\.offset) },
        labels: try Labels((0..<width).map { "\($0)" }),
        thresholds: [Float](repeating: 0.5, count: width))
      return TrainingHistory.Score(
        loss: loss, accuracy: evaluation.meanAveragePrecision,
        others: [
          "micro_f1": evaluation.microF1, "macro_f1": evaluation.macroF1,
          "exact_match": evaluation.exactMatch,
        ])
    case (.squares, .rows(let rows)), (.smoothL1, .rows(let rows)):
      guard rows.shape.dimensions.last == 4 else { break }
      let evaluation = BoxEvaluation(
        Self.rows(outputs, rows).map { BoxEvaluation.Row(path: "", truth: Box($0.1), found: Box($0.0)) })
      return TrainingHistory.Score(
        loss: loss, accuracy: evaluation.meanIoU, others: ["iou_above_half": evaluation.shareAboveHalf])
    default: break
    }
    return TrainingHistory.Score(loss: loss, accuracy: try gain(outputs, targets) / count)
  }
}
