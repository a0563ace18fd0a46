import Foundation
import GraftImage
import GraftSupport
import Testing
import _GraftTestSupport

@Suite("Looking through a data set")
struct PictureCheckTests {
  /// A smooth picture that differs from that of another seed as photos do.
  static func scene(_ seed: UInt64, width: Int = 104, height: Int = 80) -> Image {
    var random = SeededGenerator(seed: seed, stream: "scene")
    func draw() -> Double { Double(random.below(10000)) / 10000 }
    let blobs = (0..<12).map { _ in
      (x: draw(), y: draw(), size: 0.05 + draw() / 5, color: (0..<3).map { _ in draw() * 300 - 150 })
    }
    return Image(width: width, height: height) { target in
      for y in 0..<height {
        for x in 0..<width {
          for channel in 0..<3 {
            var value = 128.0
            for blob in blobs {
              let (dx, dy) = (Double(x) / Double(width) - blob.x, Double(y) / Double(height) - blob.y)
              value += blob.color[channel] * exp(-(dx * dx + dy * dy) / (2 * blob.size * blob.size))
            }
            target[(y * width + x) * 3 + channel] = UInt8(min(max(value, 0), 255))
          }
        }
      }
    }
  }

  private func write(_ bytes: [UInt8], _ path: String, in folder: URL) throws {
    let url = folder.appending(path: path)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
  }

  private func check(_ folder: URL) throws -> PictureCheckReport {
    try PictureCheck().run(on: PictureParts(folder.path))
  }

  /// The findings of a kind, as the names of their files.
  private func names(_ report: PictureCheckReport, _ kind: PictureFinding.Kind) -> [[String]] {
    report.findings.filter { $0.kind == kind }.map { finding in
      finding.pictures.map { $0.path.split(separator: "/").suffix(3).joined(separator: "/") }
    }
  }

  @Test("Pictures that have nothing to do with each other give no finding")
  func clean() throws {
    try TestData.withTemporaryFolder { folder in
      for number in 0..<40 {
        let part = number < 24 ? "train" : "val"
        try write(
          Self.scene(UInt64(number)).jpeg(), "\(part)/\(["a", "b"][number % 2])/\(number).jpg", in: folder)
      }
      let report = try check(folder)
      #expect(report.findings.isEmpty && report.isClean, "\(report.findings)")
      #expect(report.pictures == 40 && report.readable == 40 && report.shorterSides == 80...80)
      #expect(report.parts.map(\.name) == ["train", "val"])
      #expect(report.parts[0].classes.map(\.pictures) == [12, 12])
    }
  }

  @Test("Copies are found by bytes, by pixels and by eye, and told by where they lie")
  func copies() throws {
    try TestData.withTemporaryFolder { folder in
      for number in 0..<24 {
        let part = number < 16 ? "train" : "val"
        try write(
          Self.scene(UInt64(number)).jpeg(), "\(part)/\(["a", "b"][number % 2])/\(number).jpg", in: folder)
      }
      let scene = Self.scene(2)
      // A byte behind the end of the picture makes another file of the same pixels.
      try write(Self.scene(0).jpeg() + [0], "train/a/pixels.jpg", in: folder)
      try write(Self.scene(1).jpeg(), "val/b/bytes.jpg", in: folder)
      try write(
        scene.resized(width: 91, height: 70).jpeg(quality: 40), "train/b/smaller.jpg", in: folder)
      try write(Self.scene(3).oriented(.mirrored).jpeg(quality: 60), "val/b/mirrored.jpg", in: folder)
      let report = try check(folder)
      #expect(names(report, .duplicate) == [["train/a/0.jpg", "train/a/pixels.jpg"]])
      #expect(
        names(report, .leak) == [
          ["train/b/1.jpg", "val/b/bytes.jpg"], ["train/b/3.jpg", "val/b/mirrored.jpg"],
        ])
      #expect(names(report, .conflict) == [["train/a/2.jpg", "train/b/smaller.jpg"]])
      #expect(report.findings.compactMap(\.sameness).sorted() == [.bytes, .pixels, .near, .mirrored])
      #expect(report.findings.count == 4 && !report.isClean, "\(report.findings)")
      // Without looks, the same bytes alone count.
      let bytes = try PictureCheck(likeness: 2).run(on: PictureParts(folder.path))
      #expect(bytes.findings.map(\.sameness) == [.bytes])
    }
  }

  @Test("A grey copy of a coloured picture is found, and one picture in three files is one finding")
  func chains() throws {
    try TestData.withTemporaryFolder { folder in
      let scene = Self.scene(7)
      let grey = Image(width: scene.width, height: scene.height) { target in
        for pixel in 0..<scene.width * scene.height {
          let values = scene.pixels[3 * pixel..<3 * pixel + 3].map { Double($0) }
          let light = UInt8(0.299 * values[0] + 0.587 * values[1] + 0.114 * values[2])
          for channel in 0..<3 { target[3 * pixel + channel] = light }
        }
      }
      try write(scene.jpeg(), "1.jpg", in: folder)
      try write(grey.jpeg(), "2.jpg", in: folder)
      try write(scene.jpeg(quality: 30), "3.jpg", in: folder)
      let report = try check(folder)
      #expect(report.findings.map(\.pictures.count) == [3])
      #expect(report.findings.map(\.kind) == [.duplicate])
    }
  }

  @Test("Damage, strangers and oddities are told apart")
  func faults() throws {
    try TestData.withTemporaryFolder { folder in
      for number in 0..<6 {
        try write(Self.scene(UInt64(number)).jpeg(), "a/\(number).jpg", in: folder)
      }
      try write(Array(Self.scene(10).jpeg().dropLast(900)), "a/cut.jpg", in: folder)
      try write(Array("hello".utf8), "a/text.jpg", in: folder)
      try write([], "a/empty.png", in: folder)
      try write(Array("GIF89a".utf8), "a/moving.gif", in: folder)
      try write(Self.scene(11).jpeg(), "a/really.png", in: folder)
      try write(Self.scene(12, width: 63, height: 80).jpeg(), "a/small.jpg", in: folder)
      try write(
        Image(width: 100, height: 100, pixels: [UInt8](repeating: 90, count: 30000)).jpeg(), "a/blank.jpg",
        in: folder)
      try FileManager.default.createSymbolicLink(
        atPath: folder.appending(path: "a/nowhere.jpg").path, withDestinationPath: "gone.jpg")
      for name in ["cmyk-adobe.jpg", "orientation-6.jpg"] {
        try write(Golden.pictureBytes(name), "a/\(name)", in: folder)
      }
      let report = try check(folder)
      func found(_ kind: PictureFinding.Kind) -> Set<String> {
        Set(names(report, kind).joined().compactMap { $0.split(separator: "/").last.map(String.init) })
      }
      #expect(found(.truncated) == ["cut.jpg", "empty.png"])
      #expect(found(.unsupported) == ["text.jpg"])
      #expect(found(.leftOut) == ["moving.gif", "nowhere.jpg"])
      #expect(found(.wrongExtension) == ["really.png"])
      #expect(found(.tiny) == ["small.jpg", "cmyk-adobe.jpg", "orientation-6.jpg"])
      #expect(found(.blank) == ["blank.jpg"])
      #expect(found(.turned) == ["orientation-6.jpg"])
      #expect(found(.mode).contains("cmyk-adobe.jpg"))
      #expect(report.readable == report.pictures - 3)
    }
  }

  @Test(
    "Kinds of pixels are named", arguments: [("rgb-16.png", "16 bits"), ("rgb-alpha-8.png", "transparency")])
  func modes(_ name: String, _ word: String) throws {
    try TestData.withTemporaryFolder { folder in
      try write(Golden.pictureBytes(name), name, in: folder)
      let report = try PictureCheck(tinySide: 0).run(on: PictureParts(folder.path))
      #expect(report.findings.contains { $0.kind == .mode && $0.detail.contains(word) }, "\(report.findings)")
      #expect(report.isClean, "remarks alone leave a data set clean")
    }
  }

  @Test("Classes that are missing, small or out of balance are named, from folders and from a table")
  func classes() throws {
    try TestData.withTemporaryFolder { folder in
      var lines: [String] = []
      var seed: UInt64 = 100
      for (path, count) in [
        ("train/a", 20), ("train/b", 5), ("train/c", 2), ("val/a", 2), ("val/b", 2), ("val/d", 1),
      ] {
        for number in 0..<count {
          seed += 1
          try write(Self.scene(seed).jpeg(), "data/\(path)/\(number).jpg", in: folder)
          let (part, label) = (path.split(separator: "/")[0], path.split(separator: "/")[1])
          lines.append("data/\(path)/\(number).jpg,\(label),\(part)")
        }
      }
      try write(Array(lines.joined(separator: "\n").utf8), "data.csv", in: folder)
      for data in ["data", "data.csv"] {
        let report = try check(folder.appending(path: data))
        #expect(
          report.findings.map(\.kind) == [.untrainedClass, .unjudgedClass, .smallClass, .imbalance], "\(data)"
        )
        for (finding, word) in zip(report.findings, ["class d", "class c", "class c", "a has 20"]) {
          #expect(finding.detail.contains(word), "\(finding.detail)")
        }
      }
    }
  }

  @Test("Hashes that differ in up to 11 bits are found, each once, and no others")
  func index() {
    var random = SeededGenerator(seed: 5)
    var hashes = (0..<400).map { _ in random.next() }
    for number in 0..<400 {
      // Near ones, at all distances up to 15.
      hashes.append(
        (0..<number % 16).reduce(hashes[number]) { hash, _ in hash ^ 1 << UInt64(random.below(64)) })
    }
    hashes.append(hashes[0])
    let index = HashIndex(hashes)
    for hash in hashes.prefix(400) {
      var found: [Int] = []
      index.forEachNeighbour(of: hash) { found.append($0) }
      let expected = hashes.indices.filter { (hashes[$0] ^ hash).nonzeroBitCount <= HashIndex.radius }
      #expect(found.sorted() == expected)
    }
  }

  @Test("What is found does not depend on the number of threads; throwing from progress stops")
  func threads() throws {
    try TestData.withTemporaryFolder { folder in
      for number in 0..<30 {
        try write(Self.scene(UInt64(number % 20)).jpeg(), "\(number).jpg", in: folder)
      }
      let threads = ThreadPool.threads
      defer { ThreadPool.threads = threads }
      let encoder = JSONEncoder()
      encoder.outputFormatting = .sortedKeys
      var results: Set<Data> = []
      for count in [1, 4] {
        ThreadPool.threads = count
        results.insert(try encoder.encode(check(folder)))
      }
      #expect(results.count == 1)
      struct Stop: Error {}
      #expect(throws: Stop.self) {
        try PictureCheck().run(on: PictureParts(folder.path)) { done, _ in if done > 0 { throw Stop() } }
      }
    }
  }
}
