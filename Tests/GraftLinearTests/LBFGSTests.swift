import Foundation
import GraftLinear
import Testing

@Suite("L-BFGS")
struct LBFGSTests {
  @Test("it finds the minimum of Rosenbrock's function", arguments: [2, 10, 50])
  func rosenbrock(dimensions: Int) throws {
    func function(_ x: [Double], _ gradient: inout [Double]) -> Double {
      gradient = [Double](repeating: 0, count: x.count)
      var value = 0.0
      for i in 0..<x.count - 1 {
        let (a, b) = (x[i + 1] - x[i] * x[i], 1 - x[i])
        value += 100 * a * a + b * b
        gradient[i] += -400 * a * x[i] - 2 * b
        gradient[i + 1] += 200 * a
      }
      return value
    }
    var solver = LBFGS(start: (0..<dimensions).map { $0 % 2 == 0 ? -1.2 : 1 })
    let outcome = try solver.minimize(
      function, limits: .init(iterations: 2000), until: { $0.gradientNorm < 1e-9 })
    #expect(outcome == .converged)
    // From this start the chain of more than three dimensions has a second minimum, with -1 in front.
    let ends = Set(solver.point.dropFirst().map { ($0 * 1e6).rounded() / 1e6 })
    #expect(ends == [1])
    #expect(abs(abs(solver.point[0]) - 1) < 0.01)
  }

  @Test("it finds the minimum of badly scaled quadratics", arguments: [1.0, 1e2, 1e4])
  func quadratic(condition: Double) throws {
    let scales = (0..<60).map { pow(condition, Double($0) / 59) }
    func function(_ x: [Double], _ gradient: inout [Double]) -> Double {
      gradient = x.indices.map { scales[$0] * (x[$0] - 3) }
      return x.indices.reduce(0) { $0 + scales[$1] / 2 * (x[$1] - 3) * (x[$1] - 3) }
    }
    var solver = LBFGS(start: [Double](repeating: 0, count: 60))
    let outcome = try solver.minimize(
      function, limits: .init(iterations: 5000), until: { $0.gradientNorm < 1e-8 })
    #expect(outcome == .converged)
    #expect(solver.point.allSatisfy { abs($0 - 3) < 1e-7 })
    #expect(solver.iterations <= solver.evaluations)
  }

  @Test("the value never rises")
  func monotone() throws {
    var values: [Double] = []
    var solver = LBFGS(start: [-1.2, 1])
    _ = try solver.minimize(
      { x, gradient in
        let (a, b) = (x[1] - x[0] * x[0], 1 - x[0])
        gradient = [-400 * a * x[0] - 2 * b, 200 * a]
        return 100 * a * a + b * b
      }, limits: .init(iterations: 100), until: { $0.gradientNorm < 1e-8 },
      afterEachStep: { values.append($0.value) })
    #expect(values.count > 10)
    #expect(zip(values, values.dropFirst()).allSatisfy { $0 >= $1 })
  }

  @Test("it stops at the limit of steps and says so, and goes on from there")
  func limit() throws {
    func function(_ x: [Double], _ gradient: inout [Double]) -> Double {
      gradient = [4 * x[0] * x[0] * x[0], 2 * x[1]]
      return x[0] * x[0] * x[0] * x[0] + x[1] * x[1]
    }
    var solver = LBFGS(start: [5, 3])
    let first = try solver.minimize(
      function, limits: .init(iterations: 3), until: { $0.gradientNorm < 1e-9 })
    #expect(first == .iterationLimit && solver.iterations == 3 && solver.gradientNorm > 1e-9)
    let second = try solver.minimize(
      function, limits: .init(iterations: 500), until: { $0.gradientNorm < 1e-9 })
    #expect(second == .converged && solver.gradientNorm < 1e-9)
  }

  @Test("it steps back from where the function is not defined")
  func barrier() throws {
    var solver = LBFGS(start: [30])
    let outcome = try solver.minimize(
      { x, gradient in
        gradient = [1 - 1 / x[0]]
        return x[0] > 0 ? x[0] - log(x[0]) : .nan
      }, limits: .init(iterations: 200), until: { $0.gradientNorm < 1e-10 })
    #expect(outcome == .converged)
    #expect(abs(solver.point[0] - 1) < 1e-9)
  }

  @Test("it stalls at once where the function is not finite at the start")
  func undefined() throws {
    var solver = LBFGS(start: [1])
    let outcome = try solver.minimize(
      { _, gradient in
        gradient = [.nan]
        return .nan
      }, limits: .init(iterations: 10), until: { $0.gradientNorm < 1 })
    #expect(outcome == .stalled && solver.evaluations == 1)
  }

  @Test("it stalls when the gradient leads nowhere")
  func misleading() throws {
    var solver = LBFGS(start: [1])
    let outcome = try solver.minimize(
      { x, gradient in
        gradient = [-1]
        return x[0] * x[0]
      }, limits: .init(iterations: 100), until: { $0.gradientNorm < 1e-9 })
    #expect(outcome == .stalled)
    #expect(solver.evaluations < 1000)
  }

  @Test("an error in the function or after a step passes through")
  func errors() {
    struct Stop: Error {}
    var solver = LBFGS(start: [1])
    #expect(throws: Stop.self) {
      try solver.minimize(
        { _, _ in throw Stop() }, limits: .init(iterations: 5), until: { $0.gradientNorm < 1e-9 })
    }
    #expect(throws: Stop.self) {
      try solver.minimize(
        { x, gradient in
          gradient = [2 * x[0]]
          return x[0] * x[0]
        }, limits: .init(iterations: 5), until: { $0.gradientNorm < 1e-9 },
        afterEachStep: { _ in throw Stop() })
    }
  }
}
