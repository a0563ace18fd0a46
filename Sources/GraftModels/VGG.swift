internal import GraftGraph
internal import GraftImage

/// VGG: nothing but 3 x 3 convolutions and pooling. Simonyan and Zisserman, 2014, arXiv 1409.1556.
///
/// Stages: `block1` to `block5`.
enum VGG {
  static let vgg16 = vgg("vgg16", kerasName: "VGG16", convolutions: [2, 2, 3, 3, 3])
  static let vgg19 = vgg("vgg19", kerasName: "VGG19", convolutions: [2, 2, 4, 4, 4])
  static let all = [vgg16, vgg19]

  private static func vgg(_ name: String, kerasName: String, convolutions: [Int]) -> Architecture {
    Architecture(
      name, kerasName: kerasName, preprocessing: .caffe, featureWidth: 512,
      trunk: { g, x in
        var x = x
        for (block, (count, filters)) in zip(convolutions, [64, 128, 256, 512, 512]).enumerated() {
          let name = "block\(block + 1)"
          g.begin(stage: name)
          for i in 1...count {
            x = g.convolution(
              x, filters: filters, kernel: 3, padding: .same, activation: .relu, "\(name)_conv\(i)")
          }
          x = g.maxPooling(x, 2, stride: 2, "\(name)_pool")
        }
        return x
      },
      classifier: { g, x, classes in
        var x = g.flatten(x, "flatten")
        x = g.dense(x, units: 4096, activation: .relu, "fc1")
        x = g.dense(x, units: 4096, activation: .relu, "fc2")
        return g.dense(x, units: classes, activation: .softmax, "predictions")
      })
  }
}
