internal import GraftData
internal import GraftImage
internal import GraftTensor
internal import GraftTraining

/// What a network should say about pictures for a task.
struct TaskTargets: Sendable {
  var task: PictureTask
  /// The number of outputs.
  var outputs: Int

  /// The targets of pictures.
  ///
  /// - Parameter view: what the network is shown of each, for boxes.
  func targets(
    _ pictures: SoundPictures, _ chosen: some Collection<Int>, view: (Int) -> PictureView
  ) -> TrainingTargets {
    switch task {
    case .classes:
      return .classes(chosen.map { pictures.strata[$0] })
    case .labels:
      var marks = [Float](repeating: 0, count: chosen.count * outputs)
      for (row, index) in chosen.enumerated() {
        for mark in pictures.items[index].marks ?? [] { marks[row * outputs + mark] = 1 }
      }
      return .rows(Tensor(shape: [chosen.count, outputs], scalars: marks))
    case .boxes:
      let rows = chosen.flatMap { index in
        pictures.items[index].box.map { view(index)($0).coordinates.map { Float($0) } } ?? [0, 0, 0, 0]
      }
      return .rows(Tensor(shape: [chosen.count, 4], scalars: rows))
    }
  }

  /// The loss for the task in place of one for classes; what it says of label smoothing holds on for several labels.
  func loss(_ loss: Loss) -> Loss {
    guard loss.form == .softmax else { return loss }
    return switch task {
    case .classes: loss
    case .labels: .binaryCrossEntropy(labelSmoothing: loss.labelSmoothing, classWeights: loss.classWeights)
    case .boxes: .smoothL1(delta: Self.boxDelta)
    }
  }

  /// From which distance on, in shares of the picture's side, a box pulls with a force that no longer grows: boxes that
  /// are a tenth off are as wrong as they come, or drawn wrong.
  private static let boxDelta = 0.1
}

extension PictureSupply {
  /// How often changes are drawn anew because they push a box out of sight.
  private static let attempts = 10
  /// The share of a box that stays in sight.
  private static let visibleShare = 0.5

  /// The counters that the random changes of a picture are drawn from; nil where it stays as it is. Changes that leave
  /// less than half of a picture's box in sight are drawn again, and not made if ten are no better.
  func draw(_ pictures: SoundPictures, _ index: Int, _ draws: Draws) -> AugmentationDraw? {
    var draw = AugmentationDraw(seed: seed, epoch: 0, picture: pictures.number(index))
    switch draws {
    case .none: return nil
    case .epoch(let epoch): draw.epoch = epoch
    case .view(let view): draw.view = view
    }
    guard let box = pictures.items[index].box, pictures.sizes.indices.contains(index) else { return draw }
    let first = draw.view
    for attempt in 0..<Self.attempts {
      // Views are fewer than this.
      draw.view = first + attempt * 1_000_000
      let placed = view(pictures, index, draw)(box)
      if placed.clipped.area >= Self.visibleShare * placed.area { return draw }
    }
    return nil
  }

  /// What the network is shown of a picture.
  func view(_ pictures: SoundPictures, _ index: Int, _ draw: AugmentationDraw?) -> PictureView {
    guard pictures.sizes.indices.contains(index) else { return .whole }
    let (width, height) = pictures.sizes[index]
    guard let draw else { return preprocessing.view(width: width, height: height, size: size) }
    return preprocessing.view(
      width: width, height: height, size: size, augmentation: augmentation, draw: draw)
  }

  /// What should be said of pictures.
  func targets(
    _ pictures: SoundPictures, _ chosen: some Collection<Int>, _ draws: Draws
  ) -> TrainingTargets {
    targets.targets(pictures, chosen) { view(pictures, $0, draw(pictures, $0, draws)) }
  }
}
