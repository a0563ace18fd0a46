extension Preprocessing {
  /// Returns the network's input for a changed picture: `size` x `size` x 3 values, rows first, channels last.
  ///
  /// A `crop` or `scaleJitter` takes the place of `resize`; otherwise `resize` is done, its result rounded to bytes,
  /// and changed. Without any step it is `input(from:size:)`.
  ///
  /// - Precondition: `size` is at least 1.
  public func input(
    from image: Image, size: Int, augmentation: Augmentation, draw: AugmentationDraw
  ) -> [Float] {
    precondition(size >= 1, "a network's input has at least 1 x 1 pixels, not \(size) x \(size)")
    let count = size * size * 3
    return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      let target = UnsafeMutableBufferPointer(rebasing: buffer[0..<count])
      if augmentation.isEmpty {
        input(from: image, size: size, into: target)
      } else {
        let changed = augmentation.apply(to: image, size: size, draw: draw) { framed(image, size: size) }
        write(changed, into: target)
      }
      initialized = count
    }
  }

  /// The picture of the network's size before the arithmetic, in bytes.
  package func framed(_ image: Image, size: Int) -> Image {
    switch resize {
    case .antialias: return centered(image, size: size)
    case .crop: return image.centerCropped(size: size)
    case .nearest: return image.resized(width: size, height: size, filter: .nearest)
    case .squeeze: return image.resized(width: size, height: size)
    case .keras:
      return withUnsafeTemporaryAllocation(of: Float.self, capacity: size * size * 3) { values in
        image.resizedLikeKeras(width: size, height: size, into: values)
        return Image(width: size, height: size) { target in
          for index in 0..<values.count { target[index] = UInt8(min(max(values[index] + 0.5, 0), 255)) }
        }
      }
    }
  }
}
