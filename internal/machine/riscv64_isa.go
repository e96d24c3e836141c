// SPDX-License-Identifier: Apache-2.0

package machine

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// isaMerge unites instruction sets, each extension with its later version.
type isaMerge struct {
	sets  []AttributeSet
	base  string
	first int // the first set with an instruction set
	exts  []extension
	at    map[string]int // by name, in exts
	texts map[string]bool
}

// extension is an extension of an instruction set, such as m2p0.
type extension struct {
	name         string
	major, minor int
	set          int // the first one with it
}

// isaConflicts are extensions that exclude each other, because an encoding means
// something else in each (RISC-V ISA manual, "Zfinx", "Zc*").
var isaConflicts = []struct{ one, other string }{{"zfinx", "f"}, {"zcmp", "zcd"}, {"zcmt", "zcd"}}

// add takes the normalized instruction set of a set of attributes.
func (m *isaMerge) add(isa string, set int) error {
	if m.texts[isa] {
		return nil
	}
	base, exts, err := parseISA(isa)
	switch {
	case err != nil:
		return err
	case m.texts == nil:
		m.base, m.first, m.at, m.texts = base, set, map[string]int{}, map[string]bool{}
	case base != m.base:
		return errcode.OtherABI.Errorf("instruction set is %s, but %s in %s", base, m.base, m.sets[m.first].Input)
	}
	m.texts[isa] = true
	for _, e := range exts {
		i, ok := m.at[e.name]
		switch {
		case !ok:
			e.set = set
			m.at[e.name] = len(m.exts)
			m.exts = append(m.exts, e)
		case e.later(m.exts[i]):
			m.exts[i].major, m.exts[i].minor = e.major, e.minor
		}
	}
	return m.conflict(set)
}

func (e extension) later(than extension) bool {
	return e.major > than.major || e.major == than.major && e.minor > than.minor
}

// conflict looks for extensions of the last set that exclude some of earlier ones.
func (m *isaMerge) conflict(last int) error {
	for _, c := range isaConflicts {
		one := m.find(c.one)
		others := []*extension{m.find(c.other)}
		if c.other == "zcd" && others[0] == nil && m.find("c") != nil && m.find("d") != nil {
			others = []*extension{m.find("c"), m.find("d")} // which zcd is the name of
		}
		for _, other := range others {
			if one == nil || other == nil || one.set == other.set || one.set != last && other.set != last {
				continue
			}
			own, earlier := one, other
			if one.set != last {
				own, earlier = other, one
			}
			return errcode.OtherABI.Errorf("instruction set has %s, which excludes %s of %s", own.name, earlier.name, m.sets[earlier.set].Input)
		}
	}
	return nil
}

// find returns the extension of a name, nil when no input has it.
func (m *isaMerge) find(name string) *extension {
	if i, ok := m.at[name]; ok {
		return &m.exts[i]
	}
	return nil
}

// String is the normalized instruction set that has all that the inputs have;
// empty without any.
func (m *isaMerge) String() string {
	exts := slices.Clone(m.exts)
	slices.SortStableFunc(exts, compareExtensions)
	var out strings.Builder
	out.WriteString(m.base)
	for i, e := range exts {
		if i > 0 {
			out.WriteByte('_')
		}
		fmt.Fprintf(&out, "%s%dp%d", e.name, e.major, e.minor)
	}
	return out.String()
}

// parseISA parses a normalized instruction set such as rv64i2p1_m2p0_zicsr2p0.
func parseISA(s string) (base string, exts []extension, err error) {
	if !strings.HasPrefix(s, "rv32") && !strings.HasPrefix(s, "rv64") {
		return "", nil, errcode.OtherABI.Errorf("instruction set %q does not start with rv32 or rv64", s)
	}
	for _, w := range strings.Split(s[4:], "_") {
		e, ok := parseExtension(w)
		if !ok {
			return "", nil, errcode.OtherABI.Errorf("instruction set %q: %q is no extension with a version", s, w)
		}
		exts = append(exts, e)
	}
	return s[:4], exts, nil
}

// parseExtension splits a name and a version of the form 2p1 at the end of it. A
// name may hold digits and end in a p, as zvl128b1p0 and zicbop1p0 show, but no
// name ends in a digit (RISC-V ISA manual, "ISA Extension Naming Conventions").
func parseExtension(w string) (e extension, ok bool) {
	rest, minor, ok1 := cutNumber(w)
	rest, point := strings.CutSuffix(rest, "p")
	name, major, ok2 := cutNumber(rest)
	return extension{name: name, major: major, minor: minor}, ok1 && point && ok2 && name != ""
}

// cutNumber takes the decimal number off the end of a text.
func cutNumber(s string) (rest string, number int, ok bool) {
	rest = strings.TrimRight(s, "0123456789")
	number, err := strconv.Atoi(s[len(rest):])
	return rest, number, err == nil
}

// canonical is the order of single-letter extensions (RISC-V ISA manual, "ISA
// Extension Naming Conventions").
const canonical = "iemafdqlcbkjtpvnh"

func compareExtensions(a, b extension) int {
	return cmp.Or(cmp.Compare(class(a), class(b)), compareNames(a, b))
}

// class sorts single-letter extensions first, then z, s and x extensions.
func class(e extension) int {
	if len(e.name) == 1 {
		return 0
	}
	return 1 + strings.IndexByte("zsx", e.name[0])
}

func compareNames(a, b extension) int {
	if len(a.name) == 1 {
		return cmp.Compare(strings.Index(canonical, a.name), strings.Index(canonical, b.name))
	}
	if a.name[0] == 'z' && b.name[0] == 'z' {
		// Z extensions are sorted by the category in their second letter first.
		if n := cmp.Compare(strings.IndexByte(canonical, a.name[1]), strings.IndexByte(canonical, b.name[1])); n != 0 {
			return n
		}
	}
	return strings.Compare(a.name, b.name)
}
