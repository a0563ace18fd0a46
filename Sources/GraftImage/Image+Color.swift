extension Image {
  /// Values times a factor, cut at 255, fractions dropped: Pillow's `ImageEnhance.Brightness`.
  package func brightened(by factor: Double) -> Image { through(table(from: 0, Float(factor))) }

  /// Distances from the mean grey times a factor: Pillow's `ImageEnhance.Contrast`.
  package func contrasted(by factor: Double) -> Image {
    var sum = 0
    for pixel in stride(from: 0, to: pixels.count, by: 3) {
      sum += grey(pixels[pixel], pixels[pixel + 1], pixels[pixel + 2])
    }
    let mean = Int(Double(sum) / Double(width * height) + 0.5)
    return through(table(from: mean, Float(factor)))
  }

  /// Distances from each pixel's grey times a factor: Pillow's `ImageEnhance.Color`.
  package func saturated(by factor: Double) -> Image {
    let factor = Float(factor)
    return changingPixels { red, green, blue in
      let grey = grey(red, green, blue)
      return (blend(grey, red, factor), blend(grey, green, factor), blend(grey, blue, factor))
    }
  }

  /// Hues moved by a share of their circle: to hue, saturation and value as Python's `colorsys` does, and back, to
  /// the nearest byte.
  package func hueTurned(by turn: Double) -> Image {
    let turn = Float(turn) * 6
    return changingPixels { red, green, blue in
      let largest = max(red, green, blue)
      let smallest = min(red, green, blue)
      if largest == smallest { return (red, green, blue) }
      let range = Float(largest - smallest)
      let (r, g, b) = (Float(red), Float(green), Float(blue))
      // The hue in sixths of the circle.
      var hue =
        largest == red ? (g - b) / range : largest == green ? 2 + (b - r) / range : 4 + (r - g) / range
      hue += turn
      hue -= 6 * (hue / 6).rounded(.down)
      let sixth = min(Int(hue), 5)
      let fraction = hue - Float(sixth)
      let rising = UInt8(min(max(Float(smallest) + range * fraction + 0.5, 0), 255))
      let falling = UInt8(min(max(Float(largest) - range * fraction + 0.5, 0), 255))
      switch sixth {
      case 0: return (largest, rising, smallest)
      case 1: return (falling, largest, smallest)
      case 2: return (smallest, largest, rising)
      case 3: return (smallest, falling, largest)
      case 4: return (rising, smallest, largest)
      default: return (largest, smallest, falling)
      }
    }
  }

  /// The same amount, in grey levels, added to each pixel's red, green and blue.
  package func shifted(by shift: (red: Double, green: Double, blue: Double)) -> Image {
    func table(_ shift: Double) -> [UInt8] {
      (0..<256).map { UInt8(min(max((Double($0) + shift).rounded(), 0), 255)) }
    }
    let (reds, greens, blues) = (table(shift.red), table(shift.green), table(shift.blue))
    return changingPixels { (reds[Int($0)], greens[Int($1)], blues[Int($2)]) }
  }

  private func through(_ table: [UInt8]) -> Image {
    changingPixels { (table[Int($0)], table[Int($1)], table[Int($2)]) }
  }

  @inline(__always)
  private func changingPixels(_ change: (UInt8, UInt8, UInt8) -> (UInt8, UInt8, UInt8)) -> Image {
    Image(width: width, height: height) { target in
      pixels.withUnsafeBufferPointer { source in
        for pixel in stride(from: 0, to: source.count, by: 3) {
          (target[pixel], target[pixel + 1], target[pixel + 2]) =
            change(source[pixel], source[pixel + 1], source[pixel + 2])
        }
      }
    }
  }
}

/// Every value after Pillow's blend of it with a grey level.
private func table(from level: Int, _ factor: Float) -> [UInt8] {
  (0...255).map { blend(level, $0, factor) }
}

/// Pillow's `Image.blend` (Blend.c): in Float32, cut to a byte, fractions dropped.
@inline(__always)
private func blend(_ level: Int, _ value: UInt8, _ factor: Float) -> UInt8 {
  UInt8(min(max(Float(level) + factor * Float(Int(value) - level), 0), 255))
}

/// Pillow's grey of a colour (Convert.c, `L24`): the luma of ITU-R 601-2 in 16-bit fixed point.
@inline(__always)
private func grey(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> Int {
  (Int(red) * 19595 + Int(green) * 38470 + Int(blue) * 7471 + 0x8000) >> 16
}
