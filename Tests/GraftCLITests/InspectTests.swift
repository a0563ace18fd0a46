import Foundation
import Testing
import _GraftTestSupport

@Suite("Inspecting files and listing networks")
struct InspectTests {
  @Test("The embedded weights are recognised, whole and by layer")
  func weights() throws {
    let run = try Program.run(["inspect", "weights/default.h5"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("architecture   mobilenet_0.25"), "\(run.output)")
    #expect(run.output.contains("conv_pw_13_bn"))
    struct Report: Decodable {
      struct Layer: Decodable {
        let name: String
        let outputShape: [Int]
        let parameters: Int
      }
      let architecture: String
      let parameters: Int
      let layers: [Layer]
      let sha256: String
    }
    let report = try Program.run(["inspect", "weights/default.h5", "--json"]).json(Report.self)
    #expect(report.architecture == "mobilenet_0.25")
    #expect(report.layers.reduce(0) { $0 + $1.parameters } == report.parameters)
    #expect(report.sha256.count == 64)
  }

  @Test("A saved model says what it is, and a corrupted file what is wrong with it")
  func models() throws {
    try TestData.withTemporaryFolder { folder in
      try Pictures.copy(classes: 2, perClass: 4, to: folder.appending(path: "photos"))
      #expect(try Program.run(["extract", "photos", "-o", "f.h5"], in: folder).status == 0)
      #expect(try Program.run(["fit", "f.h5", "-o", "m.h5", "--l2", "0.01"], in: folder).status == 0)
      let run = try Program.run(["inspect", "m.h5"], in: folder)
      #expect(run.status == 0, "\(run.errors)")
      #expect(run.output.contains("Graft model"), "\(run.output)")
      #expect(run.output.contains("predictions"))
      #expect(run.output.contains("classes        2"))
      let again = try Program.run(["extract", "photos", "-o", "g.h5", "--weights", "m.h5"], in: folder)
      #expect(again.status == 0, "a saved model's trunk gives features too: \(again.errors)")
      let model = try Data(contentsOf: folder.appending(path: "m.h5"))
      try model.prefix(model.count / 2).write(to: folder.appending(path: "half.h5"))
      let half = try Program.run(["predict", "photos", "--model", "half.h5"], in: folder)
      #expect(half.status == 1)
      #expect(half.errors.contains("half.h5"), "\(half.errors)")
    }
  }

  @Test("A model of somebody's own is shown layer by layer, and that its preprocessing is not known")
  func ownModel() throws {
    let run = try Program.run(["inspect", "Tests/GraftKerasTests/Golden/keras3_model.h5"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.output.contains("architecture   own model"), "\(run.output)")
    #expect(run.output.contains("preprocessing  the file does not say"), "\(run.output)")
    #expect(run.output.contains("output shape"), "\(run.output)")
    let extract = try Program.run(
      ["extract", "examples/pictures/val", "-o", "/nowhere/f.h5", "--weights"]
        + ["Tests/GraftKerasTests/Golden/keras3_model.h5"])
    #expect(extract.status == 1 && extract.errors.contains("--preprocessing"), "it is not guessed")
  }

  @Test("The list of architectures has every family with its parameters")
  func architectures() throws {
    let run = try Program.run(["models"])
    #expect(run.status == 0)
    for (name, parameters) in [
      ("vgg16", "138,357,544"), ("resnet50", "25,636,712"), ("resnet152v2", "60,380,648"),
      ("mobilenet_0.25", "475,544"), ("mobilenetv2_1.0", "3,538,984"), ("mobilenetv3small_1.0", "2,554,968"),
    ] {
      let line = run.output.split(separator: "\n").first { $0.hasPrefix(name + " ") }
      #expect(line?.contains(parameters) == true, "\(name): \(line ?? "no line")")
    }
    #expect(try Program.run(["models", "--json"]).output.hasPrefix("["))
  }
}
