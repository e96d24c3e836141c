package kbuild

import (
	"fmt"
	"path"
	"strings"
)

// TreeRoot stands for the tree's root in options. hyp_library's `tree` gives it its value.
const TreeRoot = "$(TREE)"

// compilerCall is a compiler's command line taken apart.
type compilerCall struct {
	mode    string // "-c", "-E" or empty for a whole program
	source  string
	output  string
	options []Option
}

// Option is one option of a compiler: one word, or two where its argument is a word of its own.
type Option []string

// String returns the option's words with spaces between.
func (o Option) String() string { return strings.Join(o, " ") }

// hasFolder tells whether an option is a -I that came before. kbuild names a
// folder of the source tree and its double in the object tree, which are one
// here; the compiler ignores the second.
func (c *compilerCall) hasFolder(option Option) bool {
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

// The rules for options. Everything else is kept as it stands.
var (
	// droppedPrefixes: dependency files, which Bazel does without, and the places of a compiler's own files, which the C toolchain knows.
	droppedPrefixes = []string{"-Wp,-MD,", "-Wp,-MMD,", "-Wp,-MT,", "--prefix=", "--gcc-toolchain=", "--sysroot="}
	// joinedPaths take a path of the tree, behind a space or joined; they are written joined. pairedPaths take it behind a space.
	joinedPaths = []string{"-I"}
	pairedPaths = []string{"-include", "-imacros", "-isystem", "-iquote", "-idirafter"}
	// prefixMaps map a path of the tree to another name.
	prefixMaps = []string{"-fmacro-prefix-map=", "-fdebug-prefix-map=", "-ffile-prefix-map="}
	// filePaths name a file of the tree behind an equals sign.
	filePaths = []string{"-fsanitize-ignorelist=", "-fsanitize-blacklist=", "-specs=", "-fplugin=", "-fprofile-use=", "-fprofile-sample-use="}
)

// splitCompiler takes a compiler's arguments apart.
func splitCompiler(words []string) (*compilerCall, error) {
	call := &compilerCall{}
	for i := 0; i < len(words); i++ {
		word := words[i]
		next := func() (string, error) {
			i++
			if i == len(words) {
				return "", fmt.Errorf("compiler: %s without its argument", word)
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
				return nil, fmt.Errorf("compiler: two sources, %s and %s", call.source, word)
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
			if translated != nil && !call.hasFolder(translated) {
				call.options = append(call.options, translated)
			}
		}
	}
	if call.source == "" || call.output == "" {
		return nil, fmt.Errorf("compiler: no source or no output: %s", strings.Join(words, " "))
	}
	return call, nil
}

// translate returns one option as a BUILD file has it; nothing for a dropped one.
func translate(word string, next func() (string, error)) (Option, error) {
	for _, prefix := range droppedPrefixes {
		if strings.HasPrefix(word, prefix) {
			return nil, nil
		}
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
			inTree, err := treeOption(option, value)
			return Option{option, inTree}, err
		}
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
	if strings.Contains(word, SourceRoot) {
		return nil, fmt.Errorf("option %s names the source tree, and hypgen does not know in which way; report it with the kernel's version", word)
	}
	// Options whose argument is the next word: it must not be taken for a source.
	switch word {
	case "-D", "-U", "--param", "-x", "-target", "-Xclang", "-mllvm", "-Xassembler", "-Xpreprocessor", "-arch":
		value, err := next()
		return Option{word, value}, err
	}
	return Option{word}, nil
}

// translateMap rewrites the old name of a prefix map. `./=` is how kbuild
// writes the root where sources and objects are in one tree.
func translateMap(option, value string) (Option, error) {
	from, to, ok := strings.Cut(value, "=")
	if !ok {
		return nil, fmt.Errorf("option %s%s: no = between the names", option, value)
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

// treeOption returns an option's path with TreeRoot.
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

// treePath returns a path relative to the tree's root. Object tree and source
// tree are one in a repository, so both kinds of path get the same root.
func treePath(name string) (string, error) {
	if inSource, ok := strings.CutPrefix(name, SourceRoot+"/"); ok {
		return inSource, nil
	}
	if name == SourceRoot {
		return ".", nil
	}
	if path.IsAbs(name) {
		return "", fmt.Errorf("%s is outside the kernel tree, so no build elsewhere would have it", name)
	}
	name = strings.TrimPrefix(name, "./")
	if cleaned := path.Clean(name); cleaned == ".." || strings.HasPrefix(cleaned, "../") {
		return "", fmt.Errorf("%s is outside the kernel tree, so no build elsewhere would have it", name)
	}
	return name, nil
}
