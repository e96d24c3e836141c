// SPDX-License-Identifier: Apache-2.0

package kbuild

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// TreeRoot is the tree's root in options. hyp_library's `tree` sets its value.
const TreeRoot = "$(TREE)"

// CompilerHeaders is the directory of the compiler's own headers in a transcript: the argument of -isystem $(CC -print-file-name=include),
// which kbuild has after -nostdinc up to Linux 5.15.
const CompilerHeaders = "$(compiler)/include"

// compilerHeaders matches that directory of gcc and clang.
var compilerHeaders = regexp.MustCompile(`^(?:/.*)?/lib[^/]*/(?:(?:gcc|gcc-cross)/[^/]+/[0-9.]+|.*/?clang/[0-9.]+)/include$`)

// withCompilerHeaders replaces -isystem CompilerHeaders, which names a directory that only one machine has, by an option with which
// the compiler takes it from its installation. gcc's -iwithprefix is relative to that, and not affected by -nostdinc. clang has
// -nostdlibinc, which is -nostdinc without the effect on these headers. gcc and clang search both directories after those of -I.
func (c *compilerCall) withCompilerHeaders(clang bool) {
	own := -1
	for i, option := range c.options {
		if len(option) == 2 && option[0] == "-isystem" && option[1] == CompilerHeaders {
			own = i
		}
	}
	if own < 0 {
		return
	}
	if !clang {
		c.options[own] = Option{"-iwithprefix", "include"}
		return
	}
	c.options = slices.Delete(c.options, own, own+1)
	for i, option := range c.options {
		if option[0] == "-nostdinc" {
			c.options[i] = Option{"-nostdlibinc"}
		}
	}
}

// compilerCall is a parsed command line of the compiler.
type compilerCall struct {
	mode    string // "-c", "-E" or empty for a whole program
	source  string
	output  string
	options []Option
}

// Option is one option of a compiler: one word, or two if the argument is a separate word.
type Option []string

// String returns the option's words with spaces between.
func (o Option) String() string { return strings.Join(o, " ") }

// hasDir tells whether an option is a repeated -I. kbuild has a directory of the
// source tree and the same one of the object tree, which are one here; the
// compiler ignores the second.
func (c *compilerCall) hasDir(option Option) bool {
	if !strings.HasPrefix(option[0], "-I") {
		return false
	}
	for _, before := range c.options {
		if before[0] == option[0] {
			return true
		}
	}
	return false
}

// The rules for options. All others are kept unchanged.
var (
	// droppedPrefixes are dependency files, which Bazel does not need, and paths of the compiler's files, which the C toolchain knows.
	droppedPrefixes = []string{"-Wp,-MD,", "-Wp,-MMD,", "-Wp,-MT,", "--prefix=", "--gcc-toolchain=", "--sysroot="}
	// joinedPaths take a path of the tree, joined or as the next word; they are written joined. pairedPaths take it as the next word.
	joinedPaths = []string{"-I"}
	pairedPaths = []string{"-include", "-imacros", "-isystem", "-iquote", "-idirafter"}
	// prefixMaps map a path of the tree to another one.
	prefixMaps = []string{"-fmacro-prefix-map=", "-fdebug-prefix-map=", "-ffile-prefix-map="}
	// filePaths have a file of the tree after the equals sign.
	filePaths = []string{"-fsanitize-ignorelist=", "-fsanitize-blacklist=", "-specs=", "-fprofile-use=", "-fprofile-sample-use="}
)

// parseCompiler parses a command of the compiler.
func parseCompiler(words []string) (*compilerCall, error) {
	call, err := splitCompiler(words[1:])
	if err == nil {
		call.withCompilerHeaders(Program(words[0]) == "clang")
	}
	return call, err
}

// splitCompiler parses a compiler's arguments.
func splitCompiler(words []string) (*compilerCall, error) {
	call := &compilerCall{}
	words = escaped(withoutIdlePlugin(words))
	for i := 0; i < len(words); i++ {
		word := words[i]
		next := func() (string, error) {
			i++
			if i == len(words) {
				return "", errcode.CommandUnknown.Errorf("compiler: %s without its argument", word)
			}
			return words[i], nil
		}
		switch {
		case word == "-c" || word == "-E":
			call.mode = word
		case word == "-o":
			output, err := next()
			if err != nil {
				return nil, err
			}
			call.output = path.Clean(output)
		case !strings.HasPrefix(word, "-"):
			if call.source != "" {
				return nil, errcode.CommandUnknown.Errorf("compiler: two sources, %s and %s", call.source, word)
			}
			source, err := treePath(word)
			if err != nil {
				return nil, err
			}
			call.source = source
		default:
			translated, err := translate(word, next)
			if err != nil {
				return nil, err
			}
			if translated != nil && !call.hasDir(translated) {
				call.options = append(call.options, translated)
			}
		}
	}
	if call.source == "" || call.output == "" {
		return nil, errcode.CommandUnknown.Errorf("compiler: no source or no output: %s", strings.Join(words, " "))
	}
	return call, nil
}

// escaped returns words for a BUILD file, in which $ starts a variable: kbuild's own $ are $$. Those of transcripts stay.
func escaped(words []string) []string {
	return slices.Collect(func(yield func(string) bool) {
		for _, word := range words {
			word = strings.ReplaceAll(word, "$", "$$")
			for _, variable := range []string{SourceRoot, CompilerHeaders} {
				word = strings.ReplaceAll(word, "$"+variable, variable)
			}
			if !yield(word) {
				return
			}
		}
	})
}

// translate returns an option for a BUILD file, or nil for one that is dropped.
func translate(word string, next func() (string, error)) (Option, error) {
	for _, prefix := range droppedPrefixes {
		if strings.HasPrefix(word, prefix) {
			return nil, nil
		}
	}
	if compilesForLTO(word) {
		return nil, nil
	}
	if word == "-gsplit-dwarf" {
		return nil, errcode.OptionUnknown.Errorf("option %s puts the debug information into files beside the objects, which a partial link does not have; "+
			"turn off CONFIG_DEBUG_INFO_SPLIT and prepare the tree again", word)
	}
	if plugin, ok := loadedFile(word); ok {
		return nil, refusePlugin(word, plugin)
	}
	for _, option := range joinedPaths {
		if value, ok := strings.CutPrefix(word, option); ok {
			if value == "" {
				var err error
				if value, err = next(); err != nil {
					return nil, err
				}
			}
			inTree, err := treeOption(option, value)
			return Option{option + inTree}, err
		}
	}
	for _, option := range pairedPaths {
		if word == option {
			value, err := next()
			if err != nil {
				return nil, err
			}
			if option == "-isystem" && value == CompilerHeaders {
				return Option{option, value}, nil
			}
			inTree, err := treeOption(option, value)
			return Option{option, inTree}, err
		}
	}
	for _, option := range pairedPaths {
		// Joined: -include./a.h. Other options start as these do: -include-pch, and -isystem=a is below --sysroot.
		if value, ok := strings.CutPrefix(word, option); ok && value != "" && strings.IndexByte("-=", value[0]) < 0 {
			inTree, err := treeOption(option, value)
			return Option{option, inTree}, err
		}
	}
	if value, ok := strings.CutPrefix(word, "-Wa,-I"); ok && value != "" && !strings.Contains(value, ",") {
		inTree, err := treeOption("-Wa,-I", value)
		return Option{"-Wa,-I" + inTree}, err
	}
	for _, option := range prefixMaps {
		if value, ok := strings.CutPrefix(word, option); ok {
			return translateMap(option, value)
		}
	}
	for _, option := range filePaths {
		if value, ok := strings.CutPrefix(word, option); ok {
			inTree, err := treeOption(option, value)
			return Option{option + inTree}, err
		}
	}
	if strings.Contains(word, SourceRoot) || strings.HasPrefix(word, "-f") && strings.Contains(word, "=./") {
		return nil, errcode.OptionUnknown.Errorf("option %s has a path of the tree, and hypgen does not know the option; report it with the kernel's version", word)
	}
	// Options whose argument is the next word, which is not a source.
	switch word {
	case "-D", "-U", "--param", "-x", "-target", "-Xclang", "-mllvm", "-Xassembler", "-Xpreprocessor", "-arch":
		value, err := next()
		if plugin, ok := loadedFile(value); ok && err == nil {
			err = refusePlugin(word+" "+value, plugin)
		}
		return Option{word, value}, err
	}
	return Option{word}, nil
}

// translateMap rewrites the old path of a prefix map. kbuild writes `./=` for the
// root if sources and objects are in one tree.
func translateMap(option, value string) (Option, error) {
	from, to, ok := strings.Cut(value, "=")
	if !ok {
		return nil, errcode.OptionUnknown.Errorf("option %s%s: no = between the paths", option, value)
	}
	switch from {
	case SourceRoot + "/", "./":
		from = TreeRoot + "/"
	case SourceRoot, ".":
		from = TreeRoot
	default:
		inTree, err := treeOption(option, from)
		if err != nil {
			return nil, err
		}
		from = inTree
	}
	return Option{option + from + "=" + to}, nil
}

// treeOption returns an option's path, below TreeRoot.
func treeOption(option, value string) (string, error) {
	inTree, err := treePath(value)
	if err != nil {
		return "", fmt.Errorf("option %s: %w", option, err)
	}
	if inTree = path.Clean(inTree); inTree == "." {
		return TreeRoot, nil
	}
	return TreeRoot + "/" + inTree, nil
}

// treePath returns a path relative to the tree's root. In a repository, object
// tree and source tree are one, so both have the same root.
func treePath(name string) (string, error) {
	if inSource, ok := strings.CutPrefix(name, SourceRoot+"/"); ok {
		return inSource, nil
	}
	if name == SourceRoot {
		return ".", nil
	}
	if path.IsAbs(name) {
		return "", errcode.PathOutsideTree.Errorf("%s is outside the kernel tree, and does not exist on other machines", name)
	}
	name = strings.TrimPrefix(name, "./")
	if cleaned := path.Clean(name); cleaned == ".." || strings.HasPrefix(cleaned, "../") {
		return "", errcode.PathOutsideTree.Errorf("%s is outside the kernel tree, and does not exist on other machines", name)
	}
	return name, nil
}
