// SPDX-License-Identifier: Apache-2.0

package main

import (
	"path"
	"slices"
	"strings"
)

// gccArgs returns driver options that make a compile depend only on the root, and its output independent of where it runs. They come before
// the caller's, which can override all except the wrapper.
func gccArgs(self, root, cwd string, caller []string) []string {
	args := []string{
		// The driver starts cc1, as and collect2, which need the root's loader as well.
		"-wrapper", self + "," + subprogramFlag + root,
		// In a sandbox inputs are symlinks. Resolving them would lead the driver out of the sandbox, to files that are not inputs, and put
		// absolute paths into debug information and dependency files.
		"-no-canonical-prefixes",
	}
	if !slices.ContainsFunc(caller, isSysroot) {
		// Otherwise the host's /usr/include and /usr/lib are searched.
		args = append(args, "--sysroot="+root)
	}
	if slices.Contains(caller, "-###") || !compiles(caller) {
		return args
	}
	return append(args,
		// The same for headers in the driver's own directories.
		"-fno-canonical-system-headers",
		// DW_AT_comp_dir is the working directory, which differs between sandboxes.
		"-ffile-prefix-map="+cwd+"=.",
		// The root's name differs between hosts, between MODULE.bazel and WORKSPACE, and between modules.
		"-ffile-prefix-map="+root+"/"+gccDirectory+"=gcc/",
	)
}

// gccDirectory has the directories of GCC's own headers, by target and version, relative to the root. It is spelled as the cross compilers spell it,
// which find the directory from their own path.
const gccDirectory = "usr/bin/../lib/gcc-cross/"

func isSysroot(arg string) bool {
	return arg == "--sysroot" || strings.HasPrefix(arg, "--sysroot=")
}

// compiles reports whether a driver command line compiles, rather than printing something or linking. Options for the compiler proper are
// harmless for those, but with some of them gcc -v and --version want an input file.
func compiles(caller []string) bool {
	for _, arg := range caller {
		switch {
		case arg == "-c", arg == "-S", arg == "-E", arg == "-M", arg == "-MM", strings.HasPrefix(arg, "@"):
			return true
		case strings.HasPrefix(arg, "-"):
		default:
			switch path.Ext(arg) {
			case ".c", ".i", ".S", ".s", ".sx", ".cc", ".cpp", ".cxx", ".C", ".ii":
				return true
			}
		}
	}
	return false
}

// subprogram returns what to run for a program that the driver starts, and its arguments.
func (c *Config) subprogram(root, program string, args []string) (string, []string) {
	switch path.Base(program) {
	case "collect2":
		// It would start the linker itself, without the wrapper. For ELF, all it does is to pass its command line on, so the linker is started
		// instead.
		return path.Join(root, "usr/aarch64-linux-gnu/bin/ld.bfd"), args
	case "cc1", "cc1plus":
		// A native compiler of Debian resolves the names of its own directories (its patch canonical-cpppath), so that lists of headers and debug
		// information would have absolute paths. The packages are unpacked so that it finds no headers there; those of the settings come
		// instead, at the end of the search, where its own would be.
		if c.Headers != "" && !slices.Contains(args, "-nostdinc") {
			args = append([]string{"-idirafter", root + "/" + gccDirectory + c.Headers}, args...)
		}
	}
	return program, args
}
