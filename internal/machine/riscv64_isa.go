package machine

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// RISC-V attributes (RISC-V psABI, "Attributes").
const (
	riscvVendor          = "riscv\x00"
	tagFile              = 1
	tagArch              = 5 // text: the instruction set
	tagUnalignedAccess   = 6
	attributeHeaderBytes = 1 + 4 + len(riscvVendor) + 1 + 4
)

// mergeRISCVAttributes makes the set that holds for the output: it needs what
// any input needs. Sets that are equal need no understanding.
func mergeRISCVAttributes(in AttributeMerge) (merged []byte, bad []AttributeError) {
	if !slices.ContainsFunc(in.Sets, func(s AttributeSet) bool { return !bytes.Equal(s.Data, in.Sets[0].Data) }) {
		return in.Sets[0].Data, nil
	}
	all := map[uint64]attribute{}
	for i, s := range in.Sets {
		attrs, damage := readRISCVAttributes(s.Data)
		if damage != nil {
			damage.Set = i
			bad = append(bad, *damage)
			continue
		}
		for _, a := range attrs {
			if err := mergeAttribute(all, a); err != nil {
				bad = append(bad, AttributeError{Set: i, Offset: -1, What: err.Error(), Advice: "compile all inputs for one target"})
			}
		}
	}
	return encodeAttributes(all), bad
}

// attribute is one build attribute. Odd tags have text, even ones a number.
type attribute struct {
	tag    uint64
	number uint64
	text   string
}

// readRISCVAttributes decodes a set.
func readRISCVAttributes(d []byte) ([]attribute, *AttributeError) {
	bad := func(off int, what string) ([]attribute, *AttributeError) {
		return nil, &AttributeError{Offset: int64(off), What: "build attributes: " + what, Advice: "the file is damaged: build it again"}
	}
	if len(d) < attributeHeaderBytes || d[0] != 'A' || string(d[5:5+len(riscvVendor)]) != riscvVendor {
		return bad(0, "not those of RISC-V")
	}
	le := binary.LittleEndian
	at := 5 + len(riscvVendor)
	if d[at] != tagFile || int64(le.Uint32(d[1:]))+1 != int64(len(d)) || int64(le.Uint32(d[at+1:]))+int64(at) != int64(len(d)) {
		return bad(at, "more than one subsection, or one of another size")
	}
	var attrs []attribute
	for at += 5; at < len(d); {
		tag, n := binary.Uvarint(d[at:])
		if n <= 0 {
			return bad(at, "tag is cut short")
		}
		at += n
		a := attribute{tag: tag}
		if tag%2 == 1 {
			end := bytes.IndexByte(d[at:], 0)
			if end < 0 {
				return bad(at, "text does not end")
			}
			a.text = string(d[at : at+end])
			at += end + 1
		} else {
			if a.number, n = binary.Uvarint(d[at:]); n <= 0 {
				return bad(at, "number is cut short")
			}
			at += n
		}
		attrs = append(attrs, a)
	}
	return attrs, nil
}

// mergeAttribute adds an attribute to those that are there.
func mergeAttribute(merged map[uint64]attribute, a attribute) error {
	old, ok := merged[a.tag]
	switch {
	case !ok:
	case a.tag == tagArch:
		var err error
		if a.text, err = mergeISA(old.text, a.text); err != nil {
			return err
		}
	case a.tag == tagUnalignedAccess:
		a.number |= old.number
	case a != old:
		return fmt.Errorf("build attribute %d is %s, but %s in an earlier input", a.tag, a.value(), old.value())
	}
	merged[a.tag] = a
	return nil
}

func (a attribute) value() string {
	if a.tag%2 == 1 {
		return strconv.Quote(a.text)
	}
	return strconv.FormatUint(a.number, 10)
}

// extension is a part of an instruction set, such as m2p0.
type extension struct {
	name         string
	major, minor int
}

// mergeISA unites two instruction sets, each extension with its later version.
func mergeISA(a, b string) (string, error) {
	baseA, extsA, err := parseISA(a)
	if err != nil {
		return "", err
	}
	baseB, extsB, err := parseISA(b)
	if err != nil {
		return "", err
	}
	if baseA != baseB {
		return "", fmt.Errorf("instruction set %s, but %s in an earlier input", baseB, baseA)
	}
	at := make(map[string]int, len(extsA))
	for i, e := range slices.Backward(extsA) {
		at[e.name] = i // the first one
	}
	for _, e := range extsB {
		i, ok := at[e.name]
		switch {
		case !ok:
			at[e.name] = len(extsA)
			extsA = append(extsA, e)
		case e.major > extsA[i].major || e.major == extsA[i].major && e.minor > extsA[i].minor:
			extsA[i] = e
		}
	}
	slices.SortStableFunc(extsA, compareExtensions)
	var out strings.Builder
	out.WriteString(baseA)
	for i, e := range extsA {
		if i > 0 {
			out.WriteByte('_')
		}
		fmt.Fprintf(&out, "%s%dp%d", e.name, e.major, e.minor)
	}
	return out.String(), nil
}

// parseISA splits a normalized instruction set, rv64i2p1_m2p0_zicsr2p0.
func parseISA(s string) (base string, exts []extension, err error) {
	if !strings.HasPrefix(s, "rv32") && !strings.HasPrefix(s, "rv64") {
		return "", nil, fmt.Errorf("instruction set %q does not start with rv32 or rv64", s)
	}
	for _, w := range strings.Split(s[4:], "_") {
		e, ok := parseExtension(w)
		if !ok {
			return "", nil, fmt.Errorf("instruction set %q: %q is no extension with a version", s, w)
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
	return cmp.Or(cmp.Compare(class(a), class(b)), later(a, b))
}

// class puts single letters first, then z, s and x extensions.
func class(e extension) int {
	if len(e.name) == 1 {
		return 0
	}
	return 1 + strings.IndexByte("zsx", e.name[0])
}

func later(a, b extension) int {
	if len(a.name) == 1 {
		return cmp.Compare(strings.Index(canonical, a.name), strings.Index(canonical, b.name))
	}
	if a.name[0] == 'z' && b.name[0] == 'z' {
		// Z extensions are ordered by the letter that they extend first.
		if n := cmp.Compare(strings.IndexByte(canonical, a.name[1]), strings.IndexByte(canonical, b.name[1])); n != 0 {
			return n
		}
	}
	return strings.Compare(a.name, b.name)
}

func encodeAttributes(merged map[uint64]attribute) []byte {
	tags := make([]uint64, 0, len(merged))
	for t := range merged {
		tags = append(tags, t)
	}
	slices.Sort(tags)
	var body []byte
	for _, t := range tags {
		a := merged[t]
		body = binary.AppendUvarint(body, t)
		if t%2 == 1 {
			body = append(append(body, a.text...), 0)
		} else {
			body = binary.AppendUvarint(body, a.number)
		}
	}
	le := binary.LittleEndian
	sub := append([]byte{tagFile}, le.AppendUint32(nil, uint32(5+len(body)))...)
	sub = append(sub, body...)
	out := append([]byte{'A'}, le.AppendUint32(nil, uint32(4+len(riscvVendor)+len(sub)))...)
	return append(append(out, riscvVendor...), sub...)
}
