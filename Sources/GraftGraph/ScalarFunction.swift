internal import Foundation

/// A function of one number that is applied to every element, beyond those that networks of Keras Applications use.
///
/// Formulas are those of `keras.activations`; each has its slope beside it.
public enum ScalarFunction: Hashable, Sendable, Codable {
  /// x from `threshold` on, at most `maximum`; `slope` times x - `threshold` below. Keras's `ReLU` and `LeakyReLU`.
  case rectifier(slope: Float, maximum: Float?, threshold: Float)
  /// scale x, below 0 scale alpha (exp(x / width) - 1). ELU has scale and width 1, CELU a width of alpha, SELU scale
  /// 1.05070098 and alpha 1.67326324.
  case exponentialLinear(alpha: Float, scale: Float, width: Float)
  /// scale x + offset, at least `low` and at most `high`: Keras 2's hard sigmoid, hard tanh.
  case ramp(scale: Float, offset: Float, low: Float, high: Float)
  /// The hyperbolic tangent.
  case tanh
  /// x minus the hyperbolic tangent.
  case tanhShrink
  /// exp(x)
  case exponential
  /// log(1 + exp(x))
  case softplus
  /// log(1 / (1 + exp(-x)))
  case logSigmoid
  /// x / (1 + |x|)
  case softsign
  /// x tanh(log(1 + exp(x))). Misra, 2019, arXiv 1908.08681.
  case mish
  /// x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2, the approximation of GELU.
  case approximateGELU
  /// (x + sqrt(x^2 + b)) / 2
  case squareplus(b: Float)
  /// 0 where |x| is at most `threshold`; else x, or with `isSoft` x brought nearer to 0 by the threshold.
  case shrink(threshold: Float, isSoft: Bool)
}

extension ScalarFunction {
  /// The rectifier that gives `slope` times x below 0.
  public static func leakyRectifier(_ slope: Float) -> ScalarFunction {
    .rectifier(slope: slope, maximum: nil, threshold: 0)
  }

  /// ELU. Clevert et al., 2015, arXiv 1511.07289.
  public static func elu(_ alpha: Float = 1) -> ScalarFunction {
    .exponentialLinear(alpha: alpha, scale: 1, width: 1)
  }

  /// SELU. Klambauer et al., 2017, arXiv 1706.02515.
  public static let selu = ScalarFunction.exponentialLinear(alpha: 1.6732632, scale: 1.050701, width: 1)

  /// Keras 2's hard sigmoid: 0.2 x + 0.5 from 0 to 1.
  public static let oldHardSigmoid = ScalarFunction.ramp(scale: 0.2, offset: 0.5, low: 0, high: 1)

  /// x from -1 to 1.
  public static let hardTanh = ScalarFunction.ramp(scale: 1, offset: 0, low: -1, high: 1)

  /// The value at `x`.
  package func callAsFunction(_ x: Double) -> Double {
    switch self {
    case .rectifier(let slope, let maximum, let threshold):
      if x < Double(threshold) { return Double(slope) * (x - Double(threshold)) }
      return min(x, maximum.map(Double.init) ?? .infinity)
    case .exponentialLinear(let alpha, let scale, let width):
      return Double(scale) * (x > 0 ? x : Double(alpha) * expm1(x / Double(width)))
    case .ramp(let scale, let offset, let low, let high):
      return min(max(Double(scale) * x + Double(offset), Double(low)), Double(high))
    case .tanh: return Foundation.tanh(x)
    case .tanhShrink: return x - Foundation.tanh(x)
    case .exponential: return exp(x)
    case .softplus: return Self.logOnePlusExp(x)
    case .logSigmoid: return -Self.logOnePlusExp(-x)
    case .softsign: return x / (1 + abs(x))
    case .mish: return x * Foundation.tanh(Self.logOnePlusExp(x))
    case .approximateGELU: return x * (1 + Foundation.tanh(Self.root * (x + 0.044715 * x * x * x))) / 2
    case .squareplus(let b): return (x + (x * x + Double(b)).squareRoot()) / 2
    case .shrink(let threshold, let isSoft):
      let t = Double(threshold)
      return abs(x) <= t ? 0 : isSoft ? (x > 0 ? x - t : x + t) : x
    }
  }

  /// The slope at `x`; at corners that of the right side.
  package func slope(_ x: Double) -> Double {
    switch self {
    case .rectifier(let slope, let maximum, let threshold):
      if x < Double(threshold) { return Double(slope) }
      return x < maximum.map(Double.init) ?? .infinity ? 1 : 0
    case .exponentialLinear(let alpha, let scale, let width):
      return Double(scale) * (x > 0 ? 1 : Double(alpha) * exp(x / Double(width)) / Double(width))
    case .ramp(let scale, let offset, let low, let high):
      let y = Double(scale) * x + Double(offset)
      return y > Double(low) && y < Double(high) ? Double(scale) : 0
    case .tanh:
      let y = Foundation.tanh(x)
      return 1 - y * y
    case .tanhShrink:
      let y = Foundation.tanh(x)
      return y * y
    case .exponential: return exp(x)
    case .softplus: return Self.sigmoid(x)
    case .logSigmoid: return Self.sigmoid(-x)
    case .softsign: return 1 / ((1 + abs(x)) * (1 + abs(x)))
    case .mish:
      let y = Foundation.tanh(Self.logOnePlusExp(x))
      return y + x * (1 - y * y) * Self.sigmoid(x)
    case .approximateGELU:
      let y = Foundation.tanh(Self.root * (x + 0.044715 * x * x * x))
      return (1 + y) / 2 + x * (1 - y * y) * Self.root * (1 + 3 * 0.044715 * x * x) / 2
    case .squareplus(let b): return (1 + x / (x * x + Double(b)).squareRoot()) / 2
    case .shrink(let threshold, _): return abs(x) <= Double(threshold) ? 0 : 1
    }
  }

  private static let root = (2 / Double.pi).squareRoot()

  private static func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  private static func logOnePlusExp(_ x: Double) -> Double { x > 0 ? x + log1p(exp(-x)) : log1p(exp(x)) }
}
