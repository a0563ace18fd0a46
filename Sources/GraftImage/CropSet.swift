/// Which parts of a picture a network is asked about, when it is asked more than once.
public enum CropSet: Int, Sendable, Hashable, Codable, CaseIterable {
  /// The centre.
  case center = 1
  /// The four corners and the centre.
  case corners = 5
  /// The four corners, the centre, and the mirror images of all five (Krizhevsky et al., 2012, "ImageNet classification
  /// with deep convolutional neural networks", section 4.1).
  case mirrored = 10

  /// How many parts there are.
  public var count: Int { rawValue }
}

extension Preprocessing {
  /// Whether parts other than the centre can be taken: where the whole picture is squeezed into the network's size,
  /// there are none.
  public var allowsCrops: Bool { resize == .antialias || resize == .crop }

  /// Returns the network's inputs for the parts of a picture, after one another: for `center` that of
  /// `input(from:size:)`; otherwise top left, top right, bottom left, bottom right and centre of the resized picture,
  /// then their mirror images: torchvision's `FiveCrop` and `TenCrop` after `Resize`.
  ///
  /// - Precondition: `size` is at least 1, and `allowsCrops` unless the set is `center`.
  public func inputs(from image: Image, size: Int, crops: CropSet) -> [Float] {
    guard crops != .center else { return input(from: image, size: size) }
    precondition(
      allowsCrops, "there are no corners in a picture that \(resize) squeezes into the network's size")
    let picture = resize == .antialias ? resizedWhole(image, size: size) : image.padded(toAtLeast: size)
    let (right, bottom) = (picture.width - size, picture.height - size)
    let middle = (
      Image.centered(size, in: picture.width).lowerBound, Image.centered(size, in: picture.height).lowerBound
    )
    let corners = [(0, 0), (right, 0), (0, bottom), (right, bottom)]
    let parts = (corners + [middle]).map { left, top in
      picture.cropped(columns: left..<left + size, rows: top..<top + size)
    }
    let all = crops == .mirrored ? parts + parts.map { $0.oriented(.mirrored) } : parts
    return [Float](unsafeUninitializedCapacity: crops.count * size * size * 3) { buffer, initialized in
      let length = size * size * 3
      for (number, part) in all.enumerated() {
        write(
          part, into: UnsafeMutableBufferPointer(rebasing: buffer[number * length..<(number + 1) * length]))
      }
      initialized = all.count * length
    }
  }

  /// The picture of which `.antialias` shows the network the centre.
  private func resizedWhole(_ image: Image, size: Int) -> Image {
    let (width, height) = sides(of: image, size: size)
    return image.resized(width: width, height: height)
  }
}

extension Image {
  /// The picture with black around it where a side is shorter than `size`, as `centerCropped` has it.
  fileprivate func padded(toAtLeast size: Int) -> Image {
    guard min(width, height) < size else { return self }
    let (newWidth, newHeight) = (max(width, size), max(height, size))
    let (left, top) = ((newWidth - width + 1) / 2, (newHeight - height + 1) / 2)
    var pixels = [UInt8](repeating: 0, count: newWidth * newHeight * 3)
    for row in 0..<height {
      let from = row * width * 3
      let to = ((top + row) * newWidth + left) * 3
      pixels.replaceSubrange(to..<to + width * 3, with: self.pixels[from..<from + width * 3])
    }
    return Image(width: newWidth, height: newHeight, pixels: pixels)
  }
}
