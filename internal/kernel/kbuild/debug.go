// SPDX-License-Identifier: Apache-2.0

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

// MacroMaps returns options that hypgen adds to kbuild's where these do not map
// __FILE__, as those of Linux 7 in its source tree: the name is then what kbuild
// spells, ./ before the headers of include directories, and none before sources and
// headers beside them. Without, it would be a path of Bazel's.
func MacroMaps(compile Compile) []Option {
	const root = "-fmacro-prefix-map=" + TreeRoot + "/"
	for _, option := range compile.Options {
		if option[0] == root+"=" || option[0] == "-ffile-prefix-map="+TreeRoot+"/=" {
			return nil
		}
	}
	dir := path.Dir(compile.Object) + "/"
	return []Option{{root + "=./"}, {root + dir + "=" + dir}} // the last one that matches is taken
}

// spelledMaps returns options that give a source the name that it has in
// kbuild's command, in __FILE__, which is in .hyp.rodata, and in debug information: a
// label cannot have "..". Assemblers map names of directories there, not of files.
func spelledMaps(compile Compile) []Option {
	cleaned := path.Clean(compile.Source)
	if cleaned == compile.Source {
		return nil
	}
	maps := []Option{{"-ffile-prefix-map=" + TreeRoot + "/" + cleaned + "=" + compile.Source}}
	if dir := path.Dir(cleaned); compile.Assembly() && hasDebug(compile.Options) && dir != "." {
		spelled := strings.TrimSuffix(compile.Source, "/"+path.Base(cleaned))
		maps = append(maps, Option{"-fdebug-prefix-map=" + TreeRoot + "/" + dir + "=" + spelled})
	}
	return maps
}
