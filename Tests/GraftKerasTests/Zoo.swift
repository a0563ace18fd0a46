import GraftKeras
import GraftModels

/// Every published architecture as a candidate.
let zoo: [NetworkCandidate] = Architecture.all.map { architecture in
  NetworkCandidate(name: architecture.name) { top in
    switch top {
    case .none: try architecture.graph(top: .none)
    case .classifier(let classes): try architecture.graph(top: .classifier(classes: classes))
    }
  }
}
