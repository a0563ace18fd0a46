import GraftEngine
import Testing

@Suite("Recycled memory", .serialized)
struct BufferRecyclingTests {
  /// Of a size that nothing else has.
  private static let count = (3 << 20) + 5

  private func made(recycles: Bool = true) throws -> UInt {
    let buffer = try AlignedBuffer(count: Self.count, recycles: recycles, for: "a test")
    buffer.base[0] = 1
    buffer.base[Self.count - 1] = 2
    return UInt(bitPattern: buffer.base)
  }

  @Test("The next buffer of the same size has the memory of the last, as long as somebody wants that")
  func reuse() throws {
    var recycling: BufferRecycling? = BufferRecycling()
    let first = try made()
    let other = try AlignedBuffer(count: Self.count + 1, recycles: true, for: "a test")
    #expect(UInt(bitPattern: other.base) != first)
    #expect(try made(recycles: false) != first)
    let again = try AlignedBuffer(count: Self.count, recycles: true, for: "a test")
    #expect(UInt(bitPattern: again.base) == first)
    // It is not given to two at a time.
    let second = try AlignedBuffer(count: Self.count, recycles: true, for: "a test")
    #expect(second.base != again.base)
    #expect(recycling != nil)
    recycling = nil
    again.base[Self.count - 1] = 3
    #expect(again.base[Self.count - 1] == 3)
  }
}
