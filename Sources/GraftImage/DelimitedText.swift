/// Comma-separated values (RFC 4180), as people's programs write them: fields in quotes or not, lines that end in any
/// way, commas, semicolons or tabs between fields.
struct DelimitedText {
  /// A line that is not empty.
  struct Row: Hashable {
    /// Its number in the file, from 1 on.
    let line: Int
    /// Its fields, without white space around those that are not in quotes.
    let fields: [String]
  }

  /// The lines that are not empty.
  let rows: [Row]
  /// The line on which a quote begins that does not end: all behind it counts as one field; nil if there is none.
  let unclosedQuote: Int?

  /// Reads a text; of its first line, whatever occurs of tab, semicolon and comma, in this order, divides fields.
  init(_ text: String) {
    let text = text.hasPrefix("\u{feff}") ? text.dropFirst() : text[...]
    let first = text.prefix { !$0.isNewline }
    let separator = ["\t", ";"].map(Character.init).first { first.contains($0) } ?? ","
    var rows: [Row] = []
    var (line, start) = (1, 1)
    var fields: [String] = []
    var field = ""
    var (isQuoted, wasQuoted) = (false, false)
    var quoteStart = 1

    func end() {
      fields.append(wasQuoted ? field : Self.trimmed(field))
      field = ""
      wasQuoted = false
    }

    var index = text.startIndex
    while index < text.endIndex {
      let character = text[index]
      index = text.index(after: index)
      if isQuoted {
        if character.isNewline { line += 1 }
        if character != "\"" {
          field.append(character)
        } else if index < text.endIndex, text[index] == "\"" {
          field.append(character)
          index = text.index(after: index)
        } else {
          isQuoted = false
        }
      } else if character == "\"" && Self.trimmed(field).isEmpty {
        field = ""
        (isQuoted, wasQuoted) = (true, true)
        quoteStart = line
      } else if character == separator {
        end()
      } else if character.isNewline {
        end()
        if fields != [""] { rows.append(Row(line: start, fields: fields)) }
        fields = []
        line += 1
        start = line
      } else {
        field.append(character)
      }
    }
    end()
    if fields != [""] { rows.append(Row(line: start, fields: fields)) }
    self.rows = rows
    unclosedQuote = isQuoted ? quoteStart : nil
  }

  private static func trimmed(_ text: String) -> String {
    let start = text.drop { $0.isWhitespace }
    guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return String(start[...last])
  }
}
