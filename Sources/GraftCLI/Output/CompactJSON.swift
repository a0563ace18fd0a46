import Foundation

/// JSON as people and `grep` like it: spread over lines, but lists of plain numbers, which may be long, on one.
enum CompactJSON {
  /// Puts lists that hold nothing but numbers and null, and empty lists, on one line.
  static func text(of json: Data) -> String {
    var output: [UInt8] = []
    output.reserveCapacity(json.count)
    let bytes = Array(json)
    var index = 0
    var isInString = false
    while index < bytes.count {
      let byte = bytes[index]
      if isInString {
        if byte == UInt8(ascii: "\\"), index + 1 < bytes.count {
          output += bytes[index...index + 1]
          index += 2
          continue
        }
        isInString = byte != UInt8(ascii: "\"")
      } else if byte == UInt8(ascii: "\"") {
        isInString = true
      } else if byte == UInt8(ascii: "["), let end = endOfPlainList(bytes, from: index) {
        let items = bytes[index + 1..<end].filter { !isSpace($0) }
        output += Array("[".utf8)
        for item in items { output += item == UInt8(ascii: ",") ? Array(", ".utf8) : [item] }
        output += Array("]".utf8)
        index = end + 1
        continue
      }
      output.append(byte)
      index += 1
    }
    return String(decoding: output, as: UTF8.self)
  }

  /// Where the list that begins at `start` ends, if nothing but numbers and null is in it.
  private static func endOfPlainList(_ bytes: [UInt8], from start: Int) -> Int? {
    for index in (start + 1)..<bytes.count {
      let byte = bytes[index]
      if byte == UInt8(ascii: "]") { return index }
      guard isSpace(byte) || "+-.,0123456789eEnul".utf8.contains(byte) else { return nil }
    }
    return nil
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }
}
