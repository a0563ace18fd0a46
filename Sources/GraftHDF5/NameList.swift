/// Names that the library calls out one by one: bounded, because many entries of a file may share one long name.
struct NameList {
  private var names: [String] = []
  private let limit: Int
  private var bytes = 0

  init(limit: Int) { self.limit = limit }

  /// Takes a name, and returns what the library wants to hear: zero to go on, a negative number to stop.
  mutating func append(_ name: UnsafePointer<CChar>?) -> Int32 {
    guard let name else { return -1 }
    let string = String(cString: name)
    bytes += string.utf8.count
    guard bytes <= limit else { return -1 }
    names.append(string)
    return 0
  }

  /// The names in the order of their bytes.
  ///
  /// Sorted here: where the library has to sort, it makes a table first, and goes through garbage when it has to
  /// give up half way.
  var sorted: [String] { names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }

  /// Throws where there were too many.
  func check(_ place: Place) throws(HDF5Error) {
    guard bytes > limit else { return }
    throw place.error(
      .tooLarge,
      "its names together take more than \(limit) bytes, far more than the file has; the file is damaged, or made "
        + "to exhaust memory")
  }
}
