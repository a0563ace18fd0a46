import ArgumentParser
import Graft

/// The program.
@main
struct GraftCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "graft",
    abstract: "Transfer learning for images: pretrained Keras networks, your photos, no Python.",
    discussion: """
      From a folder of photos to a classifier:

        graft extract photos/train --weights mobilenet_v2_no_top.h5 -o features.h5
        graft fit features.h5 -o model.h5
        graft predict photo.jpg --model model.h5

      Or train the network itself further:

        graft finetune photos --weights mobilenet_v2_no_top.h5 -o model.h5

      Exit codes: 0 done, 1 failed, 2 done but some pictures were skipped or something was found, 64 wrong usage.
      """,
    version: GraftVersion.current,
    groupedSubcommands: [
      CommandGroup(
        name: "Main",
        subcommands: [
          ExtractCommand.self, FitCommand.self, FineTuneCommand.self, PredictCommand.self,
          EvaluateCommand.self, ProbeCommand.self,
        ]),
      CommandGroup(
        name: "Networks and files",
        subcommands: [
          CheckCommand.self, ModelsCommand.self, WeightsCommand.self, InspectCommand.self, ExportCommand.self,
          BenchCommand.self,
        ]),
    ])

  /// Runs the program.
  static func main() {
    StandardStreams.prepare()
    Interruption.prepare()
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let error where !(error is ExitCode) && exitCode(for: error) == .failure {
      Report.error("Error: \(Format.printable("\(error)"))")
      exit(withError: ExitCode.failure)
    } catch {
      exit(withError: error)
    }
  }
}
