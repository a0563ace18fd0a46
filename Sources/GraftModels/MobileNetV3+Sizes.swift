internal import GraftGraph

extension MobileNetV3.Size {
  /// Table 2 of the paper.
  static let small = Self(
    name: "Small",
    blocks: [
      .init(expansion: 1, filters: 16, stride: 2, squeezes: true),
      .init(expansion: 72.0 / 16, filters: 24, stride: 2),
      .init(expansion: 88.0 / 24, filters: 24),
      .init(expansion: 4, filters: 40, wide: true, stride: 2, squeezes: true, swishes: true),
      .init(expansion: 6, filters: 40, wide: true, squeezes: true, swishes: true),
      .init(expansion: 6, filters: 40, wide: true, squeezes: true, swishes: true),
      .init(expansion: 3, filters: 48, wide: true, squeezes: true, swishes: true),
      .init(expansion: 3, filters: 48, wide: true, squeezes: true, swishes: true),
      .init(expansion: 6, filters: 96, wide: true, stride: 2, squeezes: true, swishes: true),
      .init(expansion: 6, filters: 96, wide: true, squeezes: true, swishes: true),
      .init(expansion: 6, filters: 96, wide: true, squeezes: true, swishes: true),
    ],
    headWidth: 1024)

  /// Table 1 of the paper.
  static let large = Self(
    name: "Large",
    blocks: [
      .init(expansion: 1, filters: 16),
      .init(expansion: 4, filters: 24, stride: 2),
      .init(expansion: 3, filters: 24),
      .init(expansion: 3, filters: 40, wide: true, stride: 2, squeezes: true),
      .init(expansion: 3, filters: 40, wide: true, squeezes: true),
      .init(expansion: 3, filters: 40, wide: true, squeezes: true),
      .init(expansion: 6, filters: 80, stride: 2, swishes: true),
      .init(expansion: 2.5, filters: 80, swishes: true),
      .init(expansion: 2.3, filters: 80, swishes: true),
      .init(expansion: 2.3, filters: 80, swishes: true),
      .init(expansion: 6, filters: 112, squeezes: true, swishes: true),
      .init(expansion: 6, filters: 112, squeezes: true, swishes: true),
      .init(expansion: 6, filters: 160, wide: true, stride: 2, squeezes: true, swishes: true),
      .init(expansion: 6, filters: 160, wide: true, squeezes: true, swishes: true),
      .init(expansion: 6, filters: 160, wide: true, squeezes: true, swishes: true),
    ],
    headWidth: 1280)
}
