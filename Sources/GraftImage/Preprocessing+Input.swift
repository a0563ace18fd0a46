extension Preprocessing {
  /// How much larger than needed a picture stays that is decoded at a smaller size. At 2, the filter of the resizing
  /// decides; at 1 it hardly acts, and inputs differ twice as much from exact ones.
  private static let fastMargin = 2

  /// The options for decoding files that become inputs of `size` x `size` pixels.
  public func decodingOptions(
    _ options: Image.DecodingOptions = .init(), size: Int
  ) -> Image.DecodingOptions {
    var options = options
    // Without antialias, a picture made smaller before gives something else.
    if decoding == .fast, resize == .antialias {
      options.shortestSide = Self.fastMargin * shorterSide(for: size)
    }
    return options
  }

  /// The side in pixels that the shorter side gets before the centre crop of `.antialias`:
  /// `size` / `cropFraction` to the nearest whole number, and never less than `size`.
  public func shorterSide(for size: Int) -> Int {
    max(size, Int((Double(size) / cropFraction).rounded()))
  }

  /// Returns the network's input for a picture: `size` x `size` x 3 values, rows first, channels last.
  ///
  /// - Precondition: `size` is at least 1.
  public func input(from image: Image, size: Int) -> [Float] {
    precondition(size >= 1, "a network's input has at least 1 x 1 pixels, not \(size) x \(size)")
    return [Float](unsafeUninitializedCapacity: size * size * 3) { buffer, initialized in
      let count = size * size * 3
      input(from: image, size: size, into: UnsafeMutableBufferPointer(rebasing: buffer[0..<count]))
      initialized = count
    }
  }

  /// Writes the network's input for a picture: `size` x `size` x 3 values, rows first, channels last, in the
  /// mode's order of channels.
  ///
  /// `.antialias`: the shorter side becomes `shorterSide(for:)`, the longer one longer x that / shorter with
  /// the fraction dropped, and of this the centre `size` x `size` pixels, as torchvision's `Resize` and
  /// `CenterCrop` do. Only pixels inside the crop are computed.
  ///
  /// The arithmetic is that of Keras' `preprocess_input`, in Float32 and in its order of operations.
  ///
  /// - Precondition: `size` is at least 1 and `target` holds `size` x `size` x 3 values.
  public func input(from image: Image, size: Int, into target: UnsafeMutableBufferPointer<Float>) {
    precondition(size >= 1, "a network's input has at least 1 x 1 pixels, not \(size) x \(size)")
    precondition(
      target.count == size * size * 3,
      "an input of \(size) x \(size) x 3 values does not fit in a buffer of \(target.count)")
    switch resize {
    case .antialias:
      write(centered(image, size: size), into: target)
    case .crop:
      write(image.centerCropped(size: size), into: target)
    case .nearest:
      write(image.resized(width: size, height: size, filter: .nearest), into: target)
    case .squeeze:
      write(image.resized(width: size, height: size), into: target)
    case .keras:
      image.resizedLikeKeras(width: size, height: size, into: target)
      for pixel in stride(from: 0, to: target.count, by: 3) {
        let (red, green, blue) = (target[pixel], target[pixel + 1], target[pixel + 2])
        target[pixel] = value(of: mode == .caffe ? blue : red, channel: 0)
        target[pixel + 1] = value(of: green, channel: 1)
        target[pixel + 2] = value(of: mode == .caffe ? red : blue, channel: 2)
      }
    }
  }

  /// The `size` x `size` pixels that `.antialias` shows the network.
  package func centered(_ image: Image, size: Int) -> Image {
    let (width, height) = sides(of: image, size: size)
    return image.resized(
      width: width, height: height, filter: .bilinear,
      columns: Image.centered(size, in: width), rows: Image.centered(size, in: height))
  }

  /// The sides of the resized picture of which `.antialias` takes the centre.
  func sides(of image: Image, size: Int) -> (width: Int, height: Int) {
    let (fullWidth, fullHeight) = (
      image.extent?.fullWidth ?? image.width, image.extent?.fullHeight ?? image.height
    )
    return sides(width: fullWidth, height: fullHeight, size: size)
  }

  func sides(width: Int, height: Int, size: Int) -> (width: Int, height: Int) {
    let shorter = min(width, height)
    let side = shorterSide(for: size)
    return (
      width == shorter ? side : width * side / shorter, height == shorter ? side : height * side / shorter
    )
  }

  func write(_ image: Image, into target: UnsafeMutableBufferPointer<Float>) {
    // 256 possible values a channel: a table costs nothing and keeps the arithmetic in one place.
    let table = (0..<3).flatMap { channel in
      (0..<256).map { value(of: Float($0), channel: channel) }
    }
    let first = mode == .caffe ? 2 : 0
    let last = 2 - first
    table.withUnsafeBufferPointer { table in
      image.pixels.withUnsafeBufferPointer { pixels in
        guard let table = table.baseAddress, let target = target.baseAddress else { return }
        guard let pixels = pixels.baseAddress else { return }
        for pixel in stride(from: 0, to: image.width * image.height * 3, by: 3) {
          target[pixel] = table[Int(pixels[pixel + first])]
          target[pixel + 1] = table[256 + Int(pixels[pixel + 1])]
          target[pixel + 2] = table[512 + Int(pixels[pixel + last])]
        }
      }
    }
  }

  /// One value after the arithmetic; `channel` counts in the mode's own order.
  @inline(__always)
  private func value(of pixel: Float, channel: Int) -> Float {
    switch mode {
    case .none: pixel
    case .tf: pixel / 127.5 - 1
    case .caffe: pixel - Self.caffeMeans[channel]
    case .torch: (pixel / 255 - Self.torchMeans[channel]) / Self.torchDeviations[channel]
    }
  }

  /// Means of the ImageNet training photos in the order B, G, R: `keras.applications.imagenet_utils`.
  package static let caffeMeans: [Float] = [103.939, 116.779, 123.68]
  /// Means and deviations of the ImageNet training photos on the scale 0...1, R, G, B: the same file.
  package static let torchMeans: [Float] = [0.485, 0.456, 0.406]
  package static let torchDeviations: [Float] = [0.229, 0.224, 0.225]
}
