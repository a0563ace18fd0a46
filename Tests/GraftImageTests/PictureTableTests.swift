import Foundation
import GraftData
import GraftImage
import Testing
import _GraftTestSupport

@Suite("Tables of pictures with several labels or boxes")
struct PictureTableTests {
  private func read(_ text: String, _ options: TableOptions = TableOptions()) throws -> DividedPictures {
    try TestData.withTemporaryFolder { folder in
      let path = folder.appending(path: "list.csv")
      try Data(text.utf8).write(to: path)
      return try DividedPictures(path.path, holdingOut: 0, table: options)
    }
  }

  @Test(
    "Labels stand in one field, or have a column of 0 and 1 each, or a line each",
    arguments: [
      ("path,labels\n1.jpg,cat|outdoor\n2.jpg,\n3.jpg, dog | outdoor \n4.jpg,cat\n", nil),
      ("path,label\n1.jpg,cat|outdoor\n2.jpg,|\n3.jpg,outdoor|dog\n4.jpg,cat\n", nil),
      ("1.jpg,cat|outdoor\n2.jpg,|\n3.jpg,outdoor|dog\n4.jpg,cat\n", nil),
      ("image_name,tags\n1.jpg,cat outdoor\n2.jpg,\n3.jpg,dog outdoor\n4.jpg,cat\n", " "),
      ("file;cat;dog;outdoor\n1.jpg;1;0;1\n2.jpg;0;0;0\n3.jpg;0;1;1.0\n4.jpg;True;False;False\n", nil),
      (
        "path,labels\n1.jpg,outdoor\n1.jpg,cat\n2.jpg,\n3.jpg,dog\n3.jpg,outdoor\n4.jpg,cat\n4.jpg,cat\n", nil
      ),
    ] as [(String, Character?)])
  func labels(_ text: String, _ separator: Character?) throws {
    let found = try read(text, TableOptions(separator: separator))
    #expect(found.task == .labels && found.labels.names == ["cat", "dog", "outdoor"])
    #expect(found.training.items.map(\.relativePath) == ["1.jpg", "2.jpg", "3.jpg", "4.jpg"])
    #expect(found.training.items.map(\.marks) == [[0, 2], [], [1, 2], [0]])
    #expect(found.training.items.allSatisfy { $0.label == nil && $0.box == nil })
    #expect(found.warnings.isEmpty && found.skipped.isEmpty)
  }

  @Test(
    "Columns that hold something else are left alone, and named; a label that is asked for as a class stays one"
  )
  func columns() throws {
    let found = try read("path,age,cat,dog\n1.jpg,31,1,0\n2.jpg,1,0,1\n")
    #expect(found.labels.names == ["cat", "dog"])
    #expect(
      found.warnings.count == 1 && found.warnings[0].contains("\"age\"") && found.warnings[0].contains("31"))
    let classes = try read("path,label\n1.jpg,a|b\n2.jpg,c\n", TableOptions(task: .classes))
    #expect(classes.task == .classes && classes.labels.names == ["a|b", "c"])
    let error = #expect(throws: ImageError.self) { try read("path,age\n1.jpg,31\n2.jpg,44\n") }
    #expect(error?.description.contains("age") == true)
  }

  @Test("Tables whose letters are not in UTF-8 are told from files that are no tables")
  func letters() throws {
    try TestData.withTemporaryFolder { folder in
      func refusal(_ bytes: [UInt8]) throws -> String {
        let path = folder.appending(path: "list.csv")
        try Data(bytes).write(to: path)
        let error = #expect(throws: ImageError.self) { try DividedPictures(path.path, holdingOut: 0) }
        return try #require(error).description
      }
      // é in Latin-1, and UTF-16.
      let latin = try refusal(Array("path,label\n1.jpg,caf".utf8) + [0xE9, 10])
      let wide = try refusal([0xFF, 0xFE] + "path".utf8.flatMap { [$0, 0] })
      #expect(latin.contains("UTF-8") && wide.contains("UTF-8"))
      let (none, picture) = (try refusal([]), try refusal([0x89, 0x50, 0x4E, 0x47, 0, 0, 0, 0xD]))
      #expect(
        none.contains("neither a folder nor a table") && picture.contains("neither a folder nor a table"))
    }
  }

  @Test(
    "A division keeps the share of each picture's rarest label, and parts have the labels of the whole table")
  func division() throws {
    try TestData.withTemporaryFolder { folder in
      var lines = ["path,labels"]
      for number in 0..<40 {
        try Data("\(number)".utf8).write(to: folder.appending(path: "\(number).jpg"))
        lines.append("\(number).jpg,\(number % 10 == 0 ? "rare|common" : number % 2 == 0 ? "common" : "")")
      }
      let path = folder.appending(path: "list.csv")
      try Data(lines.joined(separator: "\n").utf8).write(to: path)
      let found = try DividedPictures(path.path, holdingOut: 0.25)
      let held = try #require(found.validation)
      #expect(held.items.count { $0.marks?.contains(1) == true } == 1)
      #expect(held.items.count { $0.marks == [] } == 5 && held.items.count == 10)
      #expect(held.labels == found.labels && found.labels.names == ["common", "rare"])
      let table = "path,labels,split\n0.jpg,a|b,train\n1.jpg,a,val\n2.jpg,,test\n"
      try Data(table.utf8).write(to: path)
      let divided = try DividedPictures(path.path)
      #expect(divided.validation?.items.map(\.marks) == [[0]] && divided.validation?.labels?.count == 2)
      #expect(try ImageFolder.judged(path.path).folder.items.map(\.relativePath) == ["2.jpg"])
      #expect(try ImageFolder.judged(path.path, part: "val").folder.items.map(\.relativePath) == ["1.jpg"])
      #expect(try ImageFolder.judged(path.path, part: "all").folder.items.count == 3)
      #expect(throws: ImageError.self) { try ImageFolder.judged(path.path, part: "holiday") }
    }
  }

  @Test(
    "Boxes are shares or pixels, by their middle or their edges",
    arguments: [
      "path,b_x,b_y,b_w,b_h\n1.jpg,0.5,0.25,0.2,0.5\n",
      "path,width,height,b_x,b_y,b_w,b_h\n1.jpg,200,80,100,20,40,40\n",
      "path,width,height,b_x,b_y,b_w,b_h\n1.jpg,200,80,0.5,0.25,0.2,0.5\n",
      "filename,width,height,class,xmin,ymin,xmax,ymax\n1.jpg,200,80,cat,80,0,120,40\n",
      "Image;x_min;y_min;x_max;y_max;p_w;p_h\n1.jpg;80;0;120;40;200;80\n",
    ])
  func boxes(_ text: String) throws {
    let found = try read(text)
    #expect(found.task == .boxes && found.labels.names == Box.coordinateNames)
    #expect(found.warnings.count == (text.contains("class") ? 1 : 0))
    let box = try #require(found.training.items.first?.box)
    for (a, b) in zip(box.coordinates, [0.5, 0.25, 0.2, 0.5]) { #expect(abs(a - b) < 1e-12) }
  }

  @Test("Boxes that cannot be are named; a second box of a picture is refused")
  func refused() throws {
    let text =
      "path,b_x,b_y,b_w,b_h\n1.jpg,0.5,0.5,0.2,0.2\n2.jpg,0.5,0.5,0,0.2\n3.jpg,50,20,10,10\n4.jpg,x,0,0,0\n5.jpg,0.5\n"
    let found = try read(text)
    #expect(found.training.items.count == 1)
    #expect(found.skipped.map { String($0.path.suffix(2)) } == [":3", ":4", ":5", ":6"])
    #expect(found.skipped[1].reason.contains("pixels"))
    let cut = try read("path,xmin,ymin,xmax,ymax\n1.jpg,-0.05,0.5,0.5,1.02\n")
    let edges = try #require(cut.training.items.first?.box)
    #expect(edges.intersectionOverUnion(Box(left: 0, top: 0.5, right: 0.5, bottom: 1)) > 1 - 1e-12)
    let twice = #expect(throws: ImageError.self) {
      try read("path,b_x,b_y,b_w,b_h\n1.jpg,0.5,0.5,0.2,0.2\n1.jpg,0.4,0.5,0.2,0.2\n")
    }
    #expect(twice?.description.contains("lines 2 and 3") == true)
    #expect(throws: ImageError.self) { try read("path,label\n1.jpg,a\n", TableOptions(task: .boxes)) }
    let pixels = #expect(throws: ImageError.self) { try read("path,b_x,b_y,b_w,b_h\n1.jpg,50,20,10,10\n") }
    #expect(pixels?.description.contains("width and height") == true)
  }
}
