package ldscript

// Glob is a compiled section name pattern.
type Glob struct{ pattern string }

// FileGlob is a compiled file name pattern.
type FileGlob struct{ pattern string }

// String returns the pattern as written.
func (g Glob) String() string { return g.pattern }

// String returns the pattern as written.
func (g FileGlob) String() string { return g.pattern }
