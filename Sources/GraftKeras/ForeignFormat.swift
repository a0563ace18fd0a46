internal import Foundation
internal import GraftHDF5

/// Files that people take for Keras's HDF5, told by their first bytes.
enum ForeignFormat {
  /// Says what a file is, if it is not HDF5.
  ///
  /// - Throws: `ImportError` with code `.cannotOpen`.
  static func refuse(_ path: String) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw ImportError(.cannotOpen, "there is no such file", file: path, advice: "Check the path")
    }
    if isFolder.boolValue {
      throw ImportError(
        .cannotOpen, "is a folder, not an HDF5 file", file: path,
        advice: "If it is a SavedModel: \(saveAgain). If it is an unpacked .keras file, zip it again")
    }
    // What is not a regular file could keep a reader waiting for ever; HDF5File refuses it.
    let kind = try? FileManager.default.attributesOfItem(atPath: (path as NSString).resolvingSymlinksInPath)
    guard kind?[.type] as? FileAttributeType == .typeRegular, !HDF5File.isHDF5(path),
      let handle = FileHandle(forReadingAtPath: path)
    else { return }
    defer { try? handle.close() }
    let start = (try? handle.read(upToCount: 512)) ?? Data()
    throw error(start: [UInt8](start), file: path)
  }

  /// Says what the bytes of a file are, if they are not HDF5.
  ///
  /// - Throws: `ImportError` with code `.cannotOpen`.
  static func refuse(_ bytes: [UInt8], name: String) throws {
    // HDF5 may begin after a block of the writer's own, which no Keras file has.
    guard !bytes.starts(with: [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]) else { return }
    throw error(start: Array(bytes.prefix(512)), file: name)
  }

  private static func error(start: [UInt8], file: String) -> ImportError {
    let (what, advice) = description(of: start)
    return ImportError(
      .cannotOpen, "\(what), not HDF5", file: file,
      expected: "weights or a model saved by Keras as .h5 or .keras",
      advice: advice)
  }

  private static let saveAgain = "load it in Keras and save it with model.save(\"name.h5\")"
  private static let fromTorch =
    "PyTorch's weights are not read; take the network's weights from Keras, as .h5"

  private static func description(of start: [UInt8]) -> (what: String, advice: String) {
    let text = String(decoding: start, as: UTF8.self).lowercased()
    switch start {
    case []: return ("is empty", "Download or copy it again")
    case let bytes where bytes.starts(with: [0x50, 0x4b, 3, 4]):
      if text.contains("data.pkl") { return ("is a zip archive of PyTorch", fromTorch) }
      return ("is a zip archive without a Keras model in it", "Give a .keras or an .h5 file")
    case let bytes where bytes.starts(with: [0x80]) && bytes.count > 1 && (2...5).contains(bytes[1]):
      return ("is a Python pickle, as PyTorch writes it", fromTorch)
    case let bytes where bytes.starts(with: [0x89, 0x50, 0x4e, 0x47]):
      return ("is a PNG picture", wanted)
    case let bytes where bytes.starts(with: [0xff, 0xd8, 0xff]):
      return ("is a JPEG picture", wanted)
    case let bytes where bytes.starts(with: [0x1f, 0x8b]):
      return ("is compressed with gzip", "Unpack it first")
    case let bytes where bytes.count > 8 && bytes[4..<8].elementsEqual("TFL3".utf8):
      return ("is a TensorFlow Lite model", "Take the network's weights from Keras, as .h5")
    case let bytes where bytes.starts(with: [0x93] + Array("NUMPY".utf8)):
      return ("is a NumPy array", wanted)
    default: break
    }
    if text.hasPrefix("<!doctype") || text.hasPrefix("<html") || text.hasPrefix("<?xml") {
      return ("is a web page", "The download went wrong; fetch the file itself")
    }
    if text.hasPrefix("version https://git-lfs") {
      return ("is a Git LFS pointer and not the file itself", "Run git lfs pull")
    }
    if text.hasPrefix("{") { return ("is JSON", "The weights are in another file; give that one") }
    if start.allSatisfy({ $0 >= 32 && $0 < 127 || (9...13).contains($0) }) { return ("is text", wanted) }
    if start.allSatisfy({ $0 == 0 }) { return ("begins with nothing but zeros", "Download or copy it again") }
    return ("is of no known kind", "Download it again, if it should be HDF5")
  }

  private static let wanted = "Give the file of weights, such as one that graft weights fetch brings"
}
