package main

import (
	"path"
	"slices"
	"strings"
)

// gccArgs returns the driver options that make a compile depend on the root alone and its output independent of where it runs. They
// come before the caller's, who may override all but the wrapper.
func gccArgs(self, root, cwd string, caller []string) []string {
	args := []string{
		// cc1, as and collect2 are started by the driver; they need the root's loader as well.
		"-wrapper", self + "," + subprogramFlag + root,
		// In a sandbox each input is a symlink to a file elsewhere. Resolved, it would lead the driver out of the sandbox, to files that are
		// no inputs, and put absolute paths into debug information and dependency files.
		"-no-canonical-prefixes",
	}
	if !slices.ContainsFunc(caller, isSysroot) {
		// Without it /usr/include and /usr/lib of the host are searched.
		args = append(args, "--sysroot="+root)
	}
	if slices.Contains(caller, "-###") || !compiles(caller) {
		return args
	}
	return append(args,
		// The same for the headers found in the driver's own folders.
		"-fno-canonical-system-headers",
		// DW_AT_comp_dir is the working folder: another one in each sandbox.
		"-ffile-prefix-map="+cwd+"=.",
	)
}

func isSysroot(arg string) bool {
	return arg == "--sysroot" || strings.HasPrefix(arg, "--sysroot=")
}

// compiles reports whether a driver command line does more than print something or link. Options for the compiler proper are harmless there,
// but some of them make gcc -v and --version ask for an input file.
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

// gccKept are the only variables that a compile sees: where temporary files go, and the time that __DATE__ stands for. GCC's manual lists
// a dozen more that add search folders or change the output (3.21, "Environment Variables Affecting GCC"); a build must not depend on them.
var gccKept = []string{"TMPDIR", "SOURCE_DATE_EPOCH"}

// gccEnv returns the environment of the driver. Its subprograms inherit it.
func gccEnv(env []string) []string {
	// Messages, and the sort order of everything that sorts, in one language.
	kept := []string{"LC_ALL=C"}
	dated := false
	for _, entry := range env {
		name, _, _ := strings.Cut(entry, "=")
		if slices.Contains(gccKept, name) {
			kept = append(kept, entry)
			dated = dated || name == "SOURCE_DATE_EPOCH"
		}
	}
	if !dated {
		// __DATE__ and __TIME__ must not be the time of the build.
		kept = append(kept, "SOURCE_DATE_EPOCH=0")
	}
	return kept
}

// subprogram returns what to run when the driver asks for a program. collect2 is the one that would start others by itself, without the
// wrapper: the linker. On ELF all it does is to pass its command line on to the linker, so the linker is started in its place.
func subprogram(root, program string) string {
	if path.Base(program) == "collect2" {
		return path.Join(root, "usr/aarch64-linux-gnu/bin/ld.bfd")
	}
	return program
}
