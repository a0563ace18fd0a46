internal import CHDF5

/// The list of messages that describes a group or dataset in the file.
///
/// Looked through before the library opens the object. Where the messages contradict themselves, releases of the
/// library that are in wide use read and write beyond their memory, divide by zero, or open other files first and ask
/// afterwards. Layout: HDF5 File Format Specification 3.0, section IV.A.
struct ObjectHeader {
  private let file: FileHandle
  private let place: Place
  /// Runs of messages that are still to be looked through.
  private var blocks: [(start: UInt64, count: Int)] = []
  private var seen: Set<UInt64> = []
  /// Runs of messages do not overlap, so together they are less than the file.
  private var budget: Int
  private var message: Message

  /// - Throws: ``HDF5Error`` with code `damaged`, or `refused` for a virtual dataset.
  ///
  /// The library's lock is held. A file under change is Graft's own, and not all of it is on disk.
  static func check(at address: UInt64, in file: FileHandle, _ place: Place) throws(HDF5Error) {
    guard looksThrough(file) else { return }
    var header = ObjectHeader(file: file, place: place, budget: file.size)
    do {
      try header.check(at: address)
      try header.checkFill()
      try header.checkChunks()
      try header.message.members?.check(in: file)
    } catch let flaw as ByteReader.Flaw {
      throw place.error(.damaged, "its header, at byte \(address) of the file, is damaged: \(flaw.what)")
    } catch let error as HDF5Error { throw error } catch {
      throw place.error(.damaged, "\(error)")
    }
  }

  /// Whether headers of a file are looked through.
  static func looksThrough(_ file: FileHandle) -> Bool { file.mode == .read && file.layout.usesWideNumbers }

  private init(file: FileHandle, place: Place, budget: Int) {
    self.file = file
    self.place = place
    self.budget = budget
    message = Message(fileBytes: UInt64(budget))
  }

  private mutating func check(at address: UInt64) throws {
    var prefix = ByteReader(try file.bytes(at: address, count: 16))
    if prefix.starts(with: "OHDR") {
      try prefix.skip(5)
      let flags = try prefix.number(1)
      // Times, limits of attributes, then the size of the first run in 1, 2, 4 or 8 bytes.
      let skipped = 6 + (flags & 0x20 != 0 ? 16 : 0) + (flags & 0x10 != 0 ? 4 : 0)
      let width = 1 << Int(flags & 3)
      var size = ByteReader(try file.bytes(at: address + UInt64(skipped), count: width))
      try add(address + UInt64(skipped + width), try size.size(width))
      while let block = blocks.popLast() {
        var messages = ByteReader(try file.bytes(at: block.start, count: block.count))
        if messages.starts(with: "OCHK") {
          messages = try ByteReader(file.bytes(at: block.start + 4, count: max(block.count - 8, 0)))
        }
        let prefixSize = flags & 4 != 0 ? 6 : 4
        while messages.left >= prefixSize {
          let (type, size) = (try messages.number(1), try messages.size(2))
          let messageFlags = try messages.number(1)
          try messages.skip(prefixSize - 4)
          try check(type, messageFlags, try messages.part(size))
        }
      }
    } else {
      guard try prefix.number(1) == 1 else { throw ByteReader.Flaw(what: "it has no header") }
      try prefix.skip(7)
      try add(address + 16, try prefix.size(4))
      while let block = blocks.popLast() {
        var messages = ByteReader(try file.bytes(at: block.start, count: block.count))
        while messages.left >= 8 {
          let (type, size) = (try messages.number(2), try messages.size(2))
          let messageFlags = try messages.number(1)
          try messages.skip(3)
          try check(type, messageFlags, try messages.part(size))
        }
      }
    }
  }

  /// The library looks up strings of variable length for values that were not written as soon as it is asked how a
  /// dataset is stored.
  private func checkFill() throws {
    guard message.isVariable, message.fill.count >= StringReferences.size else { return }
    var heap = try GlobalHeap(file, place)
    _ = try heap.strings(StringReferences(Array(message.fill.prefix(StringReferences.size))))
  }

  private func checkChunks() throws {
    guard let index = message.chunks.index else { return }
    var chunkIndex = ChunkIndex(message.chunks, in: file)
    try chunkIndex.checkExtents(message.space, valueBytes: message.valueBytes)
    // Without an address: nothing was written yet.
    if index != .max { try chunkIndex.check(at: index) }
  }

  private mutating func add(_ start: UInt64, _ count: Int) throws {
    guard seen.insert(start).inserted, count <= budget else {
      throw ByteReader.Flaw(what: "it goes in a circle, or beyond the file")
    }
    budget -= count
    blocks.append((start, count))
  }

  private mutating func check(_ type: UInt64, _ flags: UInt64, _ data: ByteReader) throws {
    var data = data
    do {
      // The message itself is elsewhere, and looked at by the library when it gets there. Of messages that cannot be
      // shared the library does not look at the flag.
      if flags & 2 != 0, Message.canBeShared(type) {
        try Message.checkShared(&data)
      } else if type == 0x10 {
        try add(try data.number(8), try data.size(8))
      } else {
        try message.check(type, &data)
      }
    } catch let flaw as ByteReader.Flaw {
      throw ByteReader.Flaw(what: "message \(type): \(flaw.what)")
    } catch Message.Elsewhere.virtual {
      throw place.error(
        .refused,
        "is a virtual dataset, whose values are in other files; Graft reads only what is stored in place")
    } catch Message.Elsewhere.external(let files) {
      throw place.error(
        .refused, "keeps its values in \(files) other file(s); Graft reads only what is stored in place")
    }
  }
}
