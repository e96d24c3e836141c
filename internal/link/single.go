// SPDX-License-Identifier: Apache-2.0

package link

import (
	"debug/elf"
	"fmt"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// isSingle reports whether a section is one of those that tools expect once in a
// file: they have a header, or offsets into each other, so that one after another
// they would be one section of which tools see the first part only, or nonsense.
func isSingle(s *elfobj.Section) bool {
	if s.Type == elfobj.TypeGNUAttributes {
		return true
	}
	switch s.PlainName() {
	case ".stab", ".stabstr", ".stab.excl", ".stab.exclstr", ".stab.index", ".stab.indexstr", // offsets of strings
		".ctf", ".BTF", ".BTF.ext", // headers
		".gdb_index", ".debug_cu_index", ".debug_tu_index", // tables of whole files
		".gnu_debuglink", ".gnu_debugaltlink": // names of other files
		return s.Type == elf.SHT_PROGBITS || s.Type == elf.SHT_STRTAB
	}
	return false
}

// dropSingles leaves out sections of that kind, of which several inputs have one,
// with a warning: programs work without them. GNU attributes go in any case.
func (l *linker) dropSingles() error {
	byName := map[string][]*inputSection{}
	for _, isec := range l.special.single {
		if isec.discard == kept {
			name := isec.sec.PlainName()
			byName[name] = append(byName[name], isec)
		}
	}
	for _, isec := range l.special.single {
		all := byName[isec.sec.PlainName()]
		delete(byName, isec.sec.PlainName())
		attributes := isec.sec.Type == elfobj.TypeGNUAttributes
		if len(all) < 2 && !attributes || len(all) == 0 {
			continue
		}
		what := fmt.Sprintf("cannot be merged with that of %s; all sections %s are left out", all[len(all)-1].in.obj.Name, isec.sec.Name)
		if attributes {
			what = fmt.Sprintf("GNU attributes mean nothing for %s; all sections %s are left out", isec.in.obj.Machine.Name, isec.sec.Name)
		}
		l.warn(&elfobj.Error{Code: errcode.Unmergeable, File: isec.in.obj.Name, Section: isec.sec.Name, Offset: -1, What: what, Advice: "build without it, or remove it with objcopy -R " + isec.sec.Name})
		for _, isec := range all {
			isec.drop(discardUnmergeable)
		}
	}
	return nil
}
