// `import Graft` is enough: everything that its public declarations mention comes with it.
@_exported public import GraftData
@_exported public import GraftEngine
@_exported public import GraftFeatures
@_exported public import GraftGraph
@_exported public import GraftHDF5
@_exported public import GraftImage
@_exported public import GraftKeras
@_exported public import GraftLinear
@_exported public import GraftModels
@_exported public import GraftReport
@_exported public import GraftTensor
@_exported public import GraftTraining
