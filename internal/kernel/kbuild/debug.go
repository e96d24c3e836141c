package kbuild

import (
	"path"
	"strings"
)

// DebugMaps returns options that hypgen adds to kbuild's: file names in debug
// information are relative to the tree's root, as when kbuild builds in its
// source tree, wherever Bazel keeps the repository. There are none if the options
// enable no debug information.
func DebugMaps(options []Option) []Option {
	if !hasDebug(options) {
		return nil
	}
	maps := []Option{{"-fdebug-prefix-map=" + TreeRoot + "/="}}
	for _, option := range options {
		// gcc puts ./ before the relative name of a source that -include names, as those of the vDSO do.
		if len(option) == 2 && option[0] == "-include" && path.Ext(option[1]) == ".c" {
			return append(maps, Option{"-fdebug-prefix-map=./" + TreeRoot + "/="})
		}
	}
	return maps
}

// hasDebug tells whether options enable debug information.
func hasDebug(options []Option) bool {
	debug := false
	for _, option := range options {
		if strings.HasPrefix(option[0], "-g") {
			debug = option[0] != "-g0"
		}
	}
	return debug
}

// spelledMaps returns options that give a source the name that it has in
// kbuild's command. __FILE__ is in .hyp.rodata, and a label cannot have "..". Where
// kbuild does not map __FILE__, as Linux 7 in its source tree, the name is in debug
// information. Assemblers map names of directories there, not of files.
func spelledMaps(compile Compile) []Option {
	cleaned := path.Clean(compile.Source)
	if cleaned == compile.Source {
		return nil
	}
	var maps []Option
	for _, option := range compile.Options {
		for _, root := range []string{"-fmacro-prefix-map=", "-ffile-prefix-map="} {
			if option[0] == root+TreeRoot+"/=" {
				maps = []Option{{"-ffile-prefix-map=" + TreeRoot + "/" + cleaned + "=" + compile.Source}}
			}
		}
	}
	switch dir := path.Dir(cleaned); {
	case !hasDebug(compile.Options):
	case !compile.Assembly() && maps == nil:
		maps = []Option{{"-fdebug-prefix-map=" + TreeRoot + "/" + cleaned + "=" + compile.Source}}
	case compile.Assembly() && dir != ".":
		spelled := strings.TrimSuffix(compile.Source, "/"+path.Base(cleaned))
		maps = append(maps, Option{"-fdebug-prefix-map=" + TreeRoot + "/" + dir + "=" + spelled})
	}
	return maps
}
