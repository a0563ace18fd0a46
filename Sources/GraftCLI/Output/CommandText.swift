/// A command as one would type it into a shell.
struct CommandText: CustomStringConvertible {
  private var arguments: [String]

  /// Takes a command with its arguments, without the program's name.
  init(_ arguments: [String]) { self.arguments = arguments }

  /// Removes options, with their values where they have one.
  func without(options: Set<String>, flags: Set<String> = []) -> CommandText {
    var kept: [String] = []
    var isValue = false
    for argument in arguments {
      if isValue {
        isValue = false
      } else if options.contains(argument) {
        isValue = true
      } else if !flags.contains(argument),
        !options.contains(String(argument.prefix { $0 != "=" }))
      {
        kept.append(argument)
      }
    }
    return CommandText(kept)
  }

  /// Adds arguments at the end.
  func adding(_ more: [String]) -> CommandText { CommandText(arguments + more) }

  /// Whether one of these options is there.
  func has(_ options: Set<String>) -> Bool {
    arguments.contains { options.contains(String($0.prefix { $0 != "=" })) }
  }

  /// The command, quoted where a shell needs it.
  var description: String { (["graft"] + arguments).map(Self.quoted).joined(separator: " ") }

  private static func quoted(_ argument: String) -> String {
    let isPlain = argument.unicodeScalars.allSatisfy {
      $0.isASCII
        && ($0.properties.isAlphabetic || ("0"..."9").contains($0)
          || "-_./:=,+@%".unicodeScalars.contains($0))
    }
    guard argument.isEmpty || !isPlain else { return argument }
    return "'" + argument.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
      + "'"
  }
}
