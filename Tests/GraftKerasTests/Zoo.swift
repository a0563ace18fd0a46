import GraftKeras
import GraftModels

/// Every published architecture as a candidate.
let zoo: [NetworkCandidate] = Architecture.all.map { architecture in
  // Built once for all tests.
  let trunk = Result { try architecture.graph(top: .none) }
  return NetworkCandidate(name: architecture.name) { top in
    switch top {
    case .none: try trunk.get()
    case .classifier(let classes): try architecture.graph(top: .classifier(classes: classes))
    }
  }
}
