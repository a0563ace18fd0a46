import Foundation
import GraftImage
import Testing

@Suite("Augmentations as text")
struct AugmentationTextTests {
  @Test("Words have their usual numbers")
  func words() throws {
    #expect(
      try Augmentation(parsing: "flip, crop,color") == .flip.then(.crop()).then(.color()))
    #expect(
      try Augmentation(parsing: "rotation=15,hue,pca=0.2,scale-jitter")
        == .rotation(degrees: 15).then(.hue()).then(.pcaColor(deviation: 0.2)).then(.scaleJitter()))
    #expect(
      try Augmentation(parsing: "crop=0.3:0.9,color=0.1:0:0.4:0.02")
        == .crop(scale: 0.3...0.9).then(.color(brightness: 0.1, contrast: 0, saturation: 0.4, hue: 0.02)))
    #expect(try Augmentation(parsing: "none") == .none)
    for word in Augmentation.words where word != "none" {
      #expect(try !Augmentation(parsing: word).isEmpty)
    }
  }

  @Test("What is written is read back, as text and as JSON")
  func roundTrip() throws {
    for augmentation: Augmentation in [
      .none, .flip, .crop(scale: 0.1...0.7, aspect: 0.7...1.6), .scaleJitter(shortSide: 230...300),
      .verticalFlip(probability: 0.1).then(.rotation(degrees: 1.0 / 3)).then(.translation()).then(.shear()),
      .color(hue: 0.1).then(.pcaColor()).then(.cutout(0.5)).then(.brightness(0.7)),
    ] {
      #expect(try Augmentation(parsing: augmentation.description) == augmentation)
      let data = try JSONEncoder().encode([augmentation])
      #expect(try JSONDecoder().decode([Augmentation].self, from: data) == [augmentation])
    }
    #expect("\(Augmentation.crop().then(.flip))" == "crop=0.5:1:0.75:1.3333333333333333,flip=0.5")
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode([Augmentation].self, from: Data(#"["flop"]"#.utf8))
    }
  }

  @Test(
    "What cannot be meant is refused with the reason",
    arguments: [
      ("flip,blur", "unknown augmentation “blur”; known are crop, scale-jitter, flip"),
      ("", "unknown augmentation “”"), ("flip,", "unknown augmentation “”"), ("flip,none", "“none”"),
      ("rotation=lots", "“lots” in “rotation=lots” is not a number"), ("rotation=nan", "not a number"),
      ("rotation=", "is not a number"), ("rotation=200", "rotation's degrees must be from 0 to 180, not 200"),
      ("crop=0.9:0.5", "smallest share of the area is 0.9, more than the largest share of the area, 0.5"),
      ("crop=0", "must be from 0.0001 to 1, not 0"), ("hue=0.1:0.2", "hue takes up to 1 numbers, not 2"),
      ("color=1:1:1:0.5:3", "color takes up to 4 numbers, not 5"), ("color=2", "brightness's amount"),
      ("crop,scale-jitter", "crop and scale-jitter both choose the part"),
    ])
  func refused(_ text: String, _ reason: String) {
    let error = #expect(throws: ImageError.self) { try Augmentation(parsing: text) }
    #expect(error?.code == .invalidAugmentation)
    #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
  }
}
