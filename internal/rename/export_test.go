package rename

// Glob gives the tests of the fuzz targets a matcher.
func Glob(pattern string) (match func(string) bool, err error) {
	g, err := compileGlob(pattern)
	return g.match, err
}
