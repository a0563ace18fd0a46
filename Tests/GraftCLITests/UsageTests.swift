import Foundation
import Testing
import _GraftTestSupport

@Suite("Usage")
struct UsageTests {
  @Test(
    "Every command explains itself",
    arguments: [
      [], ["extract"], ["fit"], ["finetune"], ["predict"], ["evaluate"], ["models"], ["inspect"], ["bench"],
      ["weights"],
      ["weights", "list"], ["weights", "fetch"], ["weights", "verify"], ["weights", "path"],
    ])
  func help(_ command: [String]) throws {
    let run = try Program.run(command + ["--help"])
    #expect(run.status == 0)
    #expect(run.output.contains("USAGE: graft " + command.joined(separator: " ")))
    #expect(run.output.contains("OVERVIEW: "))
    if !command.isEmpty && command != ["weights"] {
      for option in ["--quiet", "--threads", "--help"] { #expect(run.output.contains(option)) }
    }
    let long = run.output.split(separator: "\n").map(String.init).filter {
      $0.count > 100 && !$0.hasPrefix("USAGE: ")
    }
    #expect(long.isEmpty, "lines that do not fit a terminal")
  }

  @Test("The program knows its version")
  func version() throws {
    let run = try Program.run(["--version"])
    #expect(run.status == 0)
    #expect(run.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
  }

  @Test(
    "Wrong usage gives exit code 64 and says what is wrong",
    arguments: [
      (["extract"], "PHOTOS|pictures"), (["extract", "x"], "--output"), (["fit", "x"], "--output"),
      (["extract", "x", "-o", "y.h5", "--batch", "0"], "--batch"),
      (["extract", "x", "-o", "y.h5", "--threads", "0"], "--threads"),
      (["extract", "x", "-o", "y.h5", "--threads", "257"], "from 1 to 256"),
      (["extract", "x", "-o", "y.h5", "--pooling", "sum"], "pooling"),
      (["predict", "x"], "--model"), (["predict", "x", "--model", "a", "--weights", "b"], "--model"),
      (["predict", "x", "--model", "a", "--top", "0"], "--top"),
      (["predict", "x", "--model", "a", "--crops", "4"], "--crops"),
      (["evaluate", "x", "--model", "a", "--scales", "224,big"], "“big”"),
      (["fit", "x", "-o", "y", "--l2", "-1"], "l2"), (["fit", "x", "-o", "y", "--folds", "1"], "--folds"),
      (["fit", "x", "-o", "y", "--classifier", "ridge", "--l1", "1"], "--l1"),
      (["fit", "x", "-o", "y", "--classifier", "knn"], "--output"),
      (["fit", "x", "-o", "y", "--blend", "a=1", "--layer", "b"], "leave --layer out"),
      (["fit", "x", "-o", "y", "--blend", "a=1", "--blend", "a=2"], "twice"),
      (["fit", "x", "-o", "y", "--blend", "a=1", "--classifier", "svm"], "svm"),
      (["fit", "x", "-o", "y", "--blend", "a=-1"], "blend"),
      (["fit", "x", "-o", "y", "--blend", "a=1:2:3"], "blend"),
      (["finetune", "x", "-o", "y.h5", "--optimizer", "lbfgs", "--mixup", "0.2"], "leave --mixup out"),
      (["fit", "x", "--classifier", "knn"], "--test"),
      (["fit", "x", "-o", "y", "--memory", "lots"], "memory"),
      (["finetune", "x"], "--output"), (["finetune", "x", "-o", "y.h5", "--epochs", "0"], "--epochs"),
      (["finetune", "x", "-o", "y.h5", "--augment", "fold"], "augment"),
      (["finetune", "x", "-o", "y.h5", "--freeze", "all", "--train", "a"], "--freeze"),
      (["finetune", "x", "-o", "y.h5", "--hidden", "8", "--head-init", "linear"], "--hidden"),
      (["finetune", "x", "-o", "y.h5", "--cache-memory", "much"], "cache-memory"),
      (["finetune", "x", "-o", "y.h5", "--schedule", "cosine=2"], "floor"),
      (["finetune", "x", "-o", "y.h5", "--snapshots"], "restarts"),
      (["finetune", "x", "-o", "y.h5", "--class-weights", "cat"], "cat=2,dog=0.5"),
      (["finetune", "x", "-o", "y.h5", "--l1-penalty", "-1"], "--l1-penalty"),
      (["finetune", "x", "-o", "y.h5", "--clip", "1", "--clip-value", "1"], "--clip-value"),
      (["finetune", "x", "-o", "y.h5", "--epochs", "5", "--warmup", "5"], "--warmup"),
      (["finetune", "x", "--search", "0"], "--search"),
      (["finetune", "x", "--search", "2", "--find-lr"], "one of"),
      (["finetune", "x", "--find-lr", "--find-lr-range", "1:0.1"], "find-lr-range"),
      (["finetune", "x", "-o", "y.h5", "--plot", "a.html"], "--find-lr"),
      (["finetune", "x", "--preview-augmentation", "sheet.png"], "JPEG"),
      (["finetune", "x", "--search", "4", "--optimizer", "lbfgs"], "goes with training"),
      (["finetune", "x", "--find-lr", "--resume"], "--resume goes with training"),
      (["bench"], "--model"), (["bench", "--model", "vgg16", "--batch", "0"], "--batch"),
      (["evaluate", "--model", "m"], "pictures"), (["nonsense"], "nonsense"),
    ])
  func wrongUsage(_ arguments: [String], _ word: String) throws {
    let run = try Program.run(arguments)
    #expect(run.status == 64, "\(run.errors)")
    #expect(word.split(separator: "|").contains { run.errors.contains($0) }, "\(run.errors)")
    #expect(run.output == "")
  }

  @Test(
    "Files that are missing or something else give exit code 1 and are named",
    arguments: [
      ["extract", "nowhere", "-o", "/nonexistent/y.h5"], ["fit", "nowhere.h5", "-o", "y.h5"],
      ["predict", "nowhere.jpg", "--model", "nowhere.h5"], ["evaluate", "nowhere", "--model", "nowhere.h5"],
      ["inspect", "nowhere.h5"], ["weights", "verify", "nowhere.h5"], ["weights", "path", "nowhere"],
      ["weights", "fetch", "nowhere"],
    ])
  func missing(_ arguments: [String]) throws {
    try TestData.withTemporaryFolder { folder in
      let run = try Program.run(arguments, in: folder)
      #expect(run.status == 1, "\(run.errors)")
      #expect(run.errors.contains("nowhere"), "\(run.errors)")
      #expect(!run.errors.contains("Fatal error"))
    }
  }

  @Test("Files of other kinds are refused with a word about what they are")
  func foreignFiles() throws {
    try TestData.withTemporaryFolder { folder in
      let picture = Pictures.train.path
      let first = try #require(
        FileManager.default.enumerator(atPath: picture)?.compactMap { $0 as? String }.first {
          $0.hasSuffix(".jpg")
        })
      let jpeg = picture + "/" + first
      for arguments in [
        ["inspect", jpeg], ["fit", jpeg, "-o", "m.h5"], ["predict", jpeg, "--model", jpeg],
        ["extract", jpeg, "-o", "f.h5", "--weights", jpeg],
      ] {
        let run = try Program.run(arguments, in: folder)
        #expect(run.status == 1, "\(arguments): \(run.errors)")
        #expect(run.errors.contains("HDF5"), "\(arguments): \(run.errors)")
      }
      let extract = try Program.run(["extract", jpeg, "-o", "f.h5"], in: folder)
      #expect(extract.status == 0, "\(extract.errors)")
      let fit = try Program.run(["fit", "f.h5", "-o", "m.h5"], in: folder)
      #expect(fit.status == 1)
      #expect(fit.errors.contains("class"), "a flat store has no classes: \(fit.errors)")
      let store = try Program.run(["predict", jpeg, "--model", "f.h5"], in: folder)
      #expect(store.status == 1)
      #expect(store.errors.contains("feature store"), "\(store.errors)")
    }
  }
}
