/// What an augmentation does to the places of a picture, drawn.
struct AugmentationGeometry {
  /// The part of the picture that is taken.
  enum Frame {
    case box(CropBox)
    case jitter(JitterBox)
  }

  /// The part that takes the place of the preprocessing's; nil where none is chosen.
  var frame: Frame?
  /// What happens to it then.
  var shape = AffineMap.identity
}

extension Augmentation {
  /// The changes of a picture that concern places, for these counters.
  func geometry(width: Int, height: Int, size: Int, draw: AugmentationDraw) -> AugmentationGeometry {
    var geometry = AugmentationGeometry()
    var seen: [Kind: Int] = [:]
    for step in steps {
      let occurrence = seen[step.kind, default: 0]
      seen[step.kind] = occurrence + 1
      var generator = draw.generator(for: step.kind, occurrence: occurrence)
      let values = step.values
      switch step.kind {
      case .crop: geometry.frame = .box(box(width: width, height: height, draw: draw))
      case .scaleJitter:
        geometry.frame = .jitter(
          .random(width: width, height: height, size: size, shortSide: values[0]...values[1], &generator))
      case .flip, .verticalFlip, .rotation, .translation, .shear:
        geometry.shape = geometry.shape.then(.drawn(step.kind, values[0], size: size, &generator))
      case .brightness, .contrast, .saturation, .hue, .pcaColor, .cutout: break
      }
    }
    return geometry
  }
}
