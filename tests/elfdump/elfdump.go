// SPDX-License-Identifier: Apache-2.0

// Package elfdump describes relocatable objects from the output of GNU readelf, in a
// form that does not depend on the order of sections and symbols or on string table
// offsets. Tests use it to compare hyplink's output with that of other linkers, so it
// uses none of hyplink's code.
package elfdump

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"fmt"
	"os/exec"
	"slices"
	"strconv"
	"strings"
)

// Section is a section header with its contents.
type Section struct {
	Name, Type, Flags    string
	Size, Entsize, Align uint64
	Bytes                []byte // nil if there are none in the file
	offset               uint64 // in the file
	link, info           int
}

// Symbol is a symbol table entry.
type Symbol struct {
	Name, Type, Bind, Vis, Section string
	Value, Size                    uint64
}

// Reloc is a relocation with its target resolved.
type Reloc struct {
	Section string // that it applies to
	Offset  uint64
	Type    string
	Target  string // symbol name for a global or undefined one, else section+offset
	Addend  int64
}

// Object is a relocatable object.
type Object struct {
	Header   []string
	Sections []Section
	Symbols  []Symbol
	Relocs   []Reloc
	Groups   []Group
}

// Group is a section group.
type Group struct {
	Kind      string // "COMDAT" or ""
	Signature string
	Members   []string // names of sections, without those of relocations
}

// Read runs readelf, a command that may have arguments, on an object.
func Read(readelf []string, path string) (*Object, error) {
	o := &Object{}
	run := func(args ...string) ([]string, error) {
		cmd := exec.Command(readelf[0], slices.Concat(readelf[1:], args, []string{path})...)
		cmd.Env = append(cmd.Environ(), "LC_ALL=C")
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil || stderr.Len() > 0 {
			return nil, fmt.Errorf("%s: %v %s", strings.Join(cmd.Args, " "), err, stderr.String())
		}
		var lines []string
		sc := bufio.NewScanner(bytes.NewReader(out))
		sc.Buffer(nil, 1<<24)
		for sc.Scan() {
			lines = append(lines, sc.Text())
		}
		return lines, sc.Err()
	}
	lines, err := run("-hW")
	if err != nil {
		return nil, err
	}
	o.readHeader(lines)
	if lines, err = run("-SW"); err != nil {
		return nil, err
	}
	if err := o.readSections(lines); err != nil {
		return nil, err
	}
	if lines, err = run("-sW"); err != nil {
		return nil, err
	}
	if err := o.readSymbols(lines); err != nil {
		return nil, err
	}
	if lines, err = run("-rW"); err != nil {
		return nil, err
	}
	if err := o.readRelocs(lines); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(o.Sections, func(s Section) bool { return s.Type == "GROUP" }) {
		if lines, err = run("-gW"); err != nil {
			return nil, err
		}
		o.readGroups(lines)
	}
	var args []string
	for i := range o.Sections {
		if s := &o.Sections[i]; i > 0 && s.Type != "NOBITS" && s.Size > 0 && !isTable(s) {
			args = append(args, "-x", strconv.Itoa(i))
		}
	}
	if len(args) == 0 {
		return o, nil
	}
	if lines, err = run(args...); err != nil {
		return nil, err
	}
	return o, o.readBytes(lines)
}

// isTable reports whether a section is a table of the file format, which is not
// described byte by byte.
func isTable(s *Section) bool {
	switch s.Type {
	case "SYMTAB", "SYMTAB_SHNDX", "RELA", "NULL", "GROUP":
		return true
	}
	return s.Name == ".strtab" || s.Name == ".shstrtab"
}

// readHeader keeps the lines of the ELF header that do not depend on the layout of
// the file.
func (o *Object) readHeader(lines []string) {
	for _, l := range lines {
		for _, k := range []string{"Class:", "Data:", "OS/ABI:", "Type:", "Machine:", "Flags:"} {
			if f := strings.TrimSpace(l); strings.HasPrefix(f, k) {
				o.Header = append(o.Header, strings.Join(strings.Fields(f), " "))
			}
		}
	}
}

func hexNum(s string) uint64 {
	n, err := strconv.ParseUint(s, 16, 64)
	if err != nil {
		panic("readelf printed " + s)
	}
	return n
}

// readSections parses "  [ 1] .text PROGBITS addr off size ES Flg Lk Inf Al".
func (o *Object) readSections(lines []string) error {
	for _, l := range lines {
		t := strings.TrimSpace(l)
		if !strings.HasPrefix(t, "[") || strings.HasPrefix(t, "[Nr]") {
			continue
		}
		_, rest, ok := strings.Cut(t, "] ")
		if !ok {
			return fmt.Errorf("readelf -S printed %q", l)
		}
		if strings.HasPrefix(strings.TrimSpace(rest), "NULL") {
			o.Sections = append(o.Sections, Section{Type: "NULL"})
			continue
		}
		// The only type with blanks in its name.
		rest = strings.Replace(rest, "SYMTAB SECTION INDICES", "SYMTAB_SHNDX", 1)
		f := strings.Fields(rest)
		flags := ""
		if len(f) == 10 {
			flags = f[6]
			f = append(f[:6], f[7:]...)
		}
		if len(f) == 8 {
			f = append([]string{""}, f...) // a section without a name
		}
		if len(f) != 9 {
			return fmt.Errorf("readelf -S printed %q", l)
		}
		var numbers [3]int
		for i := range numbers {
			var err error
			if numbers[i], err = strconv.Atoi(f[6+i]); err != nil {
				return fmt.Errorf("readelf -S printed %q: %v", l, err)
			}
		}
		o.Sections = append(o.Sections, Section{
			Name: f[0], Type: f[1], Flags: flags, offset: hexNum(f[3]),
			Size: hexNum(f[4]), Entsize: hexNum(f[5]), link: numbers[0], info: numbers[1], Align: uint64(numbers[2]),
		})
	}
	return nil
}

// readSymbols parses "   23: 0000 0 NOTYPE LOCAL DEFAULT 1 $x".
func (o *Object) readSymbols(lines []string) error {
	for _, l := range lines {
		f := strings.Fields(l)
		if len(f) < 7 || !strings.HasSuffix(f[0], ":") || f[0] == "Num:" {
			continue
		}
		size, err := strconv.ParseUint(f[2], 0, 64)
		if err != nil {
			return fmt.Errorf("readelf -s printed %q", l)
		}
		s := Symbol{Value: hexNum(f[1]), Size: size, Type: f[3], Bind: f[4], Vis: f[5]}
		// Processor-specific bits of st_other are in brackets before the section.
		rest := f[6:]
		if strings.HasPrefix(rest[0], "[") {
			for !strings.HasSuffix(rest[0], "]") {
				s.Vis += " " + rest[0]
				rest = rest[1:]
			}
			s.Vis += " " + rest[0]
			rest = rest[1:]
		}
		s.Section = rest[0]
		if n, err := strconv.Atoi(rest[0]); err == nil {
			s.Section = o.Sections[n].Name
		}
		if len(rest) > 1 {
			s.Name = rest[1]
		}
		if s.Type == "SECTION" {
			s.Name = s.Section
		}
		o.Symbols = append(o.Symbols, s)
	}
	return nil
}

// readRelocs parses "offset info type symbolvalue name + addend".
func (o *Object) readRelocs(lines []string) error {
	section := ""
	for _, l := range lines {
		if strings.HasPrefix(l, "Relocation section '") {
			var err error
			if section, err = o.relocatedSection(l); err != nil {
				return err
			}
			continue
		}
		f := strings.Fields(l)
		if len(f) < 3 || len(f[0]) != 16 || f[0] == "Offset" {
			continue
		}
		info := hexNum(f[1])
		r := Reloc{Section: section, Offset: hexNum(f[0]), Type: f[2]}
		var err error
		if r.Addend, err = addend(f); err != nil {
			return fmt.Errorf("readelf -r printed %q", l)
		}
		n := info >> 32
		if n >= uint64(len(o.Symbols)) {
			return fmt.Errorf("relocation against symbol %d of %d: %q", n, len(o.Symbols), l)
		}
		switch s := &o.Symbols[n]; {
		case n == 0:
			r.Target = "-"
		case s.Bind == "LOCAL":
			r.Target = fmt.Sprintf("%s+%#x (%s %s)", s.Section, s.Value, s.Type, s.Name)
		default:
			r.Target = s.Name
		}
		o.Relocs = append(o.Relocs, r)
	}
	return nil
}

// relocatedSection finds the section that relocations apply to, from the line
// "Relocation section '.rela.text' at offset 0x180 contains 2 entries:". It does not
// rely on the name of the relocation section. An empty one may be at the same offset.
func (o *Object) relocatedSection(line string) (string, error) {
	_, rest, _ := strings.Cut(line, "' at offset 0x")
	digits, _, _ := strings.Cut(rest, " ")
	offset, err := strconv.ParseUint(digits, 16, 64)
	if err != nil {
		return "", fmt.Errorf("readelf -r printed %q: %v", line, err)
	}
	for i := range o.Sections {
		if s := &o.Sections[i]; s.Type == "RELA" && s.Size > 0 && s.offset == offset && s.info < len(o.Sections) {
			return o.Sections[s.info].Name, nil
		}
	}
	return "", fmt.Errorf("no relocation section at %#x: %q", offset, line)
}

// readGroups parses "COMDAT group section [    1] `.group' [f] contains 2
// sections:" and the lines "[    5]   .text.f" below it.
func (o *Object) readGroups(lines []string) {
	for _, l := range lines {
		if kind, rest, ok := strings.Cut(l, "group section ["); ok {
			_, signature, _ := strings.Cut(rest, "' [")
			signature, _, _ = strings.Cut(signature, "]")
			o.Groups = append(o.Groups, Group{Kind: strings.TrimSpace(kind), Signature: signature})
			continue
		}
		number, _, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(l), "["), "]")
		n, err := strconv.Atoi(strings.TrimSpace(number))
		if !ok || err != nil || n >= len(o.Sections) || len(o.Groups) == 0 {
			continue
		}
		if s := &o.Sections[n]; s.Type != "RELA" {
			g := &o.Groups[len(o.Groups)-1]
			g.Members = append(g.Members, s.Name)
		}
	}
}

// addend parses the last words of a relocation line: "name + 10", "name - 4", or only
// "10" without a symbol.
func addend(f []string) (int64, error) {
	last := f[len(f)-1]
	n, err := strconv.ParseUint(last, 16, 64)
	if err != nil {
		return 0, err
	}
	if len(f) > 4 && f[len(f)-2] == "-" {
		return -int64(n), nil
	}
	return int64(n), nil
}

// readBytes parses the hex dumps of readelf -x.
func (o *Object) readBytes(lines []string) error {
	at := 0
	var cur *Section
	for _, l := range lines {
		if strings.HasPrefix(l, "Hex dump of section '") {
			// Dumps are in the order of the section headers.
			for at++; at < len(o.Sections); at++ {
				if s := &o.Sections[at]; s.Type != "NOBITS" && s.Size > 0 && !isTable(s) {
					break
				}
			}
			if at >= len(o.Sections) {
				return fmt.Errorf("more hex dumps than sections: %q", l)
			}
			cur = &o.Sections[at]
			cur.Bytes = make([]byte, 0, cur.Size)
			continue
		}
		if cur == nil || !strings.HasPrefix(l, "  0x") {
			continue
		}
		// "  0x00000000 fd7bbfa9 fd030091 …  text": 4 groups of 8 digits.
		body := l[len("  0x00000000 "):]
		body = body[:min(len(body), 36)]
		b, err := hex.DecodeString(strings.ReplaceAll(body, " ", ""))
		if err != nil {
			return fmt.Errorf("readelf -x printed %q: %v", l, err)
		}
		cur.Bytes = append(cur.Bytes, b...)
	}
	for i := range o.Sections {
		if s := &o.Sections[i]; s.Bytes != nil && uint64(len(s.Bytes)) != s.Size {
			return fmt.Errorf("section %s: readelf dumped %d bytes of %d", s.Name, len(s.Bytes), s.Size)
		}
	}
	return nil
}
