internal import CHDF5
internal import Synchronization

extension HDF5File {
  /// Opens the bytes of a file that is in memory, for reading.
  ///
  /// The bytes are copied; nothing on disk is touched.
  ///
  /// - Parameters:
  ///   - image: All bytes of the file.
  ///   - name: What errors call it; it becomes ``path``.
  /// - Throws: ``HDF5Error`` with code `notHDF5`, `truncated`, `damaged` or `cannotOpen`.
  public convenience init(image: [UInt8], name: String) throws {
    let place = Place(file: name, object: nil)
    guard Self.hasSignature(image) else {
      throw place.error(
        .notHDF5, "is not an HDF5 file: " + Self.guess(from: Array(image.prefix(16)), size: image.count))
    }
    let (file, root) = try HDF5Library.locked { () throws(HDF5Error) in
      try Self.open(place, .read, isImage: true) { access in
        // Without a file behind it, into which changes would go at the end. The library would take two images of
        // one name, open at the same time, for one and the same file.
        guard H5Pset_fapl_core(access, 1 << 16, false) >= 0 else { return -1 }
        let status = image.withUnsafeBytes {
          H5Pset_file_image(access, UnsafeMutableRawPointer(mutating: $0.baseAddress), $0.count)
        }
        guard status >= 0 else { return -1 }
        let number = Self.imagesOpened.add(1, ordering: .relaxed).newValue
        return H5Fopen("memory image \(number)", graft_h5_read_only(), access)
      }
    }
    self.init(file, root: root)
  }

  private static let imagesOpened = Atomic(0)

  /// Whether the signature is where the format allows it: at the start, or at 512, 1024, 2048 and so on bytes
  /// (HDF5 File Format Specification 3.0, section II.A).
  private static func hasSignature(_ image: [UInt8]) -> Bool {
    let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]
    var offset = 0
    while offset + signature.count <= image.count {
      if image[offset...].starts(with: signature) { return true }
      offset = offset == 0 ? 512 : offset * 2
    }
    return false
  }
}
