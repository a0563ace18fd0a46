import Foundation
import Testing
import _GraftTestSupport

@Suite("The main job")
struct MainJobTests {
  struct Figures: Decodable {
    struct ClassFigures: Decodable {
      let `class`: String
      let support: Int
    }
    struct Skipped: Decodable {
      let path: String
      let reason: String
    }
    let images: Int
    let skipped: [Skipped]
    let top1: Double
    let top5: Double
    let perClass: [ClassFigures]
  }

  struct Picture: Decodable {
    struct Guess: Decodable {
      let `class`: String
      let probability: Double
    }
    let path: String
    let predictions: [Guess]
  }

  @Test("Three commands lead from photos to a model that tells them apart")
  func threeCommands() throws {
    try TestData.withTemporaryFolder { folder in
      try Pictures.copy(classes: 4, perClass: 20, to: folder.appending(path: "photos"))
      try Pictures.copy(Pictures.val, classes: 4, perClass: 10, to: folder.appending(path: "held-out"))
      let extract = try Program.run(["extract", "photos", "-o", "features.h5"], in: folder)
      #expect(extract.status == 0, "\(extract.errors)")
      #expect(extract.output == "", "results only go to standard output")
      #expect(extract.errors.contains("features.h5: 80 pictures"))
      #expect(try Program.run(["extract", "held-out", "-o", "test.h5", "--quiet"], in: folder).errors == "")
      let fit = try Program.run(
        ["fit", "features.h5", "-o", "model.h5", "--l2", "1e-3", "--test", "test.h5"], in: folder)
      #expect(fit.status == 0, "\(fit.errors)")
      #expect(fit.output.contains("training accuracy"))
      let predict = try Program.run(
        ["predict", "photos", "--model", "model.h5", "--top", "2", "--json"], in: folder)
      #expect(predict.status == 0, "\(predict.errors)")
      let pictures = try predict.json([Picture].self)
      #expect(pictures.count == 80)
      #expect(pictures.allSatisfy { $0.predictions.count == 2 })
      #expect(pictures.allSatisfy { $0.predictions[0].probability >= $0.predictions[1].probability })
      let right = pictures.filter { $0.path.contains("/\($0.predictions[0].class)/") }.count
      #expect(right >= 76, "\(right) of 80 training pictures")
      let evaluate = try Program.run(["evaluate", "held-out", "--model", "model.h5", "--json"], in: folder)
      #expect(evaluate.status == 0, "\(evaluate.errors)")
      let figures = try evaluate.json(Figures.self)
      #expect(figures.images == 40)
      #expect(figures.top1 > 0.7)
      #expect(figures.top5 == 1, "four classes are all among the first five")
      #expect(figures.perClass.map(\.support) == [10, 10, 10, 10])
      #expect(
        fit.output.contains(String(format: "%.1f %%", 100 * figures.top1)), "fit --test and evaluate agree")
      // A model averaged with itself is itself; crops are other opinions.
      func probabilities(_ options: [String]) throws -> [Double] {
        let arguments = ["predict", "held-out", "--model", "model.h5", "--json"] + options
        let run = try Program.run(arguments, in: folder)
        #expect(run.status == 0, "\(run.errors)")
        return try run.json([Picture].self).map { $0.predictions[0].probability }
      }
      let alone = try probabilities([])
      #expect(try probabilities(["--model", "model.h5"]) == alone)
      let cropped = try probabilities(["--crops", "5", "--scales", "96,128"])
      #expect(cropped.count == 40 && cropped != alone)
    }
  }

  @Test(
    "Features of pictures decoded fast and exactly do not get into one store, and a model remembers which")
  func fastDecoding() throws {
    try TestData.withTemporaryFolder { folder in
      try Pictures.copy(classes: 2, perClass: 4, to: folder.appending(path: "photos"))
      let fast = try Program.run(
        ["extract", "photos", "-o", "fast.h5", "--size", "32", "--decode", "fast"], in: folder)
      #expect(fast.status == 0, "\(fast.errors)")
      #expect(fast.errors.contains("decoded at a smaller size"))
      let exact = try Program.run(["extract", "photos", "-o", "fast.h5", "--size", "32"], in: folder)
      #expect(exact.status != 0 && exact.errors.contains("decoded at a smaller size"), "\(exact.errors)")
      let fit = try Program.run(["fit", "fast.h5", "-o", "model.h5", "--l2", "1e-3"], in: folder)
      #expect(fit.status == 0, "\(fit.errors)")
      let predict = try Program.run(["predict", "photos", "--model", "model.h5"], in: folder)
      #expect(
        predict.status == 0 && predict.errors.contains("decoded at a smaller size"), "\(predict.errors)")
      let overruled = try Program.run(
        ["predict", "photos", "--model", "model.h5", "--decode", "exact"], in: folder)
      #expect(!overruled.errors.contains("decoded at a smaller size"))
    }
  }

  @Test("Broken pictures are skipped and named, and the exit code is 2")
  func brokenPictures() throws {
    try TestData.withTemporaryFolder { folder in
      let photos = folder.appending(path: "photos")
      try Pictures.copy(classes: 2, perClass: 5, to: photos)
      let classes = try FileManager.default.contentsOfDirectory(atPath: photos.path).sorted()
      let broken = photos.appending(path: "\(classes[0])/broken.jpg")
      try Data("no picture".utf8).write(to: broken)
      try Data().write(to: photos.appending(path: "\(classes[1])/empty.png"))
      let extract = try Program.run(["extract", "photos", "-o", "features.h5"], in: folder)
      #expect(extract.status == 2)
      #expect(extract.errors.contains("photos/\(classes[0])/broken.jpg"))
      #expect(extract.errors.contains("photos/\(classes[1])/empty.png"))
      #expect(extract.errors.contains("2 inputs skipped"))
      #expect(try Program.run(["fit", "features.h5", "-o", "m.h5", "--l2", "0.01"], in: folder).status == 0)
      let evaluate = try Program.run(["evaluate", "photos", "--model", "m.h5", "--json"], in: folder)
      #expect(evaluate.status == 2)
      let figures = try evaluate.json(Figures.self)
      #expect(figures.images == 10)
      #expect(figures.skipped.count == 2)
      let predict = try Program.run(["predict", broken.path, "--model", "m.h5"], in: folder)
      #expect(predict.status == 2)
      #expect(predict.errors.contains("broken.jpg"))
    }
  }

  @Test("A store grows by new pictures only, loses those that are gone, and refuses other weights")
  func incremental() throws {
    try TestData.withTemporaryFolder { folder in
      let photos = folder.appending(path: "photos")
      try Pictures.copy(classes: 2, perClass: 4, to: photos)
      let store = folder.appending(path: "features.h5")
      #expect(try Program.run(["extract", "photos", "-o", "features.h5"], in: folder).status == 0)
      let before = try Data(contentsOf: store)
      let again = try Program.run(["extract", "photos", "-o", "features.h5"], in: folder)
      #expect(again.status == 0)
      #expect(again.errors.contains("0 computed now"), "\(again.errors)")
      #expect(try Data(contentsOf: store) == before, "nothing changed")
      let classes = try FileManager.default.contentsOfDirectory(atPath: photos.path).sorted()
      let files = try FileManager.default.contentsOfDirectory(
        atPath: photos.appending(path: classes[0]).path
      ).sorted()
      try FileManager.default.removeItem(at: photos.appending(path: "\(classes[0])/\(files[0])"))
      try FileManager.default.copyItem(
        at: Pictures.val.appending(path: "\(classes[1])").appending(
          path: try #require(
            try FileManager.default.contentsOfDirectory(atPath: Pictures.val.appending(path: classes[1]).path)
              .sorted().first)), to: photos.appending(path: "\(classes[1])/new.jpg"))
      let changed = try Program.run(["extract", "photos", "-o", "features.h5"], in: folder)
      #expect(changed.errors.contains("8 pictures, 1 computed now, 1 gone"), "\(changed.errors)")
      let refused = try Program.run(
        ["extract", "photos", "-o", "features.h5", "--weights", "random"], in: folder)
      #expect(refused.status == 1)
      #expect(refused.errors.contains("random:0"), "\(refused.errors)")
      let resized = try Program.run(
        ["extract", "photos", "-o", "features.h5", "--resize", "nearest"], in: folder)
      #expect(resized.status == 1)
      #expect(resized.errors.contains("preprocessing"), "\(resized.errors)")
    }
  }

  @Test("Features are the same bits for every batch size and number of threads")
  func sameBits() throws {
    try TestData.withTemporaryFolder { folder in
      try Pictures.copy(classes: 3, perClass: 5, to: folder.appending(path: "photos"))
      var stores: [Data] = []
      for (batch, threads) in [("32", "2"), ("1", "1"), ("4", "3"), ("7", "2")] {
        let run = try Program.run(
          ["extract", "photos", "-o", "\(batch).h5", "--batch", batch, "--threads", threads], in: folder)
        #expect(run.status == 0, "\(run.errors)")
        stores.append(try Data(contentsOf: folder.appending(path: "\(batch).h5")))
      }
      #expect(Set(stores).count == 1)
    }
  }

  @Test("Several layers in one pass, feature maps, half precision, NumPy and CSV")
  func formats() throws {
    try TestData.withTemporaryFolder { folder in
      try Pictures.copy(classes: 2, perClass: 2, to: folder.appending(path: "photos"))
      let layers = ["--layer", "conv_pw_5_relu", "--layer", "conv_pw_13_relu"]
      let two = try Program.run(["extract", "photos", "-o", "two.h5"] + layers, in: folder)
      #expect(two.status == 0, "\(two.errors)")
      let inspect = try Program.run(["inspect", "two.h5"], in: folder)
      #expect(inspect.output.contains("conv_pw_5_relu: 64"), "\(inspect.output)")
      #expect(inspect.output.contains("conv_pw_13_relu: 256"))
      let unclear = try Program.run(["fit", "two.h5", "-o", "m.h5"], in: folder)
      #expect(unclear.status == 1)
      #expect(unclear.errors.contains("--layer"), "\(unclear.errors)")
      let maps = try Program.run(
        ["extract", "photos", "-o", "maps.h5", "--pooling", "none", "--precision", "float16"], in: folder)
      #expect(maps.status == 0, "\(maps.errors)")
      #expect(try Program.run(["inspect", "maps.h5"], in: folder).output.contains("4 × 4 × 256"))
      #expect(try Program.run(["extract", "photos", "-o", "f.npy"], in: folder).status == 0)
      let npy = try Data(contentsOf: folder.appending(path: "f.npy"))
      #expect(npy.starts(with: [0x93] + Array("NUMPY".utf8)))
      #expect(String(decoding: npy.prefix(128), as: UTF8.self).contains("(4, 256)"))
      #expect(try Program.run(["extract", "photos", "-o", "f.csv"], in: folder).status == 0)
      let csv = try String(contentsOf: folder.appending(path: "f.csv"), encoding: .utf8)
      #expect(csv.split(separator: "\n").count == 5, "a heading and four pictures")
      let other = try Program.run(["extract", "photos", "-o", "f.txt"], in: folder)
      #expect(other.status == 1 || other.status == 64)
      #expect(other.errors.contains(".csv"), "\(other.errors)")
    }
  }
}
