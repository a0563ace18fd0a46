/// Conversions between IEEE 754 binary16 and the wider types, by their bits.
///
/// Not `Float16`, which does not exist on Macs with Intel processors, and not the library's conversion, which
/// rounds ties away from zero where everyone else rounds them to even.
package enum HalfPrecision {
  /// The value of a half, exactly.
  @inline(__always)
  package static func float(_ half: UInt16) -> Float {
    let sign = UInt32(half & 0x8000) << 16
    let magnitude = UInt32(half & 0x7fff)
    if magnitude >= 0x7c00 {
      // Infinity, or not a number with its payload kept.
      return Float(bitPattern: sign | 0x7f80_0000 | (magnitude & 0x3ff) << 13)
    }
    // As the bits of a single with an exponent 112 too small; the product sets that right, subnormals included.
    let scaled = Float(bitPattern: magnitude << 13) * 0x1p112
    return Float(bitPattern: scaled.bitPattern | sign)
  }

  /// The nearest half, ties to even; beyond 65520 infinity.
  @inline(__always)
  package static func bits(_ value: Double) -> UInt16 {
    let bits = value.bitPattern
    let sign = UInt16(truncatingIfNeeded: bits >> 48) & 0x8000
    let magnitude = bits & 0x7fff_ffff_ffff_ffff
    if magnitude > 0x7ff0_0000_0000_0000 { return sign | 0x7e00 }
    let absolute = Double(bitPattern: magnitude)
    if absolute >= 65520 { return sign | 0x7c00 }
    if absolute < 0x1p-14 {
      // Subnormal: a multiple of 2^-24, rounded by the addition itself.
      return sign | UInt16((absolute * 0x1p24).rounded(.toNearestOrEven))
    }
    // Round to 10 bits of fraction by adding just under half a unit, and the other bit of it for odd numbers.
    let rounded = magnitude + 0x1ff_ffff_ffff + ((magnitude >> 42) & 1)
    return sign | UInt16(truncatingIfNeeded: (rounded >> 42) - (1008 << 10))
  }

  /// Turns `count` halves into floats in place: halves are in the second half of the buffer's bytes.
  ///
  /// Going upward, the writing never overtakes the reading: value i ends at byte 4i + 4, and the first half not
  /// yet read is at 2n + 2i + 2.
  static func expand(_ buffer: UnsafeMutableRawPointer, count: Int) {
    let halves = buffer + 2 * count
    for index in 0..<count {
      let half = halves.load(fromByteOffset: 2 * index, as: UInt16.self)
      buffer.storeBytes(of: float(half), toByteOffset: 4 * index, as: Float.self)
    }
  }

  /// Writes `count` halves as floats.
  package static func expand(
    _ halves: UnsafePointer<UInt16>, into target: UnsafeMutablePointer<Float>, count: Int
  ) {
    for index in 0..<count { target[index] = float(halves[index]) }
  }

  /// As `expand`, for the upper halves of single-precision numbers.
  static func expandBrain(_ buffer: UnsafeMutableRawPointer, count: Int) {
    let halves = buffer + 2 * count
    for index in 0..<count {
      let half = halves.load(fromByteOffset: 2 * index, as: UInt16.self)
      buffer.storeBytes(
        of: Float(bitPattern: UInt32(half) << 16), toByteOffset: 4 * index, as: Float.self)
    }
  }
}
