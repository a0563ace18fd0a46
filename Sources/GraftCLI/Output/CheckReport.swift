import Graft

/// What `graft check` found, as people read it.
struct CheckReport {
  /// Lines of one kind that are shown where not all are asked for.
  static let usualLines = 10

  private let report: PictureCheckReport
  private let limit: Int

  init(_ report: PictureCheckReport, all: Bool) {
    self.report = report
    limit = all ? .max : Self.usualLines
  }

  /// Figures, a table of what was found, and each kind in detail.
  var text: String {
    ([figures, table] + PictureFinding.Kind.allCases.map(section)).compactMap(\.self)
      .joined(separator: "\n\n")
  }

  private var figures: String {
    var lines = report.parts.map { part in
      let classes = part.classes.isEmpty ? "" : ", \(Format.plural(part.classes.count, "class", "classes"))"
      let name = part.name.map { "\(Format.printable($0)): " } ?? ""
      return "\(name)\(Format.plural(part.pictures, "picture"))\(classes)"
    }
    if let sides = report.shorterSides {
      lines.append(
        "shorter sides from \(Format.count(sides.lowerBound)) to \(Format.count(sides.upperBound)) pixels")
    }
    return lines.joined(separator: "\n")
  }

  private var table: String {
    guard !report.findings.isEmpty else { return "nothing found" }
    var table = TextTable([("found", .right), ("", .left)])
    for kind in PictureFinding.Kind.allCases {
      let count = report.findings.count { $0.kind == kind }
      if count > 0 { table.add([Format.count(count), title(kind) + (kind.isRemark ? " (a remark)" : "")]) }
    }
    return table.text + (report.isClean ? "\n\nnothing found but remarks" : "")
  }

  private func section(_ kind: PictureFinding.Kind) -> String? {
    let findings = report.findings.filter { $0.kind == kind }
    guard !findings.isEmpty else { return nil }
    let shown = findings.prefix(limit)
    var lines = ["\(title(kind)):"] + shown.flatMap(lines)
    if shown.count < findings.count {
      lines.append("  … and \(Format.count(findings.count - shown.count)) more; --all names them")
    }
    return lines.joined(separator: "\n")
  }

  private func lines(of finding: PictureFinding) -> [String] {
    let detail = Format.printable(finding.detail)
    guard finding.sameness != nil else {
      return ["  " + (finding.pictures.map { "\(Format.printable($0.path)): " }.first ?? "") + detail]
    }
    let likeness = finding.likeness.map { " (\(Format.decimal($0, 3)))" } ?? ""
    let shown = finding.pictures.prefix(limit)
    let rest = finding.pictures.count - shown.count
    return shown.enumerated().map { place, picture in
      "  \(place == 0 ? "" : "  = ")\(Format.printable(picture.path))"
        + (place == shown.count - 1 && rest == 0 ? "  \(detail)\(likeness)" : "")
    } + (rest > 0 ? ["    = … and \(Format.count(rest)) more  \(detail)\(likeness)"] : [])
  }

  private func title(_ kind: PictureFinding.Kind) -> String {
    switch kind {
    case .unreadable: "cannot be read"
    case .unsupported: "no picture, or of a kind that is not read"
    case .truncated: "truncated"
    case .damaged: "damaged"
    case .leftOut: "left out"
    case .leak: "copies in two parts (leakage)"
    case .conflict: "copies in two classes"
    case .untrainedClass: "a class that is not trained"
    case .unjudgedClass: "a class of which nothing is held out"
    case .smallClass: "a class with few pictures"
    case .imbalance: "classes out of balance"
    case .duplicate: "copies in one class"
    case .wrongExtension: "a wrong ending"
    case .tiny: "tiny"
    case .blank: "blank"
    case .mode: "unusual pixels"
    case .turned: "stored turned"
    }
  }
}
