/// Random changes to training pictures that leave their class as it is: a value, composed of steps.
///
/// ```swift
/// let augmentation = Augmentation.crop(scale: 0.6...1).then(.flip).then(.color(brightness: 0.2))
/// let picture = augmentation.apply(to: photo, size: 224, draw: AugmentationDraw(seed: 1, epoch: 0, picture: 7))
/// ```
///
/// Whatever the order in which steps are written, the part of the picture is chosen first (`crop`, `scaleJitter`;
/// without one of them, the resize of the preprocessing), then all changes of shape are made as one map, then those
/// of colour, then cutouts; among changes of shape and among those of colour the written order holds. All numbers are
/// drawn from the counters of an `AugmentationDraw`.
public struct Augmentation: Sendable, Hashable {
  /// One change and its numbers, in the order of `Kind.parameters`.
  struct Step: Sendable, Hashable {
    var kind: Kind
    var values: [Double]
  }

  let steps: [Step]

  /// Nothing is changed.
  public static let none = Augmentation(steps: [])

  /// Whether nothing is changed.
  public var isEmpty: Bool { steps.isEmpty }

  init(steps: [Step]) { self.steps = steps }

  /// One step.
  ///
  /// - Precondition: the numbers are among those that the kind takes.
  private init(_ kind: Kind, _ values: Double...) {
    if let problem = kind.problem(with: values) { preconditionFailure(problem) }
    self.init(steps: [Step(kind: kind, values: values)])
  }

  /// Returns these changes followed by others. Of several steps that choose the part of the picture, the last counts.
  public func then(_ next: Augmentation) -> Augmentation { Augmentation(steps: steps + next.steps) }
}

// MARK: - The part of the picture

extension Augmentation {
  /// A random part of the picture, squeezed to the network's square: of a random share of the area and a random aspect
  /// (logarithmically uniform), at a random place. torchvision's `RandomResizedCrop` (Szegedy et al., 2015, arXiv
  /// 1409.4842, section 6): ten attempts to find a box that fits, then the largest one in the centre. The box is
  /// squeezed bilinearly with antialias; pixels outside it are not touched.
  ///
  /// - Parameters:
  ///   - scale: the share of the area, above 0 and up to 1. ImageNet is trained from nothing with 0.08...1; a network
  ///     that only adapts to some hundred pictures does better with more of each.
  ///   - aspect: width over height, from 0.01 to 100.
  /// - Precondition: both ranges lie within these bounds.
  public static func crop(
    scale: ClosedRange<Double> = 0.5...1, aspect: ClosedRange<Double> = 3.0 / 4...4.0 / 3
  ) -> Augmentation {
    Augmentation(.crop, scale.lowerBound, scale.upperBound, aspect.lowerBound, aspect.upperBound)
  }

  /// A random square of the network's size out of the picture after its shorter side was made a random number of
  /// pixels, its aspect kept (Simonyan and Zisserman, 2015, arXiv 1409.1556, section 3.1).
  ///
  /// - Parameter shortSide: pixels for a network of 224 x 224, from 224 to 8192; for one of another size, as many
  ///   times more or less.
  /// - Precondition: the range lies within these bounds.
  public static func scaleJitter(shortSide: ClosedRange<Int> = 256...480) -> Augmentation {
    Augmentation(.scaleJitter, Double(shortSide.lowerBound), Double(shortSide.upperBound))
  }
}

// MARK: - Shape

extension Augmentation {
  /// Left and right exchanged, for every second picture.
  public static let flip = flip(probability: 0.5)

  /// Left and right exchanged.
  ///
  /// - Parameter probability: how often, from 0 to 1.
  /// - Precondition: it lies within these bounds.
  public static func flip(probability: Double) -> Augmentation { Augmentation(.flip, probability) }

  /// Top and bottom exchanged: for pictures without an up, such as those from a microscope or the air.
  ///
  /// - Parameter probability: how often, from 0 to 1.
  /// - Precondition: it lies within these bounds.
  public static func verticalFlip(probability: Double = 0.5) -> Augmentation {
    Augmentation(.verticalFlip, probability)
  }

  /// A turn about the centre by an angle from -`degrees` to `degrees`; corners that become empty are filled with the
  /// picture's mirror image.
  ///
  /// - Precondition: `degrees` is from 0 to 180.
  public static func rotation(degrees: Double = 10) -> Augmentation { Augmentation(.rotation, degrees) }

  /// A shift by up to `fraction` of the side in either direction, in whole pixels; what becomes empty is filled with
  /// the picture's mirror image.
  ///
  /// - Precondition: `fraction` is from 0 to 1.
  public static func translation(_ fraction: Double = 0.1) -> Augmentation {
    Augmentation(.translation, fraction)
  }

  /// A slant: rows are shifted in proportion to their distance from the centre, by the tangent of an angle from
  /// -`degrees` to `degrees`; what becomes empty is filled with the picture's mirror image.
  ///
  /// - Precondition: `degrees` is from 0 to 80.
  public static func shear(degrees: Double = 10) -> Augmentation { Augmentation(.shear, degrees) }
}

// MARK: - Colour

extension Augmentation {
  /// Values times a factor from 1 - `amount` to 1 + `amount`: Pillow's `ImageEnhance.Brightness`.
  ///
  /// - Precondition: `amount` is from 0 to 1.
  public static func brightness(_ amount: Double = 0.2) -> Augmentation { Augmentation(.brightness, amount) }

  /// Distances from the picture's mean grey times a factor from 1 - `amount` to 1 + `amount`: Pillow's
  /// `ImageEnhance.Contrast`.
  ///
  /// - Precondition: `amount` is from 0 to 1.
  public static func contrast(_ amount: Double = 0.2) -> Augmentation { Augmentation(.contrast, amount) }

  /// Distances from the pixel's own grey times a factor from 1 - `amount` to 1 + `amount`: Pillow's
  /// `ImageEnhance.Color`.
  ///
  /// - Precondition: `amount` is from 0 to 1.
  public static func saturation(_ amount: Double = 0.2) -> Augmentation { Augmentation(.saturation, amount) }

  /// Hues moved around their circle by -`amount` to `amount` of it, value and saturation kept.
  ///
  /// - Precondition: `amount` is from 0 to 0.5.
  public static func hue(_ amount: Double = 0.05) -> Augmentation { Augmentation(.hue, amount) }

  /// Brightness, contrast, saturation and hue after one another; those of amount 0 are left out.
  ///
  /// - Precondition: the amounts are from 0 to 1, that of the hue to 0.5.
  public static func color(
    brightness: Double = 0.2, contrast: Double = 0.2, saturation: Double = 0.2, hue: Double = 0
  ) -> Augmentation {
    let all: [Augmentation] = [
      .brightness(brightness), .contrast(contrast), .saturation(saturation), .hue(hue),
    ]
    return Augmentation(steps: all.flatMap(\.steps).filter { $0.values != [0] })
  }

  /// One colour added to all pixels, drawn along the principal components of ImageNet's colours: a number from the
  /// normal distribution of this deviation times the eigenvalue for each (Krizhevsky et al., 2012, "ImageNet
  /// classification with deep convolutional neural networks", section 4.1; the paper has 0.1).
  ///
  /// - Precondition: `deviation` is from 0 to 10.
  public static func pcaColor(deviation: Double = 0.1) -> Augmentation { Augmentation(.pcaColor, deviation) }
}

// MARK: - Covering

extension Augmentation {
  /// A square covered with ImageNet's mean colour, its centre anywhere in the picture, parts of it perhaps outside
  /// (DeVries and Taylor, 2017, arXiv 1708.04552).
  ///
  /// - Parameter fraction: the square's side as a share of the picture's, from 0 to 1.
  /// - Precondition: it lies within these bounds.
  public static func cutout(_ fraction: Double = 0.25) -> Augmentation { Augmentation(.cutout, fraction) }
}
