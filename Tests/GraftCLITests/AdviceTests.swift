import Foundation
import Testing
import _GraftTestSupport

@Suite("Warnings, names and advice")
struct AdviceTests {
  @Test("Odd names of files are kept, and do nothing to the terminal")
  func names() throws {
    try TestData.withTemporaryFolder { folder in
      try Pictures.copy(classes: 2, perClass: 2, to: folder.appending(path: "photos"))
      let manager = FileManager.default
      let photos = folder.appending(path: "photos")
      let classes = try manager.contentsOfDirectory(atPath: photos.path).sorted()
      let source = photos.appending(path: classes[0])
      let files = try manager.contentsOfDirectory(atPath: source.path).sorted()
      let odd = ["new\nline.jpg", "été, \"quoted\".jpg", "-dash.jpg", " space .jpg"]
      for name in odd {
        try manager.copyItem(at: source.appending(path: files[0]), to: source.appending(path: name))
      }
      try Data("x".utf8).write(to: source.appending(path: "red\u{1b}[31m\nskipped.jpg"))
      try manager.createSymbolicLink(atPath: source.appending(path: "loop").path, withDestinationPath: "..")
      try manager.createSymbolicLink(
        atPath: source.appending(path: "self.jpg").path, withDestinationPath: "self.jpg")
      let run = try Program.run(["extract", "photos", "-o", "f.h5"], in: folder)
      #expect(run.status == 2)
      #expect(run.errors.contains("red\\u{1B}[31m\\nskipped.jpg: "), "\(run.errors)")
      #expect(!run.errors.contains("\u{1b}"))
      #expect(run.errors.contains("photos/\(classes[0])/loop: a symbolic link"), "\(run.errors)")
      #expect(run.errors.contains("photos/\(classes[0])/self.jpg: "), "\(run.errors)")
      #expect(run.errors.contains("8 pictures, 4 the same as others"), "\(run.errors)")
      #expect(run.errors.contains("3 inputs skipped"), "\(run.errors)")
      #expect(try Program.run(["fit", "f.h5", "-o", "m.h5", "--l2", "0.1"], in: folder).status == 0)
      let predict = try Program.run(["predict", "photos", "--model", "m.h5", "--json"], in: folder)
      let paths = try predict.json([MainJobTests.Picture].self).map(\.path)
      for name in odd { #expect(paths.contains("photos/\(classes[0])/\(name)"), "\(paths)") }
      let text = try Program.run(["predict", "photos", "--model", "m.h5", "--top", "1"], in: folder)
      #expect(text.output.split(separator: "\n").count == 16, "two lines a picture:\n\(text.output)")
    }
  }

  @Test("One picture in two classes, a class of one picture, and held-out pictures trained on are warned of")
  func doubts() throws {
    try TestData.withTemporaryFolder { folder in
      let photos = folder.appending(path: "photos")
      try Pictures.copy(classes: 2, perClass: 4, to: photos)
      let fit = ["fit", "f.h5", "-o", "m.h5", "--l2", "0.1"]
      #expect(try Program.run(["extract", "photos", "-o", "f.h5"], in: folder).status == 0)
      let clean = try Program.run(fit, in: folder)
      #expect(!clean.errors.contains("warning"), "\(clean.errors)")
      let leak = try Program.run(fit + ["--test", "f.h5", "--quiet"], in: folder)
      #expect(leak.status == 0)
      #expect(leak.errors.contains("warning: 8 of the 8 held-out pictures were trained on"), "\(leak.errors)")
      let manager = FileManager.default
      let classes = try manager.contentsOfDirectory(atPath: photos.path).sorted()
      let name = try #require(
        try manager.contentsOfDirectory(atPath: photos.appending(path: classes[0]).path).sorted().first)
      let one = photos.appending(path: classes[0]).appending(path: name)
      try manager.copyItem(at: one, to: photos.appending(path: classes[1]).appending(path: "twin.jpg"))
      try manager.createDirectory(at: photos.appending(path: "single"), withIntermediateDirectories: true)
      try manager.copyItem(
        at: Pictures.val.appending(path: classes[0]).appending(
          path: try #require(
            try manager.contentsOfDirectory(atPath: Pictures.val.appending(path: classes[0]).path).sorted()
              .first)),
        to: photos.appending(path: "single/a.jpg"))
      #expect(try Program.run(["extract", "photos", "-o", "f.h5"], in: folder).status == 0)
      let doubtful = try Program.run(fit, in: folder)
      #expect(doubtful.status == 0, "\(doubtful.errors)")
      #expect(
        doubtful.errors.contains(
          "1 picture is in more than one class, the same bytes: \(classes[0])/\(name) and \(classes[1])/twin.jpg"
        ),
        "\(doubtful.errors)")
      #expect(doubtful.errors.contains("only one picture of the class single"), "\(doubtful.errors)")
    }
  }

  @Test("A class of which no picture can be read is left out, and named")
  func emptyClass() throws {
    try TestData.withTemporaryFolder { folder in
      let photos = folder.appending(path: "photos")
      try Pictures.copy(classes: 3, perClass: 3, to: photos)
      let classes = try FileManager.default.contentsOfDirectory(atPath: photos.path).sorted()
      let broken = photos.appending(path: classes[1])
      for name in try FileManager.default.contentsOfDirectory(atPath: broken.path) {
        try Data("x".utf8).write(to: broken.appending(path: name))
      }
      #expect(try Program.run(["extract", "photos", "-o", "f.h5"], in: folder).status == 2)
      let fit = try Program.run(["fit", "f.h5", "-o", "m.h5", "--l2", "0.1"], in: folder)
      #expect(fit.status == 0, "\(fit.errors)")
      #expect(fit.errors.contains("the class \(classes[1])"), "\(fit.errors)")
      let picture = photos.appending(path: classes[2]).path
      let predict = try Program.run(["predict", picture, "--model", "m.h5", "--json"], in: folder)
      let guesses = try predict.json([MainJobTests.Picture].self).flatMap(\.predictions)
      #expect(Set(guesses.map(\.class)) == [classes[0], classes[2]])
      let best = try predict.json([MainJobTests.Picture].self).map { $0.predictions[0].class }
      #expect(best == [String](repeating: classes[2], count: 3), "the classes behind it keep their pictures")
    }
  }

  @Test("Stores are compared by the layer that is used, whatever others they have")
  func layersUsed() throws {
    try TestData.withTemporaryFolder { folder in
      try Pictures.copy(classes: 2, perClass: 3, to: folder.appending(path: "photos"))
      try Pictures.copy(Pictures.val, classes: 2, perClass: 2, to: folder.appending(path: "held-out"))
      let (one, two) = ("conv_pw_12_relu", "conv_pw_13_relu")
      let both = ["extract", "photos", "-o", "f.h5", "--layer", one, "--layer", two]
      #expect(try Program.run(both, in: folder).status == 0)
      #expect(try Program.run(["extract", "held-out", "-o", "t.h5", "--layer", two], in: folder).status == 0)
      let fit = ["fit", "f.h5", "-o", "m.h5", "--l2", "0.1", "--test", "t.h5", "--layer"]
      let same = try Program.run(fit + [two], in: folder)
      #expect(same.status == 0, "\(same.errors)")
      let other = try Program.run(fit + [one], in: folder)
      #expect(other.status == 1 && other.errors.contains(two), "\(other.errors)")
    }
  }

  @Test("Preprocessing that is not the weights' own is warned of, quiet or not")
  func preprocessing() throws {
    try TestData.withTemporaryFolder { folder in
      try Pictures.copy(classes: 1, perClass: 1, to: folder.appending(path: "photos"))
      let usual = try Program.run(
        ["extract", "photos", "-o", "a.h5", "--preprocessing", "tf", "-q"], in: folder)
      #expect(usual.errors == "")
      let run = try Program.run(
        ["extract", "photos", "-o", "b.h5", "--preprocessing", "caffe", "-q"], in: folder)
      #expect(run.status == 0)
      #expect(
        run.errors.contains("warning: these weights were trained on pictures prepared as tf"), "\(run.errors)"
      )
    }
  }

  @Test(
    "A misspelt layer or architecture is answered with what is near, a wrong one with what the file holds")
  func nearest() throws {
    try TestData.withTemporaryFolder { folder in
      try Pictures.copy(classes: 1, perClass: 1, to: folder.appending(path: "photos"))
      let weights = TestData.package.appending(path: "weights/default.h5").path
      for (arguments, word) in [
        (["--layer", "conv_pw_13_rleu"], "conv_pw_13_relu"),
        (["--layer", "Conv_PW_13"], "near it are conv_pw_13,"),
        (["--layer", "xyz"], "there is no such layer"),
        (["--architecture", "mobilnet_0.25"], "mobilenet_0.25"),
        (["--weights", weights, "--model", "vgg16"], "holds mobilenet_0.25, not vgg16"),
        (["--size", "-5"], "-5 x -5"), (["--size", "1"], "32"), (["--size", "100000"], "65536"),
      ] {
        let run = try Program.run(["extract", "photos", "-o", "f.h5"] + arguments, in: folder)
        #expect(run.status == 1, "\(arguments): \(run.errors)")
        #expect(run.errors.contains(word), "\(arguments): \(run.errors)")
      }
      let model = try Program.run(
        ["predict", "x.jpg", "--model", "m.h5", "--architecture", "vgg16"], in: folder)
      #expect(model.status == 64, "\(model.errors)")
    }
  }
}
