internal import Foundation

/// Pictures side by side with a caption.
public struct GalleryItem: Sendable, Hashable {
  /// A small picture.
  public struct Picture: Sendable, Hashable {
    /// The picture as a JPEG file; nil for one that cannot be shown.
    public var jpeg: [UInt8]?
    /// Pixels in a row.
    public var width: Int
    /// Rows.
    public var height: Int
    /// What it is, for those who cannot see it: its path.
    public var name: String

    /// A small picture.
    public init(jpeg: [UInt8]?, width: Int, height: Int, name: String) {
      self.jpeg = jpeg
      self.width = width
      self.height = height
      self.name = name
    }
  }

  /// The pictures, from the left.
  public var pictures: [Picture]
  /// The first line of the caption.
  public var title: String
  /// The lines below it.
  public var lines: [String]

  /// Pictures with a caption.
  public init(pictures: [Picture], title: String, lines: [String] = []) {
    self.pictures = pictures
    self.title = title
    self.lines = lines
  }
}

/// Pictures as gallery.mustache sees them.
struct GalleryView {
  struct PictureView {
    var source: String?
    var width: String
    var height: String
    var alt: String
  }

  struct ItemView {
    var pictures: [PictureView]
    var title: String
    var lines: [String]
  }

  var items: [ItemView]

  init(_ items: [GalleryItem]) {
    self.items = items.map { item in
      ItemView(
        pictures: item.pictures.map { picture in
          PictureView(
            source: picture.jpeg.map { "data:image/jpeg;base64," + Data($0).base64EncodedString() },
            width: "\(picture.width)", height: "\(picture.height)", alt: ReportText.printable(picture.name))
        }, title: ReportText.printable(item.title), lines: item.lines.map(ReportText.printable))
    }
  }
}
