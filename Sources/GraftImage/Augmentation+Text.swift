extension Augmentation: CustomStringConvertible {
  /// The steps with all their numbers, as `init(parsing:)` reads them: `crop=0.5:1:0.75:1.25,flip=0.5`; `none` for no
  /// steps. Equal texts mean equal pictures.
  public var description: String {
    if isEmpty { return "none" }
    return steps.map { "\($0.kind.rawValue)=\($0.values.map(shortest).joined(separator: ":"))" }
      .joined(separator: ",")
  }

  /// The words that `init(parsing:)` knows.
  public static let words: [String] = Kind.allCases.map(\.rawValue) + ["color", "none"]

  /// Reads steps from a text: words of `words`, separated by commas, each with numbers if others than its usual ones
  /// are wanted: `flip,crop=0.3:1,rotation=15,color`. `color` stands for brightness, contrast and saturation.
  ///
  /// - Throws: `ImageError` with code `.invalidAugmentation`, if a word is unknown, a number cannot be read or is out
  ///   of its bounds, or two words choose the part of the picture.
  public init(parsing text: String) throws {
    func refuse(_ reason: String) -> ImageError {
      ImageError(.invalidAugmentation, path: text.isEmpty ? "augmentation" : text, reason: reason)
    }
    var steps: [Step] = []
    let items = text.split(separator: ",", omittingEmptySubsequences: false)
      .map { $0.split(separator: " ").joined(separator: " ") }
    for item in items where !(items.count == 1 && item == "none") {
      let halves = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let word = String(halves[0])
      let given = halves.count < 2 ? [] : halves[1].split(separator: ":", omittingEmptySubsequences: false)
      let values = try given.map { text in
        guard let value = Double(text), value.isFinite else {
          throw refuse("“\(text)” in “\(item)” is not a number; write for example \(word)=0.5")
        }
        return value
      }
      if word == "color" {
        let amounts = values + [0.2, 0.2, 0.2, 0].dropFirst(values.count)
        guard amounts.count == 4 else { throw refuse("color takes up to 4 numbers, not \(values.count)") }
        for (kind, amount) in zip([Kind.brightness, .contrast, .saturation, .hue], amounts) {
          if let problem = kind.problem(with: [amount]) { throw refuse(problem) }
          if amount != 0 { steps.append(Step(kind: kind, values: [amount])) }
        }
        continue
      }
      guard let kind = Kind(rawValue: word) else {
        throw refuse("unknown augmentation “\(word)”; known are \(Self.words.joined(separator: ", "))")
      }
      let all = values + kind.parameters.dropFirst(values.count).map(\.standard)
      if let problem = kind.problem(with: all) { throw refuse(problem) }
      steps.append(Step(kind: kind, values: all))
    }
    let frames = steps.filter(\.kind.isFraming).map(\.kind.rawValue)
    guard frames.count < 2 else {
      throw refuse(
        "\(frames.joined(separator: " and ")) both choose the part of the picture; keep one of them")
    }
    self.init(steps: steps)
  }
}

extension Augmentation: Codable {
  /// Reads the text of `description`.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    do {
      try self.init(parsing: container.decode(String.self))
    } catch let error as ImageError {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: error.message)
    }
  }

  /// Writes the text of `description`.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
