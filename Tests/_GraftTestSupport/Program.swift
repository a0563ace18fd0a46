public import Foundation

/// The built program, run as a user would run it.
public enum Program {
  /// How a run ended.
  public struct Result: Sendable {
    /// The exit code, or 128 plus the signal that ended it.
    public let status: Int32
    /// What it wrote to standard output.
    public let output: String
    /// What it wrote to standard error.
    public let errors: String
  }

  /// The binary beside the test bundle.
  public static let path: String = {
    let release = TestData.package.appending(path: ".build/release/graft").path
    let debug = TestData.package.appending(path: ".build/debug/graft").path
    return FileManager.default.isExecutableFile(atPath: release) ? release : debug
  }()

  /// Runs the program to its end.
  ///
  /// - Parameters:
  ///   - folder: the working folder; the package's root by default.
  ///   - killedAfter: seconds after which it gets the signal.
  ///   - signal: SIGKILL by default.
  public static func run(
    _ arguments: [String], in folder: URL = TestData.package, environment: [String: String] = [:],
    killedAfter limit: Double? = nil, signal: Int32 = SIGKILL
  ) throws -> Result {
    try runAny(path, arguments, in: folder, environment: environment, killedAfter: limit, signal: signal)
  }

  /// Runs a line of shell in which `$GRAFT` is the program.
  public static func shell(_ line: String, in folder: URL) throws -> Result {
    try runAny("/bin/bash", ["-c", line], in: folder, environment: ["GRAFT": path])
  }

  /// Runs any program to its end.
  public static func runAny(
    _ program: String, _ arguments: [String], in folder: URL, environment: [String: String] = [:],
    killedAfter limit: Double? = nil, signal: Int32 = SIGKILL
  ) throws -> Result {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    // Files rather than pipes: no reader is needed to keep the program from blocking.
    let name = FileManager.default.temporaryDirectory.appending(path: "graft-run-\(UUID().uuidString)").path
    defer { for end in ["out", "err"] { try? FileManager.default.removeItem(atPath: "\(name).\(end)") } }
    for end in ["out", "err"] { _ = FileManager.default.createFile(atPath: "\(name).\(end)", contents: nil) }
    process.standardOutput = FileHandle(forWritingAtPath: "\(name).out")
    process.standardError = FileHandle(forWritingAtPath: "\(name).err")
    try process.run()
    if let limit {
      let end = Date.now.addingTimeInterval(limit)
      while process.isRunning, Date.now < end { Thread.sleep(forTimeInterval: 0.002) }
      if process.isRunning { kill(process.processIdentifier, signal) }
    }
    process.waitUntilExit()
    let status =
      process.terminationReason == .uncaughtSignal
      ? 128 + process.terminationStatus : process.terminationStatus
    return Result(
      status: status, output: text(atPath: "\(name).out"), errors: text(atPath: "\(name).err"))
  }

  private static func text(atPath path: String) -> String {
    String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
  }
}
