import Graft

extension [PicturePrediction] {
  /// A block a picture: its path, then the classes with their probabilities.
  var text: String {
    map { picture in
      let lines = picture.predictions.map { guess in
        let share = Format.percent(Double(guess.probability))
        return String(repeating: " ", count: Swift.max(0, 9 - share.count)) + share + "  "
          + Format.printable(guess.label)
      }
      return ([Format.printable(picture.path)] + lines).joined(separator: "\n")
    }.joined(separator: "\n")
  }

  /// A line a class: path, rank, class, probability.
  var csv: String {
    var lines = ["path,rank,class,probability"]
    for picture in self {
      for (rank, guess) in picture.predictions.enumerated() {
        let fields = [picture.path, "\(rank + 1)", guess.label, "\(guess.probability)"]
        lines.append(fields.map(Format.csv).joined(separator: ","))
      }
    }
    return lines.joined(separator: "\n")
  }
}

extension [PictureBox] {
  /// A line a picture: its path, the box's middle and its size, in percent of the picture's.
  var text: String {
    var table = TextTable([("", .left)] + Box.coordinateNames.map { ($0, .right) })
    for picture in self {
      table.add([Format.printable(picture.path)] + picture.box.coordinates.map(Format.percent))
    }
    return table.text
  }

  /// A line a picture, as `graft finetune` and `graft evaluate` read it: path, b_x, b_y, b_w, b_h.
  var csv: String {
    var lines = [(["path"] + Box.coordinateNames).joined(separator: ",")]
    for picture in self {
      lines.append(
        ([Format.csv(picture.path)] + picture.box.coordinates.map { Format.decimal($0, 6) }).joined(
          separator: ","))
    }
    return lines.joined(separator: "\n")
  }
}
