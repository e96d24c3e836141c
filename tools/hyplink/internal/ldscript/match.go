package ldscript

// InputFile names an input for file patterns.
type InputFile struct {
	// Path is the path of an object as it was given to the linker, or the name of
	// a member for one that came out of an archive.
	Path string
	// Archive is the path of the archive, or "" for an object.
	Archive string
}

// InputSection is what the script's patterns and sorting look at.
type InputSection struct {
	File  InputFile
	Name  string
	Align uint64 // sh_addralign
}

// Placement says where each input section goes.
type Placement struct {
	// ByStatement holds, for each input section description of the script, the
	// indexes of its input sections in output order.
	ByStatement map[*InputSpec][]int
	// Owner holds, for each input section, its output section; nil for an orphan.
	Owner []*OutputSection
}
