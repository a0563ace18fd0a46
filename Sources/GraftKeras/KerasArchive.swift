internal import Foundation
internal import GraftArchive
internal import GraftHDF5
internal import GraftSupport

/// A `.keras` file: a zip archive of `config.json`, `metadata.json` and `model.weights.h5`.
///
/// Only these three are read, whatever else is in the archive, and nothing in it is ever run.
struct KerasArchive {
  static let configurationName = "config.json"
  static let metadataName = "metadata.json"
  static let weightsName = "model.weights.h5"

  /// The model's configuration in JSON.
  let configuration: [UInt8]
  /// The version of Keras that wrote it, where it says so.
  let kerasVersion: String?

  private let archive: ZipArchive
  private let entry: ZipArchive.Entry
  private let name: String
  private let isInMemory: Bool

  /// Opens a file; nil for what is no zip archive or one of something else.
  ///
  /// - Throws: `ImportError`.
  init?(path: String) throws {
    guard let file = Foundation.FileHandle.regularFile(path), let start = try? file.read(upToCount: 512),
      Self.isZip([UInt8](start))
    else { return nil }
    try self.init(name: path, start: [UInt8](start), isInMemory: false) { () throws(ZipError) in
      try ZipArchive(path: path)
    }
  }

  /// Opens the bytes of a file that is in memory; nil for what is no zip archive or one of something else.
  ///
  /// - Throws: `ImportError`.
  init?(bytes: [UInt8], name: String) throws {
    guard Self.isZip(bytes) else { return nil }
    try self.init(name: name, start: Array(bytes.prefix(512)), isInMemory: true) { () throws(ZipError) in
      try ZipArchive(bytes: bytes)
    }
  }

  private static func isZip(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x50, 0x4b, 3, 4]) }

  private init?(
    name: String, start: [UInt8], isInMemory: Bool, _ open: () throws(ZipError) -> ZipArchive
  ) throws {
    self.name = name
    self.isInMemory = isInMemory
    do {
      archive = try ImportError.wrappingArchive(name, open)
    } catch let error as ImportError where error.code == .damaged {
      // A damaged archive of something else is called what it is.
      let text = String(decoding: start, as: UTF8.self)
      let parts = [Self.metadataName, Self.configurationName, Self.weightsName]
      guard parts.contains(where: text.contains) else { return nil }
      throw error
    }
    guard let configuration = archive[Self.configurationName] else {
      // Of other archives, the first bytes tell what they are.
      guard archive[Self.weightsName] == nil else { throw Self.missing(Self.configurationName, name) }
      return nil
    }
    guard let weights = archive[Self.weightsName] else {
      guard archive[Self.metadataName] != nil else { return nil }
      throw Self.missing(Self.weightsName, name)
    }
    entry = weights
    let archive = archive
    self.configuration = try ImportError.wrappingArchive(name) {
      try archive.data(of: configuration, limit: JSON.maximumText)
    }
    let metadata = try archive[Self.metadataName].map { entry in
      try ImportError.wrappingArchive(name) { try archive.data(of: entry, limit: JSON.maximumText) }
    }
    kerasVersion = metadata.flatMap { try? JSON($0) }?["keras_version"]?.string
  }

  private static func missing(_ entry: String, _ file: String) -> ImportError {
    ImportError(
      .damaged, "is a .keras file without \(entry)", file: file,
      advice: "Save the model again in Keras, with model.save(\"name.keras\")")
  }

  /// Unpacks the weights: into memory if the archive is there, else into a temporary file that is nowhere to be seen
  /// any more as soon as it is open.
  ///
  /// - Throws: `ImportError`, `HDF5Error`.
  func weights() throws -> HDF5File {
    if isInMemory {
      var bytes: [UInt8] = []
      try ImportError.wrappingArchive(name) { try archive.unpack(entry) { bytes += $0 } }
      return try HDF5File(image: bytes, name: name)
    }
    let folder = FileManager.default.temporaryDirectory.path
    let temporary = AtomicFile.temporaryName(for: folder + "/graft-" + UUID().uuidString + ".weights.h5")
    return try AtomicFile.removingOnFailure(temporary) {
      let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else { throw FileError(path: temporary, action: "create") }
      let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
      try ImportError.wrappingArchive(name) {
        try archive.unpack(entry) { piece in
          do {
            try file.write(contentsOf: Data(piece))
          } catch {
            throw ImportError(
              .cannotOpen, "the weights cannot be unpacked into \(folder)", file: name,
              advice: "Make room there, or set TMPDIR to a folder with room",
              reason: error.localizedDescription)
          }
        }
      }
      try file.close()
      let weights = try HDF5File(temporary, calling: name)
      AtomicFile.remove(temporary)
      return weights
    }
  }
}

extension ImportError {
  /// Runs `body`, turning the errors of archives into import errors about `file`.
  static func wrappingArchive<Result>(_ file: String, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as ZipError {
      switch error.code {
      case .damaged:
        throw ImportError(.damaged, error.message, file: file, advice: "Download, copy or save it again")
      case .refused: throw ImportError(.unsupported, error.message, file: file)
      case .cannotRead: throw ImportError(.cannotOpen, error.message, file: file)
      case .cannotWrite: throw ImportError(.cannotWrite, error.message, file: file)
      }
    }
  }
}

extension Foundation.FileHandle {
  /// A regular file, opened for reading; nil for what is not there or could keep a reader waiting for ever.
  fileprivate static func regularFile(_ path: String) -> Foundation.FileHandle? {
    let kind = try? FileManager.default.attributesOfItem(atPath: (path as NSString).resolvingSymlinksInPath)
    guard kind?[.type] as? FileAttributeType == .typeRegular else { return nil }
    return Foundation.FileHandle(forReadingAtPath: path)
  }
}
