internal import GraftSupport

extension Augmentation {
  /// Returns a picture of the network's size made of a photo, in place of the usual resize and centre crop.
  ///
  /// Without a step that chooses the part of the picture, that is the centre crop of `Preprocessing`'s default.
  ///
  /// - Parameters:
  ///   - image: a photo of any size.
  ///   - size: the side of the network's input, at least 1.
  ///   - draw: the counters from which random numbers are drawn.
  /// - Precondition: `size` is at least 1.
  public func apply(to image: Image, size: Int, draw: AugmentationDraw) -> Image {
    apply(to: image, size: size, draw: draw) { Preprocessing(mode: .none).centered(image, size: size) }
  }

  /// The same, with another picture of `size` x `size` pixels where no step chooses a part.
  func apply(to image: Image, size: Int, draw: AugmentationDraw, whole: () -> Image) -> Image {
    precondition(size >= 1, "a network's input has at least 1 x 1 pixels, not \(size) x \(size)")
    var seen: [Kind: Int] = [:]
    var colors: [(Image) -> Image] = []
    var covers: [(Image) -> Image] = []
    for step in steps {
      let occurrence = seen[step.kind, default: 0]
      seen[step.kind] = occurrence + 1
      var generator = draw.generator(for: step.kind, occurrence: occurrence)
      let values = step.values
      switch step.kind {
      case .crop, .scaleJitter, .flip, .verticalFlip, .rotation, .translation, .shear: break
      case .brightness:
        let factor = 1 + generator.symmetric(values[0])
        colors.append { $0.brightened(by: factor) }
      case .contrast:
        let factor = 1 + generator.symmetric(values[0])
        colors.append { $0.contrasted(by: factor) }
      case .saturation:
        let factor = 1 + generator.symmetric(values[0])
        colors.append { $0.saturated(by: factor) }
      case .hue:
        let turn = generator.symmetric(values[0])
        colors.append { $0.hueTurned(by: turn) }
      case .pcaColor:
        let shift = PrincipalColors.shift(deviation: values[0], &generator)
        colors.append { $0.shifted(by: shift) }
      case .cutout:
        let (x, y) = (generator.unit() * Double(size), generator.unit() * Double(size))
        covers.append { $0.covered(centerX: x, centerY: y, side: values[0] * Double(size)) }
      }
    }
    let geometry = geometry(width: image.width, height: image.height, size: size, draw: draw)
    let framed =
      switch geometry.frame {
      case nil: whole()
      case .box(let box):
        image.resized(columns: box.columns, rows: box.rows, width: size, height: size)
      case .jitter(let jitter):
        image.resized(
          width: jitter.width, height: jitter.height, columns: jitter.columns, rows: jitter.rows)
      }
    let shaped = framed.mapped(by: geometry.shape)
    return (colors + covers).reduce(shaped) { picture, change in change(picture) }
  }

  /// The part of a picture that the last crop among the steps takes; the whole picture if there is none.
  package func box(width: Int, height: Int, draw: AugmentationDraw) -> CropBox {
    let crops = steps.filter { $0.kind == .crop }
    guard let step = crops.last else { return CropBox(columns: 0..<width, rows: 0..<height) }
    var generator = draw.generator(for: .crop, occurrence: crops.count - 1)
    return CropBox.random(
      width: width, height: height, scale: step.values[0]...step.values[1],
      aspect: step.values[2]...step.values[3], &generator)
  }
}
