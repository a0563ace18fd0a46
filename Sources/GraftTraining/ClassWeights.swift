/// Class weights from how many pictures each class has.
public enum ClassWeights {
  /// Weights that let all classes count the same: pictures / (classes x pictures of the class), which is `balanced` in
  /// scikit-learn's `compute_class_weight`. A class without pictures gets 0 and is not counted among the classes.
  ///
  /// - Parameters:
  ///   - labels: the class of each picture, from 0 on.
  ///   - classes: the number of classes.
  /// - Returns: one weight a class.
  /// - Throws: `TrainingError` with code `.input` if a label is none of the classes.
  public static func balanced(_ labels: [Int], classes: Int) throws -> [Double] {
    var counts = [Int](repeating: 0, count: classes)
    for label in labels {
      guard (0..<classes).contains(label) else {
        throw TrainingError(.input, "label \(label) is none of the \(classes) classes, which start at 0")
      }
      counts[label] += 1
    }
    let present = counts.count { $0 > 0 }
    return counts.map { $0 == 0 ? 0 : Double(labels.count) / (Double(present) * Double($0)) }
  }
}
