// SPDX-License-Identifier: Apache-2.0

package kbuild

import (
	"path"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/kernel/shell"
)

// Island is a group of objects that kbuild renames one by one, as arm64's pi and the EFI stub, with the same options.
type Island struct {
	// Compiles are in the order of the renames.
	Compiles []Compile
	// ObjectPrefix and ObjectSuffix are what a renamed object's name has before and after that of the source.
	ObjectPrefix, ObjectSuffix string
	Rename                     Rename
}

// Rename is what objcopy does to an object.
type Rename struct {
	// SymbolPrefix is added to each symbol, AllocSectionPrefix to the name of each loaded section.
	SymbolPrefix, AllocSectionPrefix string
	// RemoveSections are removed.
	RemoveSections string
	// Relative says that relacheck makes addresses in .rodata.prel64 relative.
	Relative bool
}

// parseCopy parses an objcopy command: kbuild's options for objects with a prefix.
func parseCopy(words []string) (made Rename, input, output string, err error) {
	var files []string
	for _, word := range words[1:] {
		option, value, _ := strings.Cut(word, "=")
		switch {
		case option == "--prefix-symbols":
			made.SymbolPrefix = value
		case option == "--prefix-alloc-sections":
			made.AllocSectionPrefix = value
		case option == "--remove-section" && made.RemoveSections == "":
			made.RemoveSections = value
		case strings.HasPrefix(word, "-"):
			return made, "", "", errcode.OptionUnknown.Errorf("objcopy: option %s: hypgen knows --prefix-symbols=PREFIX, --prefix-alloc-sections=PREFIX and one --remove-section=NAME only; "+
				"-library-only skips this stage", word)
		default:
			files = append(files, path.Clean(word))
		}
	}
	if len(files) != 2 {
		return made, "", "", errcode.CommandUnknown.Errorf("objcopy: got %d files, want an input and an output: %s", len(files), shell.Quote(words))
	}
	return made, files[0], files[1], nil
}

// islands returns the groups of objects that are renamed one by one; none if something is linked first.
func (c *collector) islands() ([]Island, error) {
	var islands []Island
	for _, output := range c.copied {
		made := c.copies[output]
		compile, ok := c.compiles[made.input]
		if !ok {
			return nil, nil
		}
		if made.rename.SymbolPrefix == "" {
			return nil, errcode.NoPrefixedObject.Errorf("objcopy makes %s without --prefix-symbols; -library-only skips this stage", output)
		}
		rename := made.rename
		rename.Relative = c.checked[output] == made.input
		before, after, err := aroundName(compile.Source, output)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(islands, func(i Island) bool {
			return i.Rename == rename && i.ObjectPrefix == before && i.ObjectSuffix == after
		})
		if i < 0 {
			i = len(islands)
			islands = append(islands, Island{ObjectPrefix: before, ObjectSuffix: after, Rename: rename})
		}
		islands[i].Compiles = append(islands[i].Compiles, compile)
	}
	return islands, nil
}

// aroundName returns what an object's name has before and after its source's.
func aroundName(source, object string) (before, after string, err error) {
	base := path.Base(source)
	name := strings.TrimSuffix(base, path.Ext(base))
	before, after, ok := strings.Cut(path.Base(object), name+".")
	if !ok {
		return "", "", errcode.NoPrefixedObject.Errorf("%s is made of %s, whose name is not in it; -library-only skips this stage", object, source)
	}
	return before, "." + after, nil
}

// addChecked notes that relacheck works on an object: it makes addresses relative, and refuses others.
func (c *collector) addChecked(words []string) error {
	if len(words) != 3 {
		return errcode.CommandUnknown.Errorf("relacheck: got %s, want an output and its input", shell.Quote(words))
	}
	c.checked[path.Clean(words[1])] = path.Clean(words[2])
	return nil
}

// onlyStrips reports whether strip makes what kbuild only looks at, and replaces by objcopy (drivers/firmware/efi/libstub/Makefile).
func onlyStrips(words []string) bool {
	return len(words) == 5 && words[1] == "--strip-debug" && words[2] == "-o"
}
