// SPDX-License-Identifier: Apache-2.0

package rename

import (
	"flag"
	"fmt"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
)

// Flags are the command line options that Options come from.
type Flags struct {
	opts Options
	// Patterns as given; they are compiled when all of them are known.
	remove, relative, weaken, localize, keepGlobal, globalize []string
	// Literal makes the names of symbols whose binding changes mean
	// themselves, and LiteralRenames those of symbols that get another name: no
	// wildcards. Names of sections to remove have them always.
	Literal, LiteralRenames bool
	// later are the options that read files.
	later []func() error
}

// AddFlags defines the options in a flag set.
func AddFlags(fs *flag.FlagSet) *Flags {
	f := &Flags{}
	o := &f.opts
	fs.StringVar(&o.SymbolPrefix, "symbol-prefix", "", "prepend `P` to each symbol's name")
	fs.StringVar(&o.SymbolSuffix, "symbol-suffix", "", "append `S` to each symbol's name")
	fs.Func("prefix-class", "give prefix and suffix only to symbols of the `CLASSES` all, defined, undefined, local, global, weak, common, file, mapping (commas between them; repeatable)", func(list string) error {
		c, err := ParseClasses(list)
		o.PrefixClasses |= c
		return err
	})
	keep := fs.Bool("keep-mapping-symbols", false, "leave the names of $x, $d and so on as they are, so that disassemblers know them")
	f.later = append(f.later, func() error {
		if *keep {
			if o.PrefixClasses == 0 {
				o.PrefixClasses = All
			}
			if o.PrefixClasses &^= Mapping; o.PrefixClasses == 0 {
				return errcode.OptionsDisagree.Errorf("--keep-mapping-symbols and --prefix-class=mapping leave nothing to prefix; give one of them")
			}
		}
		return nil
	})
	f.redefine(fs, &o.Redefine, "redefine-sym", "redefine-syms", "before the prefix")
	f.redefine(fs, &o.RedefinePrefixed, "redefine-after-prefix", "redefine-after-prefix-file", "with its prefix")
	fs.StringVar(&o.SectionPrefix, "section-prefix", "", "prepend `P` to each section's name")
	fs.StringVar(&o.AllocSectionPrefix, "alloc-section-prefix", "", "prepend `P` to the names of loaded sections, instead of --section-prefix's")
	fs.Func("rename-section", "rename a section, `OLD=NEW`, before the prefix (repeatable)", f.renameSection)
	f.names(fs, &f.localize, "localize-symbol", "make defined symbols local: `NAME` or pattern")
	f.names(fs, &f.keepGlobal, "keep-global-symbol", "make all defined symbols local but these: `NAME` or pattern")
	f.names(fs, &f.globalize, "globalize-symbol", "make local symbols global: `NAME` or pattern")
	f.names(fs, &f.weaken, "weaken-symbol", "make global symbols weak: `NAME` or pattern")
	fs.BoolVar(&o.LocalizeHidden, "localize-hidden", false, "make hidden and internal symbols local")
	fs.BoolVar(&o.StripDebug, "strip-debug", false, "remove debug information")
	fs.BoolVar(&o.StripUnneeded, "strip-unneeded", false, "remove debug information, and local and undefined symbols that nothing refers to")
	fs.Func("remove-section", "remove sections and their relocations: `NAME` or pattern (repeatable)", func(s string) error {
		f.remove = append(f.remove, s)
		return isTable(s)
	})
	fs.Func("relative-section", "make 64-bit addresses in sections relative to their places: `NAME` before renames, or pattern (repeatable)", func(s string) error {
		f.relative = append(f.relative, s)
		return nil
	})
	return f
}

// Options returns what the options say. It reads the files that they name.
func (f *Flags) Options() (Options, error) {
	for _, l := range f.later {
		if err := l(); err != nil {
			return Options{}, err
		}
	}
	for _, p := range []struct{ option, prefix string }{
		{"symbol-prefix", f.opts.SymbolPrefix}, {"symbol-suffix", f.opts.SymbolSuffix}, {"section-prefix", f.opts.SectionPrefix}, {"alloc-section-prefix", f.opts.AllocSectionPrefix},
	} {
		if err := CheckPrefix(p.prefix); err != nil {
			return Options{}, fmt.Errorf("--%s: %w", p.option, err)
		}
	}
	for _, s := range []struct {
		option    string
		patterns  []string
		wildcards bool
		set       **Names
	}{
		{"remove-section", f.remove, true, &f.opts.RemoveSections},
		{"remove-section", RelocNames(f.remove), true, &f.opts.RemoveRelocs},
		{"relative-section", f.relative, true, &f.opts.RelativeSections},
		{"localize-symbol", f.localize, !f.Literal, &f.opts.Localize},
		{"keep-global-symbol", f.keepGlobal, !f.Literal, &f.opts.KeepGlobal},
		{"globalize-symbol", f.globalize, !f.Literal, &f.opts.Globalize},
		{"weaken-symbol", f.weaken, !f.Literal, &f.opts.Weaken},
	} {
		n, err := NewNames(s.patterns, s.wildcards)
		if err != nil {
			return Options{}, fmt.Errorf("--%s: %w", s.option, err)
		}
		*s.set = n
	}
	if f.opts.KeepGlobal != nil && f.opts.Globalize != nil {
		return Options{}, errcode.OptionsDisagree.Errorf("--keep-global-symbol and --globalize-symbol exclude each other; say with one of them what is global")
	}
	return f.opts, nil
}

// names defines an option for names and one, in the plural, for files of them.
func (f *Flags) names(fs *flag.FlagSet, to *[]string, name, usage string) {
	fs.Func(name, usage+" (repeatable)", func(s string) error {
		*to = append(*to, s)
		return nil
	})
	fs.Func(name+"s", "--"+name+" for each line of `FILE`", func(path string) error {
		f.later = append(f.later, func() error {
			return read(path, func(text []byte) error {
				n, err := NamesFromFile(path, text)
				*to = append(*to, n...)
				return err
			})
		})
		return nil
	})
}

// redefine defines an option for renames and one for files of them.
func (f *Flags) redefine(fs *flag.FlagSet, to **Redefinitions, name, fileName, when string) {
	*to = &Redefinitions{}
	r := *to
	fs.Func(name, "rename a symbol, `OLD=NEW`, "+when+"; one * in OLD stands for any bytes, one in NEW for the same ones (repeatable)", func(s string) error {
		from, new, ok := strings.Cut(s, "=")
		if !ok {
			return errcode.BadRename.Errorf("want OLD=NEW")
		}
		f.later = append(f.later, func() error {
			if err := r.Add(from, new, !f.LiteralRenames); err != nil {
				return fmt.Errorf("--%s: %w", name, err)
			}
			return nil
		})
		return nil
	})
	fs.Func(fileName, "--"+name+" for each line \"OLD NEW\" of `FILE`", func(path string) error {
		f.later = append(f.later, func() error {
			return read(path, func(text []byte) error { return r.AddFile(path, text, !f.LiteralRenames) })
		})
		return nil
	})
}

// isTable returns an error if a name is that of a table of the file format. These
// are made when an object is written, so that an option about one would do nothing.
func isTable(name string) error {
	switch name {
	case ".symtab", ".strtab", ".shstrtab", ".symtab_shndx":
		return errcode.FormatTable.Errorf("%s is a table of the file format, which each object needs; remove the option", name)
	}
	return nil
}

func (f *Flags) renameSection(s string) error {
	from, to, ok := strings.Cut(s, "=")
	switch {
	case !ok || from == "" || to == "":
		return errcode.BadRename.Errorf("want OLD=NEW")
	case strings.Contains(to, ","):
		return errcode.BadRename.Errorf("section flags (%q) cannot be changed; GNU objcopy can", to[strings.Index(to, ",")+1:])
	}
	if err := isTable(from); err != nil {
		return err
	}
	if err := checkSpelling(to); err != nil {
		return err
	}
	if f.opts.RenameSections == nil {
		f.opts.RenameSections = map[string]string{}
	}
	if old, ok := f.opts.RenameSections[from]; ok && old != to { // the same twice is accepted, as by objcopy
		return errcode.RenameConflict.Errorf("section %s gets two new names, %s and %s", from, old, to)
	}
	f.opts.RenameSections[from] = to
	return nil
}

// FileError is an error in a file that an option names, not in the command line.
type FileError struct{ Err error }

func (e *FileError) Error() string { return e.Err.Error() }

func (e *FileError) Unwrap() error { return e.Err }

// read hands the contents of a file to parse.
func read(path string, parse func([]byte) error) error {
	text, err := fileio.ReadText(path, "a list of symbol names")
	if err == nil {
		err = parse(text)
	}
	if err != nil {
		return &FileError{err}
	}
	return nil
}
