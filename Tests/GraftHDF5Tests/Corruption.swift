/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers for the same seed everywhere.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}

/// Damages bytes as bad disks, broken downloads and ill will do; the same way for the same seed.
func corrupted(_ original: [UInt8], seed: UInt64) -> [UInt8] {
  var bytes = original
  var random = SplitMix(state: seed)
  func position() -> Int { Int.random(in: 0..<bytes.count, using: &random) }
  // What carries meaning is rarely zero; three of four places are chosen among bytes that are not.
  func meaningful() -> Int {
    if Int.random(in: 0..<4, using: &random) == 0 { return position() }
    for _ in 0..<200 {
      let place = position()
      if bytes[place] != 0 { return place }
    }
    return position()
  }
  switch seed % 6 {
  case 0:
    for _ in 0..<Int.random(in: 1...8, using: &random) {
      bytes[meaningful()] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    }
  case 1:
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      bytes[meaningful()] =
        [0, 1, 0x7f, 0x80, 0xff, .random(in: 0...255, using: &random)].randomElement(
          using: &random) ?? 0
    }
  case 2: bytes.removeLast(bytes.count - position())
  case 3:
    let start = meaningful()
    let end = min(bytes.count, start + Int.random(in: 1...64, using: &random))
    for index in start..<end { bytes[index] = 0 }
  case 4:
    let start = meaningful()
    let end = min(bytes.count, start + Int.random(in: 1...8, using: &random))
    for index in start..<end { bytes[index] = 0xff }
  default:
    let length = min(bytes.count, Int.random(in: 4...256, using: &random))
    let source = Int.random(in: 0...bytes.count - length, using: &random)
    let target = Int.random(in: 0...bytes.count - length, using: &random)
    bytes.replaceSubrange(target..<target + length, with: original[source..<source + length])
  }
  return bytes
}
