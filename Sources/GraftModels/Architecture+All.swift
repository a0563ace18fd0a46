extension Architecture {
  /// Every published architecture, family by family.
  public static let all: [Architecture] =
    [
      VGG.all, ResNet.all, LegacyResNet.all, ResNetV2.all, MobileNet.all, MobileNetV2.all, MobileNetV3.all,
      DenseNet.all, Xception.all, InceptionV3.all, InceptionResNetV2.all, EfficientNet.all,
      EfficientNetV2.all,
      ConvNeXt.all, NASNet.all, BasicResNet.all, [LeNet.leNet5], AlexNet.all, RepVGG.all,
    ].flatMap(\.self)

  /// VGG16: 13 convolutions, 3 dense layers.
  public static let vgg16 = VGG.vgg16
  /// VGG19: 16 convolutions, 3 dense layers.
  public static let vgg19 = VGG.vgg19
  /// ResNet18, from the package image-classifiers.
  public static let resNet18 = BasicResNet.resNet18
  /// ResNet34, from the package image-classifiers.
  public static let resNet34 = BasicResNet.resNet34
  /// ResNet50.
  public static let resNet50 = ResNet.resNet50
  /// ResNet101.
  public static let resNet101 = ResNet.resNet101
  /// ResNet152.
  public static let resNet152 = ResNet.resNet152
  /// ResNet50 as Keras 2.2 and older built it, for weight files of that time.
  public static let resNet50Legacy = LegacyResNet.resNet50
  /// ResNet50V2.
  public static let resNet50V2 = ResNetV2.resNet50V2
  /// ResNet101V2.
  public static let resNet101V2 = ResNetV2.resNet101V2
  /// ResNet152V2.
  public static let resNet152V2 = ResNetV2.resNet152V2
  /// MobileNet of full width; the others by `named(_:)`, as "mobilenet_0.25".
  public static let mobileNet = MobileNet.mobileNet
  /// MobileNetV2 of full width; the others by `named(_:)`, as "mobilenetv2_0.35".
  public static let mobileNetV2 = MobileNetV2.mobileNetV2
  /// MobileNetV3Small of full width; the others by `named(_:)`, as "mobilenetv3small_0.75" or
  /// "mobilenetv3small_minimalistic_1.0".
  public static let mobileNetV3Small = MobileNetV3.small
  /// MobileNetV3Large of full width; the others by `named(_:)`, as "mobilenetv3large_0.75" or
  /// "mobilenetv3large_minimalistic_1.0".
  public static let mobileNetV3Large = MobileNetV3.large
  /// DenseNet121.
  public static let denseNet121 = DenseNet.denseNet121
  /// DenseNet169.
  public static let denseNet169 = DenseNet.denseNet169
  /// DenseNet201.
  public static let denseNet201 = DenseNet.denseNet201
  /// Xception.
  public static let xception = Xception.xception
  /// InceptionResNetV2.
  public static let inceptionResNetV2 = InceptionResNetV2.inceptionResNetV2
  /// InceptionV3.
  public static let inceptionV3 = InceptionV3.inceptionV3
}
