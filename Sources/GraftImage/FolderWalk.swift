internal import GraftData

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Musl)
internal import Musl
#else
internal import Glibc
#endif

/// Looks for pictures in a folder and below it, and remembers what it had to leave out.
struct FolderWalk {
  private static let pictureExtensions: Set<String> = ["jpg", "jpeg", "jpe", "jfif", "png"]
  private static let otherPictureExtensions: Set<String> = [
    "gif", "bmp", "dib", "webp", "heic", "heif", "hif", "tif", "tiff", "avif", "jp2", "j2k", "jpx", "jxl",
    "psd",
    "svg", "ico", "ppm", "pgm", "pnm", "tga", "cr2", "cr3", "nef", "arw", "dng", "orf", "rw2", "raf",
  ]
  /// Folders that systems make beside people's own: archives from a Mac, thumbnails of a file server.
  private static let systemFolders: Set<String> = ["__MACOSX", "@eaDir", "$RECYCLE.BIN"]

  private let root: String
  /// Folders that were entered; symbolic links make the same one appear again, or in a circle.
  private var visited: Set<FileStatus.Identity> = []
  private var skipped: [SkippedPicture] = []
  private(set) var ignoredFiles = 0

  init(root: String) throws {
    let status = FileStatus(root)
    switch status.kind {
    case .folder: break
    case .missing(let code): throw FileBytes.unreadable(root, code)
    case .file, .other:
      throw ImageError(.unreadable, path: root, reason: "not a folder; expected a folder of pictures")
    }
    var trimmed = root
    while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
    self.root = trimmed
    if let identity = status.identity { visited.insert(identity) }
  }

  /// The path to open for a path below the root.
  func joined(_ relative: String) -> String {
    guard !relative.isEmpty else { return root }
    return root.hasSuffix("/") ? root + relative : "\(root)/\(relative)"
  }

  /// What was left out, in the order of the paths' bytes.
  var sortedSkipped: [SkippedPicture] { skipped.sorted { bytewise($0.path, $1.path) } }

  /// The pictures and the folders that lie directly in the root.
  mutating func listRoot() throws -> (pictures: [String], folders: [String]) {
    switch entries(of: "") {
    case .success(let listed): return listed
    case .failure(let error): throw error
    }
  }

  /// All pictures in and below a folder, which is given by its path below the root, in the order of their bytes.
  mutating func pictures(in folder: String) -> [String] {
    var found: [String] = []
    var waiting = [folder]
    // Last in, first out; names are pushed in descending order, so that which of two links to one folder is
    // followed depends on their names alone.
    while let next = waiting.popLast() {
      if !next.isEmpty {
        if let identity = FileStatus(joined(next)).identity, !visited.insert(identity).inserted {
          skip(next, "a symbolic link to a folder that is read already")
          continue
        }
      }
      switch entries(of: next) {
      case .success(let listed):
        found += listed.pictures
        waiting += listed.folders.reversed()
      case .failure(let error):
        skip(next, error.reason)
      }
    }
    return found.sorted(by: bytewise)
  }

  /// Lists the class folders that turned out to hold no picture.
  mutating func noteEmptyClasses(_ folders: [String], except classes: Set<String>) {
    let known = Set(skipped.map(\.path))
    for name in folders where !classes.contains(name) && !known.contains(joined(name)) {
      skip(name, "a class folder without pictures; it is left out of the classes")
    }
  }

  /// The error that there is nothing to work on, with what was there instead.
  func noPictures() -> ImageError {
    var reason = "no pictures (looked for .jpg, .jpeg, .jpe, .jfif and .png, in sub-folders as well)"
    if ignoredFiles > 0 { reason += "; \(ignoredFiles) other files are there" }
    if let first = sortedSkipped.first {
      reason += "; \(skipped.count) left out, the first: \(first.path): \(first.reason)"
    }
    return ImageError(.noPictures, path: root, reason: reason)
  }

  private mutating func skip(_ relative: String, _ reason: String) {
    skipped.append(SkippedPicture(path: joined(relative), reason: reason))
  }

  /// Lists one folder: pictures and folders, as paths below the root in the order of their bytes.
  private mutating func entries(of folder: String) -> Result<
    (pictures: [String], folders: [String]), ImageError
  > {
    let names: [[UInt8]]
    switch folderEntries(joined(folder)) {
    case .success(let listed): names = listed.sorted { $0.lexicographicallyPrecedes($1) }
    case .failure(let error): return .failure(error)
    }
    var pictures: [String] = []
    var folders: [String] = []
    for bytes in names where bytes.first != UInt8(ascii: ".") {
      guard let name = String(validating: bytes, as: UTF8.self) else {
        let shown = String(decoding: bytes, as: UTF8.self)
        skip(folder.isEmpty ? shown : "\(folder)/\(shown)", "its name is not valid UTF-8; rename it")
        continue
      }
      let relative = folder.isEmpty ? name : "\(folder)/\(name)"
      switch FileStatus(joined(relative)).kind {
      case .folder:
        if !Self.systemFolders.contains(name) { folders.append(relative) }
      case .file:
        if accepts(relative, name: name) { pictures.append(relative) }
      case .other:
        ignoredFiles += 1
      case .missing(let code):
        // A link that leads nowhere, or a file that has gone since.
        skip(relative, FileBytes.unreadable(relative, code).reason)
      }
    }
    return .success((pictures, folders))
  }

  private mutating func accepts(_ relative: String, name: String) -> Bool {
    let suffix = name.lastIndex(of: ".").map { name[name.index(after: $0)...].lowercased() } ?? ""
    if Self.pictureExtensions.contains(suffix) { return true }
    guard Self.otherPictureExtensions.contains(suffix) else {
      ignoredFiles += 1
      return false
    }
    // The name says it is of another kind; the bytes decide.
    let start = (try? FileBytes.read(joined(relative), first: 64)) ?? []
    switch start.withUnsafeBytes({ PictureFormat(sniffing: $0) }) {
    case .jpeg, .png:
      return true
    case .other(let kind):
      skip(relative, "a \(kind); Graft reads JPEG and PNG: convert it first")
    case .unknown:
      skip(relative, "a .\(suffix) file; Graft reads JPEG and PNG: convert it first")
    }
    return false
  }
}

/// Whether the first name comes before the second in the order of their bytes, whatever the language.
private func bytewise(_ first: String, _ second: String) -> Bool {
  first.utf8.lexicographicallyPrecedes(second.utf8)
}

/// The names in a folder as the system has them: bytes, in no order.
private func folderEntries(_ path: String) -> Result<[[UInt8]], ImageError> {
  guard let folder = opendir(path) else { return .failure(FileBytes.unreadable(path, errno)) }
  defer { closedir(folder) }
  var names: [[UInt8]] = []
  while true {
    errno = 0
    guard let entry = readdir(folder) else {
      return errno == 0 ? .success(names) : .failure(FileBytes.unreadable(path, errno))
    }
    guard let offset = MemoryLayout<dirent>.offset(of: \dirent.d_name) else { continue }
    // The name may be longer than the array that the header declares.
    let start = UnsafeRawPointer(entry) + offset
    let length = strlen(start.assumingMemoryBound(to: CChar.self))
    names.append([UInt8](UnsafeRawBufferPointer(start: start, count: length)))
  }
}
