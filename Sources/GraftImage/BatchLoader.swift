internal import Foundation

/// Decodes and prepares pictures ahead of their use, on threads of its own, and hands them out in order.
///
/// Each picture is computed by itself, so its numbers depend neither on the number of threads nor on the batch.
/// At most two batches of prepared pictures wait, and each thread holds one decoded picture; of pictures
/// beyond 2^25 pixels only one is decoded at a time.
///
/// One thread calls `next()`. Letting go of the loader ends its threads after the pictures in hand.
public final class BatchLoader {
  /// A picture that gives no input.
  public struct Failure: Sendable, Hashable {
    /// Its position among the items.
    public let index: Int
    /// Its path.
    public let path: String
    /// Why it cannot be used, without the path.
    public let reason: String
  }

  /// A picture that was left alone because the caller has it already.
  public struct Known: Sendable, Hashable {
    /// Its position among the items.
    public let index: Int
    /// The SHA-256 digest of its file, 64 hexadecimal digits.
    public let digest: String
  }

  /// A run of items after one another.
  public struct Batch: Sendable {
    /// The positions of the items that this batch is about.
    public internal(set) var range: Range<Int>
    /// `count` x size x size x 3 values, or what else is made of each: the inputs of the good pictures, one after the
    /// other.
    public internal(set) var inputs: [Float] = []
    /// The positions of the good pictures among the items, ascending.
    public internal(set) var indices: [Int] = []
    /// The SHA-256 digests of the good pictures' files, 64 hexadecimal digits each.
    public internal(set) var digests: [String] = []
    /// The pictures that cannot be used.
    public internal(set) var failures: [Failure] = []
    /// The pictures that the caller has already.
    public internal(set) var known: [Known] = []
    /// How many of the good pictures were turned upright by their EXIF orientation.
    public internal(set) var orientedCount = 0

    /// How many good pictures there are.
    public var count: Int { indices.count }
  }

  private let queue: LoadingQueue
  private let batch: Int
  private let inputCount: Int

  /// Starts loading.
  ///
  /// - Parameters:
  ///   - items: the pictures.
  ///   - preprocessing: the way from pixels to inputs.
  ///   - size: the side of the network's input, at least 1.
  ///   - batch: items in a batch, at least 1; the last batch may have fewer.
  ///   - threads: how many pictures are decoded at the same time, at least 1.
  ///   - options: what to accept while decoding.
  ///   - augmentation: what is changed in each picture.
  ///   - draw: for an item's position, the counters from which its changes are drawn, nil for none; no closure leaves
  ///     all pictures as they are. Called on the loader's threads.
  ///   - isKnown: given an item's position and its file's digest, whether the caller has its result already, so
  ///     that it is not decoded. Called on the loader's threads.
  public convenience init(
    items: [ImageFolder.Item], preprocessing: Preprocessing, size: Int, batch: Int, threads: Int,
    options: Image.DecodingOptions = .init(), augmentation: Augmentation = .none,
    draw: (@Sendable (_ index: Int) -> AugmentationDraw?)? = nil,
    isKnown: (@Sendable (_ index: Int, _ digest: String) throws -> Bool)? = nil
  ) {
    precondition(size >= 1, "a network's input has at least 1 x 1 pixels, not \(size) x \(size)")
    self.init(
      items: items, inputCount: size * size * 3, batch: batch, threads: threads,
      // A crop out of a picture decoded at a smaller size could have too few pixels.
      options: draw == nil ? preprocessing.decodingOptions(options, size: size) : options, isKnown: isKnown
    ) { image, index in
      guard let draw = draw?(index) else { return preprocessing.input(from: image, size: size) }
      return preprocessing.input(from: image, size: size, augmentation: augmentation, draw: draw)
    }
  }

  /// Starts loading; what is made of a picture is up to the caller.
  ///
  /// - Parameters:
  ///   - inputCount: the numbers that are made of each picture.
  ///   - inputs: given a picture and its item's position, these numbers. Called on the loader's threads.
  package init(
    items: [ImageFolder.Item], inputCount: Int, batch: Int, threads: Int,
    options: Image.DecodingOptions = .init(),
    isKnown: (@Sendable (_ index: Int, _ digest: String) throws -> Bool)? = nil,
    inputs: @escaping @Sendable (_ image: Image, _ index: Int) -> [Float]
  ) {
    precondition(batch >= 1, "a batch has at least 1 picture, not \(batch)")
    precondition(threads >= 1, "pictures are loaded by at least 1 thread, not \(threads)")
    self.batch = batch
    self.inputCount = inputCount
    let pictureLoader = PictureLoader(items: items, options: options, inputs: inputs, isKnown: isKnown)
    let queue = LoadingQueue(count: items.count, window: max(2 * batch, threads))
    self.queue = queue
    for number in 0..<min(threads, items.count) {
      let thread = Thread {
        while let index = queue.take() { queue.put(pictureLoader.load(index), at: index) }
      }
      thread.name = "graft.decode.\(number)"
      thread.start()
    }
  }

  deinit { queue.cancel() }

  /// Returns the next batch, or nil after the last one; waits until it is there.
  ///
  /// A batch may have no good picture, when all of its items failed or were known.
  ///
  /// - Throws: what `isKnown` throws.
  public func next() throws -> Batch? {
    guard let (range, pictures) = queue.next(batch) else { return nil }
    var result = Batch(range: range)
    result.inputs.reserveCapacity(pictures.count * inputCount)
    for (index, picture) in zip(range, pictures) {
      switch picture.outcome {
      case .input(let values, let isOriented):
        result.inputs += values
        result.indices.append(index)
        result.digests.append(picture.digest ?? "")
        result.orientedCount += isOriented ? 1 : 0
      case .known:
        result.known.append(Known(index: index, digest: picture.digest ?? ""))
      case .unusable(let reason):
        result.failures.append(Failure(index: index, path: picture.path, reason: reason))
      case .stopped(let error):
        throw error
      }
    }
    return result
  }
}
