// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"strings"
)

// clangArgs returns the arguments before the caller's, which can override them: those of the settings, and options that make the output independent of
// where the compile runs. There are none for a subprogram, which the driver gives all that it needs.
func clangArgs(cwd string, settings, caller []string, fsys files) []string {
	if isClangSubprogram(caller, fsys) {
		return nil
	}
	args := append([]string{
		// Not every command line uses all of them, and kbuild makes unused ones an error.
		"--start-no-unused-arguments",
		// Otherwise clang would start itself by the path in /proc/self/exe, which is the loader's.
		"-no-canonical-prefixes",
		// DW_AT_comp_dir is the working directory, which differs between sandboxes. clang 14's assembler does not map it.
		"-fdebug-compilation-dir=.",
		"-ffile-prefix-map=" + cwd + "=.",
	}, settings...)
	return append(args, "--end-no-unused-arguments")
}

// isClangSubprogram reports whether the driver starts clang as its compiler or its assembler. An argument list that is too long for the system is in a
// file.
func isClangSubprogram(args []string, fsys files) bool {
	if len(args) == 0 {
		return false
	}
	first := args[0]
	if name, ok := strings.CutPrefix(first, "@"); ok && len(args) == 1 {
		text, err := fsys.ReadFile(name)
		if err != nil {
			// clang says what is wrong.
			return false
		}
		first = string(bytes.TrimLeft(text, "\" \t\n"))
	}
	return strings.HasPrefix(first, "-cc1")
}
