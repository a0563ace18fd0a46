/// Lines and columns over an axis.
public struct Plot: Sendable, Hashable {
  /// A place in a plot.
  public struct Point: Sendable, Hashable {
    /// Along the horizontal axis.
    public var x: Double
    /// Along the vertical axis.
    public var y: Double

    /// A place in a plot; what is not finite interrupts the line.
    public init(_ x: Double, _ y: Double) {
      self.x = x
      self.y = y
    }
  }

  /// A line.
  public struct Line: Sendable, Hashable {
    /// How a line is drawn.
    public enum Style: Sendable, Hashable {
      /// In a colour of its own.
      case solid
      /// In a colour of its own, interrupted.
      case dashed
      /// In grey, interrupted and without an entry in the legend's colours: something to compare with.
      case reference
    }

    /// What the line shows, for the legend.
    public var name: String
    /// From left to right.
    public var points: [Point]
    /// How it is drawn.
    public var style: Style
    /// Whether each point is marked.
    public var hasDots: Bool

    /// A line.
    public init(_ name: String, _ points: [Point], style: Style = .solid, hasDots: Bool = false) {
      self.name = name
      self.points = points
      self.style = style
      self.hasDots = hasDots
    }
  }

  /// A column over a part of the horizontal axis.
  public struct Column: Sendable, Hashable {
    /// What a column stands for.
    public enum Kind: String, Sendable, Hashable {
      /// A value.
      case bar
      /// What is missing or too much.
      case gap
    }

    /// The part of the horizontal axis.
    public var x: ClosedRange<Double>
    /// From where to where it reaches on the vertical axis.
    public var y: ClosedRange<Double>
    /// What it stands for.
    public var kind: Kind
    /// Shown while the pointer is over it.
    public var note: String

    /// A column over a part of the horizontal axis.
    public init(x: ClosedRange<Double>, y: ClosedRange<Double>, kind: Kind = .bar, note: String = "") {
      self.x = x
      self.y = y
      self.kind = kind
      self.note = note
    }
  }

  /// The heading.
  public var title: String
  /// The horizontal axis.
  public var x: Axis
  /// The vertical axis.
  public var y: Axis
  /// The lines; those after the eighth repeat the colours.
  public var lines: [Line]
  /// The columns, behind the lines.
  public var columns: [Column]
  /// How to read it; nil for nothing.
  public var caption: String?

  /// A plot.
  public init(
    _ title: String, x: Axis, y: Axis, lines: [Line] = [], columns: [Column] = [], caption: String? = nil
  ) {
    self.title = title
    self.x = x
    self.y = y
    self.lines = lines
    self.columns = columns
    self.caption = caption
  }
}
