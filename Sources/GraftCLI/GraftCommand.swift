@main struct GraftCommand { static func main() {} }
