import Foundation
import Graft
import Testing
import _GraftTestSupport

@Suite("Boxes", .serialized)
struct LocalizationTests {
  private struct Answer: Decodable {
    let task: String
    let bestEpoch: Int
    let valFigures: [String: Double]
  }

  private struct Figures: Decodable {
    let task: String
    let images: Int
    let meanIoU: Double
    let shareAboveHalf: Double
  }

  private struct Found: Decodable {
    let path: String
    let box: Box
  }

  private func run(_ arguments: [String], _ folder: URL) throws -> Program.Result {
    try Program.run(arguments, in: folder, environment: ["GRAFT_HOME": folder.appending(path: "home").path])
  }

  /// The mean intersection over union of the box that is the mean of all boxes to learn from, always said.
  private func meanBoxBaseline(_ folder: URL) throws -> Double {
    let pictures = try DividedPictures(folder.appending(path: "boxes.csv").path)
    let training = pictures.training.items.compactMap(\.box)
    let mean = Box(
      (0..<4).map { place in Float(training.reduce(0) { $0 + $1.coordinates[place] } / Double(training.count))
      })
    let held = try #require(pictures.validation).items.compactMap(\.box)
    return held.reduce(0) { $0 + $1.intersectionOverUnion(mean) } / Double(held.count)
  }

  @Test("are learned from a table far better than the mean box, judged and predicted")
  func mainJob() throws {
    try TestData.withTemporaryFolder { folder in
      try Drawings.boxes(160, in: folder)
      let trained = try run(
        [
          "finetune", "boxes.csv", "-o", "m.h5", "--epochs", "8", "--unfreeze-from", "conv_pw_10", "--l2",
          "0.1",
          "--learning-rate", "2e-3", "--json",
        ], folder)
      #expect(trained.status == 0, "\(trained.errors)")
      #expect(trained.errors.contains("IoU") && trained.errors.contains("whole picture"))
      let answer: Answer = try trained.json()
      let best = try #require(answer.valFigures["meanIoU"])
      let baseline = try meanBoxBaseline(folder)
      #expect(answer.task == "boxes" && best > 0.4 && best > 3 * baseline, "\(best), mean box \(baseline)")

      let figures: Figures = try run(["evaluate", "boxes.csv", "--model", "m.h5", "--json"], folder).json()
      #expect(figures.images == 40 && abs(figures.meanIoU - best) < 1e-5)
      #expect(figures.shareAboveHalf == answer.valFigures["shareAboveHalf"])
      let text = try run(["evaluate", "boxes.csv", "--model", "m.h5"], folder).output
      #expect(text.contains("mean IoU") && text.contains("worst boxes"))

      // What predict prints as a table is a table to judge by: the model agrees with itself.
      let table = try run(["predict", "boxes", "--model", "m.h5", "--csv"], folder)
      #expect(table.status == 0 && table.output.hasPrefix("path,b_x,b_y,b_w,b_h\n"), "\(table.errors)")
      try Data(table.output.utf8).write(to: folder.appending(path: "found.csv"))
      let own = try run(["evaluate", "found.csv", "--model", "m.h5", "--json"], folder)
      // Boxes that reach beyond the edge are cut off there when they are read.
      #expect(try own.json(Figures.self).meanIoU > 0.95, "\(own.errors)")
      let found: [Found] = try run(["predict", "boxes/0.jpg", "--model", "m.h5", "--json"], folder).json()
      let model = try ImageClassifier(contentsOf: folder.appending(path: "m.h5").path)
      let image = try Image(contentsOf: folder.appending(path: "boxes/0.jpg").path)
      let box = try model.box(in: image)
      for (a, b) in zip(found[0].box.coordinates, box.coordinates) { #expect(abs(a - b) < 1e-6) }
    }
  }

  @Test("Cut to the centre or squeezed, kept views or new ones: boxes stay those of the whole picture")
  func ways() throws {
    try TestData.withTemporaryFolder { folder in
      try Drawings.boxes(48, in: folder)
      for options in [
        ["--resize", "antialias", "--augment", "none", "--freeze", "all"],
        [
          "--resize", "antialias", "--augment", "crop=0.7:1,flip,rotation=5,cutout=0.1", "--unfreeze-from",
          "conv_pw_13",
        ],
        ["--cached-views", "2", "--unfreeze-from", "conv_pw_13"],
        ["--head-init", "he", "--hidden", "16", "--freeze", "all", "--augment", "flip"],
      ] {
        let trained = try run(
          ["finetune", "boxes.csv", "-o", "m.h5", "--epochs", "2", "--l2", "0.1", "--json"] + options, folder)
        #expect(trained.status == 0, "\(trained.errors)")
        let answer: Answer = try trained.json()
        let figures: Figures = try run(["evaluate", "boxes.csv", "--model", "m.h5", "--json"], folder).json()
        #expect(abs(figures.meanIoU - (answer.valFigures["meanIoU"] ?? 0)) < 1e-5, "\(options)")
      }
    }
  }

  @Test("What cannot carry boxes is refused")
  func refused() throws {
    try TestData.withTemporaryFolder { folder in
      try Drawings.boxes(12, in: folder)
      let mixed = try run(["finetune", "boxes.csv", "-o", "m.h5", "--mixup", "0.2"], folder)
      #expect(mixed.status == 1 && mixed.errors.contains("cannot carry boxes"), "\(mixed.errors)")
      let trained = try run(
        ["finetune", "boxes.csv", "-o", "m.h5", "--epochs", "1", "--freeze", "all", "--l2", "1"], folder)
      #expect(trained.status == 0, "\(trained.errors)")
      let crops = try run(["predict", "boxes", "--model", "m.h5", "--crops", "5"], folder)
      #expect(crops.status == 1 && crops.errors.contains("crops"), "\(crops.errors)")
      let sizes = try run(["predict", "boxes", "--model", "m.h5", "--scales", "96,128"], folder)
      #expect(sizes.status == 0, "\(sizes.errors)")
      try Pictures.copy(classes: 2, perClass: 2, to: folder.appending(path: "photos"))
      let classes = try run(["evaluate", "photos", "--model", "m.h5"], folder)
      #expect(classes.status == 1 && classes.errors.contains("boxes"), "\(classes.errors)")
    }
  }
}
