internal import GraftData

extension PictureCheck {
  /// What was left out when the pictures were listed.
  static func files(_ data: PictureParts) -> [PictureFinding] {
    let skipped =
      data.skipped.map { ($0, nil) }
      + data.parts.flatMap { part in
        part.folder.skipped.map { ($0, part.name) }
      }
    return skipped.map { picture, part in
      PictureFinding(
        .leftOut, picture.reason, pictures: [.init(path: picture.path, part: part, label: nil)])
    }
  }

  /// Pictures that cannot be decoded, or not without guessing.
  static func faults(_ pictures: [CheckedPicture], _ facts: [PictureFacts]) -> [PictureFinding] {
    zip(pictures, facts).compactMap { picture, facts in
      if let failure = facts.failure {
        let kind: PictureFinding.Kind =
          switch failure.code {
          case .truncated: .truncated
          case .corrupt: .damaged
          case .unsupportedFormat: .unsupported
          default: .unreadable
          }
        return PictureFinding(kind, failure.reason, pictures: [picture.named])
      }
      guard let report = facts.report, report.warnings > 0 else { return nil }
      return PictureFinding(
        .damaged, "decoded, but the \(report.format.rawValue) decoder complained and had to guess",
        pictures: [picture.named])
    }
  }

  /// Classes that are missing in a part, small or out of balance.
  func classes(_ data: PictureParts) -> [PictureFinding] {
    let counts = data.parts.map(\.folder.classCounts)
    guard let training = data.parts.firstIndex(where: \.isTraining), !counts[training].isEmpty else {
      return []
    }
    var findings: [PictureFinding] = []
    let trained = Set(counts[training].map(\.label))
    for (part, counts) in zip(data.parts, counts) where !part.isTraining && !counts.isEmpty {
      let name = part.name ?? "the held-out part"
      for entry in counts where !trained.contains(entry.label) {
        findings.append(
          PictureFinding(
            .untrainedClass,
            "the class \(entry.label) is in \(name) (\(entry.count)) and not in \(data.parts[training].name ?? "train")"
          ))
      }
      let judged = Set(counts.map(\.label))
      for label in counts.isEmpty ? [] : data.parts[training].folder.labels?.names ?? []
      where !judged.contains(label) {
        findings.append(PictureFinding(.unjudgedClass, "the class \(label) has no picture in \(name)"))
      }
    }
    for entry in counts[training] where entry.count < smallClass {
      findings.append(
        PictureFinding(
          .smallClass,
          "the class \(entry.label) has \(entry.count) picture\(entry.count == 1 ? "" : "s") to train on"))
    }
    if let most = counts[training].max(by: { $0.count < $1.count }),
      let least = counts[training].min(by: { $0.count < $1.count }), least.count > 0,
      Double(most.count) >= imbalance * Double(least.count)
    {
      findings.append(
        PictureFinding(
          .imbalance,
          "\(most.label) has \(most.count) pictures, \(least.label) \(least.count): "
            + "graft finetune --balanced takes as many of each"))
    }
    return findings
  }

  /// Pictures that are unusual in themselves.
  func looks(_ pictures: [CheckedPicture], _ facts: [PictureFacts]) -> [PictureFinding] {
    var findings: [PictureFinding] = []
    for (picture, facts) in zip(pictures, facts) {
      guard let report = facts.report, let size = facts.size else { continue }
      func add(_ kind: PictureFinding.Kind, _ detail: String) {
        findings.append(PictureFinding(kind, detail, pictures: [picture.named]))
      }
      if let wrong = Self.wrongExtension(picture.item.path, report.format) { add(.wrongExtension, wrong) }
      if min(size.width, size.height) < tinySide { add(.tiny, "\(size.width) x \(size.height) pixels") }
      if let contrast = facts.signature?.contrast, contrast < 2 { add(.blank, "hardly more than one colour") }
      if let mode = Self.mode(report) { add(.mode, mode) }
      if report.orientation != .upright {
        add(.turned, "EXIF orientation \(report.orientation.rawValue), turned upright when it is read")
      }
    }
    return findings
  }

  private static func wrongExtension(_ path: String, _ format: Image.DecodingReport.Format) -> String? {
    let name = path.split(separator: "/").last ?? ""
    guard let dot = name.lastIndex(of: ".") else { return nil }
    let ending = name[name.index(after: dot)...].lowercased()
    let fits = format == .png ? ["png"] : ["jpg", "jpeg", "jpe", "jfif"]
    return fits.contains(ending) ? nil : "a \(format.rawValue) whose name ends in .\(ending)"
  }

  private static func mode(_ report: Image.DecodingReport) -> String? {
    var words: [String] = []
    if report.format == .jpeg && report.channels == 4 { words.append("CMYK, converted without a profile") }
    if report.bits == 16 { words.append("16 bits a value, of which the upper 8 are used") }
    if report.format == .png && report.channels % 2 == 0 {
      words.append("with transparency, which is dropped: what lies beneath shows")
    }
    if report.channels == 1 && report.bits >= 8 && !report.hasPalette { words.append("grey") }
    return words.isEmpty ? nil : words.joined(separator: "; ")
  }
}

extension ImageFolder {
  /// The classes with the number of their pictures, in their order; empty where pictures have no classes.
  var classCounts: [(label: String, count: Int)] {
    guard let labels, task == .classes else { return [] }
    var counts = [Int](repeating: 0, count: labels.count)
    for item in items {
      if let label = item.label { counts[label] += 1 }
    }
    return zip(labels.names, counts).map { ($0, $1) }
  }
}
