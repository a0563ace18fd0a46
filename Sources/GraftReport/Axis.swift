internal import Foundation

/// An axis of a plot.
public struct Axis: Sendable, Hashable {
  /// How its numbers are written.
  public enum Format: Sendable, Hashable {
    /// As they are.
    case number
    /// Shares from 0 to 1 as percentages.
    case percent
  }

  /// What it shows.
  public var title: String
  /// From where to where; nil for what the data have.
  public var range: ClosedRange<Double>?
  /// How its numbers are written.
  public var format: Format
  /// Whether equal ratios take equal room; only values above 0 are then drawn.
  public var isLogarithmic: Bool

  /// An axis.
  public init(
    _ title: String, range: ClosedRange<Double>? = nil, format: Format = .number, isLogarithmic: Bool = false
  ) {
    self.title = title
    self.range = range
    self.format = format
    self.isLogarithmic = isLogarithmic
  }

  /// An axis of shares from 0 to 1, written as percentages.
  public static func share(_ title: String) -> Axis { Axis(title, range: 0...1, format: .percent) }
}

/// Where the values of an axis lie on paper.
struct AxisScale {
  private let axis: Axis
  private let low: Double
  private let high: Double
  private let start: Double
  private let end: Double

  /// An axis that has to show `values` from the coordinate `start` to `end`.
  init(_ axis: Axis, values: [Double], start: Double, end: Double) {
    self.axis = axis
    self.start = start
    self.end = end
    let usable = values.filter { $0.isFinite && (!axis.isLogarithmic || $0 > 0) }
    var low = axis.range?.lowerBound ?? usable.min() ?? (axis.isLogarithmic ? 1 : 0)
    var high = axis.range?.upperBound ?? usable.max() ?? (axis.isLogarithmic ? 10 : 1)
    if axis.isLogarithmic {
      low = low > 0 && low.isFinite ? low : 1e-12
      if high <= low { (low, high) = (low / 2, low * 2) }
      (low, high) = (log10(low), log10(high))
    } else if high <= low {
      let margin = max(abs(low) * 0.1, 1e-12)
      (low, high) = (low - margin, low + margin)
    }
    self.low = low
    self.high = high
  }

  /// The coordinate of a value, held within the axis; nil for what has no place on it.
  func place(_ value: Double) -> Double? {
    guard value.isFinite, !axis.isLogarithmic || value > 0 else { return nil }
    let position = ((axis.isLogarithmic ? log10(value) : value) - low) / (high - low)
    return start + min(max(position, 0), 1) * (end - start)
  }

  /// Round values along the axis and their coordinates: steps of 1, 2 or 5 times a power of ten.
  var ticks: [(label: String, place: Double)] {
    axis.isLogarithmic ? logarithmicTicks : linearTicks
  }

  private var linearTicks: [(label: String, place: Double)] {
    let rough = (high - low) / 5
    let power = pow(10, floor(log10(rough)))
    let step = [1.0, 2, 5, 10].map { $0 * power }.first { $0 >= rough * 0.999 } ?? rough
    let decimals = max(0, Int(-floor(log10(step) + 1e-9)))
    return stride(from: (low / step - 1e-9).rounded(.up), through: (high / step + 1e-9).rounded(.down), by: 1)
      .compactMap { count in
        let value = count * step
        return place(value).map { (label(value, decimals: decimals), $0) }
      }
  }

  private var logarithmicTicks: [(label: String, place: Double)] {
    let (first, last) = (Int((low - 1e-9).rounded(.up)), Int((high + 1e-9).rounded(.down)))
    guard first <= last else {
      return [low, high].map { (String(format: "%.2g", pow(10, $0)), place(pow(10, $0)) ?? start) }
    }
    let step = max(1, (last - first) / 6 + 1)
    return stride(from: first, through: last, by: step).compactMap { exponent in
      place(pow(10, Double(exponent))).map { (String(format: "%.0e", pow(10, Double(exponent))), $0) }
    }
  }

  private func label(_ value: Double, decimals: Int) -> String {
    switch axis.format {
    case .percent: ReportText.number(100 * value, decimals: max(0, decimals - 2)) + " %"
    case .number: ReportText.number(value, decimals: decimals)
    }
  }
}
