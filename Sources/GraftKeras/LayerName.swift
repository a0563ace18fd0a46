/// What can be told from the name of a layer.
enum LayerName {
  /// A name without what generations of Keras spell differently: case, separators, and `BatchNorm` for `BN`.
  ///
  /// `expanded_conv_1/depthwise/BatchNorm`, as MobileNetV3 had it in Keras 2, and today's
  /// `expanded_conv_1_depthwise_bn` come out the same.
  static func normalized(_ name: String) -> String {
    words(name, splittingNumbers: false).map { $0 == "batchnorm" ? "bn" : $0 }.joined(separator: "_")
  }

  /// Whether Keras made the name up from the layer's class, with a number that depends on what else the
  /// process had built: `conv2d_3`, `dense`, `convolution2d_1`.
  static func isAutomatic(_ name: String) -> Bool {
    let last = name.split(separator: "/").last.map(String.init) ?? name
    return automatic.contains(Numbered(last).stem)
  }

  private static let automatic: Set<String> = [
    "conv2d", "convolution2d", "depthwise_conv2d", "separable_conv2d", "separableconvolution2d", "dense",
    "batch_normalization", "batchnormalization", "batch_normalization_v1", "batch_normalization_v2",
  ]

  /// How much two names have in common: the share of their words and numbers, from 0 to 1. Names that Keras
  /// made up have nothing in common with any.
  static func likeness(_ a: String, _ b: String) -> Double {
    guard !isAutomatic(a), !isAutomatic(b) else { return 0 }
    let (first, second) = (words(a, splittingNumbers: true), words(b, splittingNumbers: true))
    guard !first.isEmpty, !second.isEmpty else { return 0 }
    var counts: [String: Int] = [:]
    for word in first { counts[word, default: 0] += 1 }
    var common = 0
    for word in second {
      if let count = counts[word], count > 0 {
        counts[word] = count - 1
        common += 1
      }
    }
    return 2 * Double(common) / Double(first.count + second.count)
  }

  private static func words(_ name: String, splittingNumbers: Bool) -> [String] {
    var words: [String] = []
    var word: [UInt8] = []
    var wasNumber = false
    func close(_ word: inout [UInt8], _ words: inout [String]) {
      guard !word.isEmpty else { return }
      words.append(String(decoding: word, as: UTF8.self))
      word.removeAll(keepingCapacity: true)
    }
    for byte in name.utf8 {
      let isNumber = (0x30...0x39).contains(byte)
      let isCapital = (0x41...0x5a).contains(byte)
      // What is not ASCII counts as a letter.
      guard isNumber || isCapital || (0x61...0x7a).contains(byte) || byte >= 0x80 else {
        close(&word, &words)
        continue
      }
      if splittingNumbers && isNumber != wasNumber { close(&word, &words) }
      word.append(isCapital ? byte | 0x20 : byte)
      wasNumber = isNumber
    }
    close(&word, &words)
    return words
  }
}
