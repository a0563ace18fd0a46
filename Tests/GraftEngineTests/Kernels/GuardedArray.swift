import Foundation
import GraftEngine
import GraftSupport
import Testing

/// Floats that end where an unreadable page begins: a kernel that reads or writes past the end crashes.
final class GuardedArray {
  let base: UnsafeMutablePointer<Float>
  let count: Int
  private let mapping: UnsafeMutableRawPointer
  private let length: Int

  init(_ values: [Float]) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let bytes = values.count * MemoryLayout<Float>.stride
    length = (bytes + page - 1) / page * page + page
    guard let mapping = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      mapping != MAP_FAILED, mprotect(mapping + length - page, page, PROT_NONE) == 0
    else { preconditionFailure("no memory for \(length) bytes") }
    self.mapping = mapping
    count = values.count
    base = (mapping + (length - page - bytes)).bindMemory(to: Float.self, capacity: max(values.count, 1))
    for (index, value) in values.enumerated() { base[index] = value }
  }

  convenience init(count: Int, repeating value: Float = .nan) {
    self.init([Float](repeating: value, count: count))
  }

  /// Random numbers in -1 ..< 1.
  convenience init(random count: Int, _ generator: inout SeededGenerator) {
    self.init((0..<count).map { _ in Float(generator.unit() * 2 - 1) })
  }

  var values: [Float] { Array(UnsafeBufferPointer(start: base, count: count)) }
  var doubles: [Double] { values.map(Double.init) }

  deinit { munmap(mapping, length) }
}

/// The instruction sets that this machine has.
let instructionSets = KernelTable.InstructionSet.allCases.filter { KernelTable($0) != nil }

/// The kernels of an instruction set that the machine has.
func kernels(_ set: KernelTable.InstructionSet) throws -> KernelTable { try #require(KernelTable(set)) }

/// Memory for kernels that want scratch.
func withScratch(_ bytes: Int, _ body: (UnsafeMutableRawPointer) -> Void) {
  let scratch = UnsafeMutableRawPointer.allocate(byteCount: max(bytes, 1), alignment: 64)
  defer { scratch.deallocate() }
  body(scratch)
}
