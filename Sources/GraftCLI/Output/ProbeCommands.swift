import Graft

/// The commands that do what a probe recommends.
struct ProbeCommands {
  let data: String
  let network: NetworkOptions
  let pooling: FeaturePooling
  let validation: Double
  let seed: UInt64
  /// Whether the strengths that were found are for the pictures that the commands take.
  let usesAllPictures: Bool

  /// The commands for a recommendation, in their order.
  func lines(for advice: Recommendation, name: String, hasHeldOut: Bool) -> [String] {
    let stem = name.map { $0.isLetter || $0.isNumber || ".-_".contains($0) ? $0 : "_" }
    return advice.kind == .fineTuning
      ? [tuning(advice, String(stem))] : linear(advice, String(stem), hasHeldOut: hasHeldOut)
  }

  private func tuning(_ advice: Recommendation, _ stem: String) -> String {
    var words = ["graft", "finetune", data] + networkWords
    if let stage = advice.unfreezeFrom {
      words += ["--unfreeze-from", stage]
    } else if let layer = advice.frozenThrough {
      words += ["--freeze", layer]
    }
    if let rate = advice.learningRate { words += ["--learning-rate", "\(rate)"] }
    if validation != 0.2 { words += ["--validation", "\(validation)"] }
    if seed != 1 { words += ["--seed", "\(seed)"] }
    return line(words + ["-o", "\(stem)-tuned.h5"])
  }

  private func linear(_ advice: Recommendation, _ stem: String, hasHeldOut: Bool) -> [String] {
    var division: [String] = []
    if validation != 0.2 { division += ["--validation", "\(validation)"] }
    if seed != 1 { division += ["--split-seed", "\(seed)"] }
    let several = advice.layers.count > 1
    let name = several ? "ensemble" : advice.layers[0].filter { $0 != "/" }
    let (store, model) = ("\(stem)-\(name)-train.h5", "\(stem)-\(name).h5")
    var extract = ["graft", "extract", data, "--part", "train"] + division + networkWords
    for layer in advice.layers { extract += ["--layer", layer] }
    if pooling != .avg { extract += ["--pooling", pooling.rawValue] }
    var fit = ["graft", "fit", store]
    for (index, layer) in advice.layers.enumerated() {
      let l2 = usesAllPictures ? advice.strengths[index] : nil
      if several {
        fit += ["--blend", BlendedLayer(layer: layer, weight: advice.weights[index], l2: l2).argument]
      } else if let l2 {
        fit += ["--l2", Format.strength(l2)]
      }
    }
    let lines = [line(extract + ["-o", store]), line(fit + ["-o", model])]
    guard hasHeldOut else { return lines }
    return lines + [line(["graft", "evaluate", data, "--part", "val"] + division + ["--model", model])]
  }

  private var networkWords: [String] {
    var words = ["--weights", network.weights]
    if let model = network.model { words += ["--model", model] }
    if let size = network.size { words += ["--size", "\(size)"] }
    if let resize = network.resize { words += ["--resize", resize.rawValue] }
    if let preprocessing = network.preprocessing { words += ["--preprocessing", preprocessing.rawValue] }
    if let decode = network.decode { words += ["--decode", decode.rawValue] }
    return words
  }

  private func line(_ words: [String]) -> String { words.map(Self.quoted).joined(separator: " ") }

  /// A word as a POSIX shell reads it back.
  private static func quoted(_ word: String) -> String {
    let isPlain =
      !word.isEmpty
      && word.unicodeScalars.allSatisfy {
        $0.isASCII
          && ($0.properties.isAlphabetic || ("0"..."9").contains($0)
            || "./_-+=:,@".unicodeScalars.contains($0))
      }
    return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
  }
}
