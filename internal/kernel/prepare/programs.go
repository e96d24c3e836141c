// SPDX-License-Identifier: Apache-2.0

package prepare

import (
	"fmt"
	"os/exec"
	"runtime"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/kernel/tree"
)

var lookPath = exec.LookPath

// program is a program that preparing a tree needs, and the Debian package that has it.
type program struct{ name, debian string }

// DefaultCrossCompile is the prefix of Debian's cross compiler.
const DefaultCrossCompile = "aarch64-linux-gnu-"

// variable returns the value of a variable in make's arguments; the last one wins.
func variable(arguments []string, name string) string {
	value := ""
	for _, argument := range arguments {
		if got, ok := strings.CutPrefix(argument, name+"="); ok {
			value = got
		}
	}
	return value
}

// NamesCompiler tells whether make's arguments name the compiler.
func NamesCompiler(arguments []string) bool {
	return variable(arguments, "CROSS_COMPILE") != "" || variable(arguments, "LLVM") != "" || variable(arguments, "CC") != ""
}

// DefaultCompiler returns make's arguments for the compiler, if none is given: on other machines than those of 64-bit Arm, Debian's cross compiler.
func DefaultCompiler() []string {
	if runtime.GOARCH == "arm64" {
		return nil
	}
	return []string{"CROSS_COMPILE=" + DefaultCrossCompile}
}

// compilerOf returns the name of the compiler of make's arguments, as kbuild's top Makefile makes it.
func compilerOf(arguments []string) string { return toolOf(arguments, "CC", "clang", "gcc") }

// toolOf returns the name of a tool: the variable's value, or the tool of LLVM= or CROSS_COMPILE=.
func toolOf(arguments []string, name, llvm, gnu string) string {
	// `ccache gcc`, `gcc -fno-canonical-system-headers`
	fields := slices.DeleteFunc(strings.Fields(variable(arguments, name)), func(word string) bool { return strings.HasPrefix(word, "-") })
	if len(fields) > 0 {
		return fields[len(fields)-1]
	}
	switch version := variable(arguments, "LLVM"); {
	case version == "" || version == "0":
		return variable(arguments, "CROSS_COMPILE") + gnu
	case strings.HasSuffix(version, "/"):
		return version + llvm
	case strings.HasPrefix(version, "-"):
		return llvm + version
	}
	return llvm
}

// programs returns those that make prepare runs.
func programs(make string, arguments []string) []program {
	compiler, linker := compilerOf(arguments), toolOf(arguments, "LD", "ld.lld", "ld")
	host := toolOf(onlyLLVM(arguments), "HOSTCC", "clang", "gcc")
	if fields := strings.Fields(variable(arguments, "HOSTCC")); len(fields) > 0 {
		host = fields[0]
	}
	return []program{
		{make, "make"},
		{"flex", "flex"},
		{"bison", "bison"},
		{"bc", "bc"},
		{host, packageOf(host)},
		{compiler, packageOf(compiler)},
		{linker, packageOf(linker)},
	}
}

func onlyLLVM(arguments []string) []string {
	return []string{"LLVM=" + variable(arguments, "LLVM")}
}

// packageOf returns the Debian package of a compiler or linker.
func packageOf(name string) string {
	switch {
	case strings.Contains(name, "clang"):
		return "clang"
	case strings.Contains(name, "lld"):
		return "lld"
	case strings.HasPrefix(name, DefaultCrossCompile):
		if name == DefaultCrossCompile+"ld" {
			return "binutils-aarch64-linux-gnu"
		}
		// aarch64-linux-gnu-gcc-14 is in gcc-14-aarch64-linux-gnu.
		return strings.TrimPrefix(name, DefaultCrossCompile) + "-aarch64-linux-gnu"
	case name == "ld":
		return "binutils"
	case name == "gcc":
		return "gcc libc6-dev"
	}
	return ""
}

// checkPrograms returns an error that names the programs that are not on PATH, and Debian's packages with them.
func checkPrograms(make string, arguments []string) error {
	var names, packages []string
	for _, p := range programs(make, arguments) {
		if _, err := lookPath(p.name); err == nil || slices.Contains(names, p.name) {
			continue
		}
		names = append(names, p.name)
		for _, name := range strings.Fields(p.debian) {
			if !slices.Contains(packages, name) {
				packages = append(packages, name)
			}
		}
	}
	if len(names) == 0 {
		return nil
	}
	advice := "install them, or name others (CROSS_COMPILE=…, LLVM=…, CC=…, HOSTCC=…)"
	if len(packages) > 0 {
		advice = "on Debian: apt-get install --no-install-recommends " + strings.Join(packages, " ")
	}
	return &MissingError{Names: names, text: fmt.Sprintf("preparing a kernel tree needs %s, not found on PATH; %s", strings.Join(names, ", "), advice)}
}

// MissingError says that programs are missing.
type MissingError struct {
	Names []string
	text  string
}

// Error formats e as one line.
func (e *MissingError) Error() string { return e.text }

// ErrorCode returns the kind of the error.
func (e *MissingError) ErrorCode() errcode.Code { return errcode.ProgramsMissing }

// CompilerVariables returns make's variables for the compiler that a tree is configured for; nil if its .config does not name a program.
func CompilerVariables(config tree.Configuration) []string {
	if config.Is("CC_IS_CLANG") {
		// clang --version does not say how the program is called.
		suffix := ""
		if compiler, ok := config.Compiler(); ok {
			if _, err := lookPath(fmt.Sprintf("clang-%d", compiler.Major)); err == nil {
				suffix = fmt.Sprintf("-%d", compiler.Major)
			}
		}
		switch {
		case config.Is("LD_IS_BFD") || config.Is("AS_IS_GNU"):
			// With GNU's programs beside the compiler. Those of LLVM= would be others.
			made := []string{"CC=clang" + suffix, "CROSS_COMPILE=" + DefaultCrossCompile}
			if config.Is("AS_IS_GNU") {
				made = append(made, "LLVM_IAS=0")
			}
			if config.Is("LD_IS_LLD") {
				made = append(made, "LD=ld.lld"+suffix)
			}
			return made
		case suffix == "":
			return []string{"LLVM=1"}
		}
		return []string{"LLVM=" + suffix}
	}
	// kbuild keeps the first line of gcc --version, which starts with the program's name.
	program, _, _ := strings.Cut(config.CompilerText(), " ")
	prefix, version, ok := strings.Cut(program, "gcc")
	switch {
	case !ok || prefix != "" && !strings.HasSuffix(prefix, "-"):
		return nil
	case version == "" && prefix == "":
		return nil
	case version == "":
		return []string{"CROSS_COMPILE=" + prefix}
	case prefix == "":
		return []string{"CC=" + program}
	}
	return []string{"CROSS_COMPILE=" + prefix, "CC=" + program}
}
