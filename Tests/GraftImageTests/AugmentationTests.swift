import Foundation
import GraftImage
import Testing
import _GraftTestSupport

@Suite("Augmentation")
struct AugmentationTests {
  private func draw(_ picture: Int, epoch: Int = 0, view: Int = 0, seed: UInt64 = 1) -> AugmentationDraw {
    AugmentationDraw(seed: seed, epoch: epoch, picture: picture, view: view)
  }

  /// A picture whose pixels tell their places: red is the column, green the row.
  private func places(_ width: Int, _ height: Int) -> Image {
    Image(
      width: width, height: height,
      pixels: (0..<height).flatMap { row in (0..<width).flatMap { [UInt8($0), UInt8(row), 0] } })
  }

  private static let everything = Augmentation.crop().then(.flip).then(.verticalFlip()).then(.rotation())
    .then(.translation()).then(.shear()).then(.color()).then(.hue()).then(.pcaColor()).then(.cutout())

  @Test("Equal counters give equal pictures, and each counter matters")
  func counters() {
    let image = noise(40, 30)
    let first = Self.everything.apply(to: image, size: 16, draw: draw(3))
    #expect(first.width == 16 && first.height == 16)
    #expect(Self.everything.apply(to: image, size: 16, draw: draw(3)) == first)
    for other in [draw(4), draw(3, epoch: 1), draw(3, view: 1), draw(3, seed: 2)] {
      #expect(Self.everything.apply(to: image, size: 16, draw: other) != first, "\(other)")
    }
  }

  @Test("Threads and order change nothing")
  func threads() async {
    let image = noise(40, 30)
    let alone = (0..<24).map { Self.everything.apply(to: image, size: 16, draw: draw($0)) }
    let together = await withTaskGroup(of: (Int, Image).self) { group in
      for picture in (0..<24).reversed() {
        group.addTask {
          let draw = AugmentationDraw(seed: 1, epoch: 0, picture: picture)
          return (picture, Self.everything.apply(to: image, size: 16, draw: draw))
        }
      }
      return await group.reduce(into: [Int: Image]()) { $0[$1.0] = $1.1 }
    }
    for (picture, image) in alone.enumerated() { #expect(together[picture] == image) }
  }

  @Test("Adding a step of another kind moves no other step's draws")
  func independence() {
    let image = places(100, 80)
    for picture in 0..<20 {
      let plain = Augmentation.crop().apply(to: image, size: 12, draw: draw(picture))
      // A brightness of no amount multiplies by 1.
      let more = Augmentation.brightness(0).then(.cutout(0)).then(.crop())
        .apply(to: image, size: 12, draw: draw(picture))
      #expect(plain == more)
    }
  }

  @Test("Without steps the picture is the usual centre crop, in every preprocessing")
  func none() {
    let image = noise(50, 37)
    for resize in ResizeMode.allCases {
      let preprocessing = Preprocessing(mode: .tf, resize: resize)
      #expect(
        preprocessing.input(from: image, size: 20, augmentation: .none, draw: draw(0))
          == preprocessing.input(from: image, size: 20))
      // A flip of probability 0 goes through bytes: half a grey level at most, and that only where values are not
      // bytes already.
      let bytes = preprocessing.input(
        from: image, size: 20, augmentation: .flip(probability: 0), draw: draw(0))
      let allowed: Float = resize == .keras ? 0.5001 / 127.5 : 0
      for (a, b) in zip(bytes, preprocessing.input(from: image, size: 20)) { #expect(abs(a - b) <= allowed) }
    }
    #expect(
      Augmentation.none.apply(to: image, size: 20, draw: draw(0))
        == Augmentation.flip(probability: 0).apply(to: image, size: 20, draw: draw(0)))
  }

  @Test("Half of all pictures are mirrored, each to its exact mirror image")
  func flips() {
    let image = noise(9, 9)
    let plain = Augmentation.none.apply(to: image, size: 8, draw: draw(0))
    var mirrored = 0
    for picture in 0..<2000 {
      let result = Augmentation.flip.apply(to: image, size: 8, draw: draw(picture))
      guard result != plain else { continue }
      mirrored += 1
      #expect(result == plain.mapped(by: AffineMap(xx: -1)))
    }
    // Within four standard deviations of 2000 throws of a coin.
    #expect(abs(mirrored - 1000) < 90, "\(mirrored) of 2000")
    #expect(Augmentation.flip(probability: 1).apply(to: image, size: 8, draw: draw(0)) != plain)
  }

  /// Draws boxes by cropping a picture that tells places.
  private func boxes(_ augmentation: Augmentation, width: Int, height: Int, count: Int) -> [CropBox] {
    (0..<count).map { draw($0) }.map { augmentation.box(width: width, height: height, draw: $0) }
  }

  @Test("Random crops have areas, aspects and places spread as asked")
  func crops() {
    let (width, height, count) = (400, 300, 4000)
    let boxes = boxes(.crop(scale: 0.2...0.6, aspect: 0.8...1.25), width: width, height: height, count: count)
    var areas = 0.0
    var logAspects = 0.0
    var lefts = 0.0
    var tops = 0.0
    for box in boxes {
      #expect(box.columns.lowerBound >= 0 && box.columns.upperBound <= width)
      #expect(box.rows.lowerBound >= 0 && box.rows.upperBound <= height)
      let area = Double(box.columns.count * box.rows.count) / Double(width * height)
      let aspect = Double(box.columns.count) / Double(box.rows.count)
      // Sides are rounded to whole pixels.
      #expect(area > 0.195 && area < 0.605)
      #expect(aspect > 0.79 && aspect < 1.265)
      areas += area
      logAspects += log(aspect)
      lefts += Double(box.columns.lowerBound) / Double(width - box.columns.count)
      tops += box.rows.count == height ? 0.5 : Double(box.rows.lowerBound) / Double(height - box.rows.count)
    }
    let n = Double(count)
    // Deviations of uniform numbers over 0.4, 0.45 and 1, times four, over the root of 4000.
    #expect(abs(areas / n - 0.4) < 0.0075, "\(areas / n)")
    #expect(abs(logAspects / n) < 0.009, "\(logAspects / n)")
    #expect(abs(lefts / n - 0.5) < 0.02 && abs(tops / n - 0.5) < 0.02)
  }

  @Test("Where no box fits, the largest of an allowed aspect is taken from the centre")
  func impossibleCrops() {
    for (width, height, columns, rows) in [(1000, 10, 493..<506, 0..<10), (10, 1000, 0..<10, 493..<506)] {
      for box in boxes(.crop(scale: 0.9...1), width: width, height: height, count: 50) {
        #expect(box == CropBox(columns: columns, rows: rows))
      }
    }
    for box in boxes(.crop(), width: 1, height: 1, count: 20) {
      #expect(box == CropBox(columns: 0..<1, rows: 0..<1))
    }
  }

  @Test("The cropped picture shows its box and nothing else")
  func cropShowsBox() {
    let image = places(200, 150)
    for picture in 0..<50 {
      let box = Augmentation.crop().box(width: 200, height: 150, draw: draw(picture))
      let result = Augmentation.crop().apply(to: image, size: 10, draw: draw(picture))
      #expect(
        result
          == image.cropped(columns: box.columns, rows: box.rows).resized(
            width: 10, height: 10, filter: .bilinear)
      )
    }
  }

  @Test("Scale jitter shows squares of between 224 / 480 and 224 / 256 of the shorter side, from anywhere")
  func jitter() {
    let image = places(250, 200)
    var widths: [Double] = []
    var lefts: [Double] = []
    for picture in 0..<300 {
      let result = Augmentation.scaleJitter().apply(to: image, size: 56, draw: draw(picture))
      let last = (56 * 55 + 55) * 3
      // Places at the first and last pixel's centre: 55 steps apart.
      widths.append(Double(result.pixels[last]) - Double(result.pixels[0]))
      lefts.append(Double(result.pixels[0]))
    }
    let largest = 200.0 * 224 / 256 * 55 / 56
    let smallest = 200.0 * 224 / 480 * 55 / 56
    #expect(widths.allSatisfy { $0 > smallest - 3 && $0 < largest + 3 })
    #expect((widths.max() ?? 0) > largest - 8 && (widths.min() ?? 999) < smallest + 4)
    #expect((lefts.max() ?? 0) > 120 && (lefts.min() ?? 999) < 5)
  }

  @Test("Colour amounts bound the factors that are drawn, and are spread evenly")
  func colors() {
    let grey = Image(width: 4, height: 4, pixels: [UInt8](repeating: 100, count: 48))
    let found = (0..<1000).map {
      Int(Augmentation.brightness(0.5).apply(to: grey, size: 4, draw: draw($0)).pixels[0])
    }
    #expect(found.allSatisfy { (50...150).contains($0) })
    let mean = Double(found.reduce(0, +)) / 1000
    // Fractions are dropped: half a level less. Four deviations of 100 / sqrt(12) / sqrt(1000).
    #expect(abs(mean - 99.5) < 3.7, "\(mean)")
    #expect(Set(found).count > 90)
    // Contrast and saturation leave an even grey alone.
    for kind in [Augmentation.contrast(1), .saturation(1), .hue(0.5)] {
      #expect(kind.apply(to: grey, size: 4, draw: draw(1)).pixels == grey.pixels)
    }
  }

  @Test("The colour shift has the spread of ImageNet's colours times the deviation")
  func principalColors() {
    let grey = Image(width: 1, height: 1, pixels: [128, 128, 128])
    let shifts = (0..<4000).map {
      Augmentation.pcaColor(deviation: 0.1).apply(to: grey, size: 1, draw: draw($0)).pixels
        .map { Double($0) - 128 }
    }
    // Variance of a channel: the sum of squares of direction x scale x 0.1 x 255, and 1/12 of rounding.
    let scales = [0.2175, 0.0188, 0.0045]
    for (channel, row) in [
      [-0.5675, 0.7192, 0.4009], [-0.5808, -0.0045, -0.8140], [-0.5836, -0.6948, 0.4203],
    ].enumerated() {
      let expected = zip(row, scales).reduce(1.0 / 12) { $0 + pow($1.0 * $1.1 * 25.5, 2) }
      let variance = shifts.reduce(0) { $0 + $1[channel] * $1[channel] } / 4000
      #expect(abs(variance / expected - 1) < 0.1, "channel \(channel): \(variance), \(expected)")
    }
  }

  @Test("A rotation of 0 degrees and a translation of nothing change nothing; 180 degrees stay in bounds")
  func shapes() {
    let image = noise(30, 30)
    let plain = Augmentation.none.apply(to: image, size: 24, draw: draw(0))
    let idle = Augmentation.rotation(degrees: 0).then(.translation(0)).then(.shear(degrees: 0))
    #expect(idle.apply(to: image, size: 24, draw: draw(0)) == plain)
    for picture in 0..<20 {
      let wild = Augmentation.rotation(degrees: 180).then(.translation(1)).then(.shear(degrees: 80))
        .apply(to: image, size: 24, draw: draw(picture))
      #expect(wild != plain && wild.width == 24)
    }
    // A shift keeps values: whole pixels, no interpolation.
    let before = Set(plain.pixels)
    let shifted = Augmentation.translation(0.5).apply(to: image, size: 24, draw: draw(5))
    #expect(shifted != plain && Set(shifted.pixels).isSubset(of: before))
  }

  @Test("A loader's pictures are changed by their own counters")
  func loader() throws {
    let items = ["baseline-444.jpg", "rgb-8.png", "grey.jpg"].map {
      ImageFolder.Item(path: Golden.picturePath($0), label: 0)
    }
    let preprocessing = Preprocessing(mode: .tf)
    let loader = BatchLoader(
      items: items, preprocessing: preprocessing, size: 12, batch: 2, threads: 2,
      augmentation: Self.everything, draw: { AugmentationDraw(seed: 9, epoch: 4, picture: 100 + $0) })
    var inputs: [Float] = []
    while let batch = try loader.next() { inputs += batch.inputs }
    let expected = try items.indices.flatMap {
      preprocessing.input(
        from: try Image(contentsOf: items[$0].path), size: 12, augmentation: Self.everything,
        draw: draw(100 + $0, epoch: 4, seed: 9))
    }
    #expect(inputs == expected)
  }
}
