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
	tagArch              = 5 // string: the instruction set
	tagUnalignedAccess   = 6
	attributeHeaderBytes = 1 + 4 + len(riscvVendor) + 1 + 4
)

// mergeRISCVAttributes merges build attributes. The output requires what any input
// requires.
func mergeRISCVAttributes(sets []AttributeSet) (merged []byte, bad []AttributeError) {
	all := map[uint64]attribute{}
	for i, s := range sets {
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

// attribute is one build attribute. Odd tags have a string, even tags a number.
type attribute struct {
	tag    uint64
	number uint64
	text   string
}

// readRISCVAttributes decodes a set.
func readRISCVAttributes(d []byte) ([]attribute, *AttributeError) {
	bad := func(off int, what string) ([]attribute, *AttributeError) {
		return nil, &AttributeError{Offset: int64(off), What: "build attributes: " + what, Advice: "the file is damaged or truncated: build it again"}
	}
	if len(d) < attributeHeaderBytes || d[0] != 'A' || string(d[5:5+len(riscvVendor)]) != riscvVendor {
		return bad(0, "not RISC-V attributes")
	}
	le := binary.LittleEndian
	at := 5 + len(riscvVendor)
	if d[at] != tagFile || int64(le.Uint32(d[1:]))+1 != int64(len(d)) || int64(le.Uint32(d[at+1:]))+int64(at) != int64(len(d)) {
		return bad(at, "more than one subsection, or a wrong size")
	}
	var attrs []attribute
	for at += 5; at < len(d); {
		tag, n := binary.Uvarint(d[at:])
		if n <= 0 {
			return bad(at, "truncated tag")
		}
		at += n
		a := attribute{tag: tag}
		if tag%2 == 1 {
			end := bytes.IndexByte(d[at:], 0)
			if end < 0 {
				return bad(at, "unterminated string")
			}
			a.text = string(d[at : at+end])
			at += end + 1
		} else {
			if a.number, n = binary.Uvarint(d[at:]); n <= 0 {
				return bad(at, "truncated number")
			}
			at += n
		}
		attrs = append(attrs, a)
	}
	return attrs, nil
}

// mergeAttribute adds an attribute to the merged ones.
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

// extension is an extension of an instruction set, such as m2p0.
type extension struct {
	name         string
	major, minor int
}

// mergeISA returns the union of two instruction sets, with the later version of
// each extension.
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
		at[e.name] = i // of the first one
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

// parseISA parses a normalized instruction set such as rv64i2p1_m2p0_zicsr2p0.
func parseISA(s string) (base string, exts []extension, err error) {
	if !strings.HasPrefix(s, "rv32") && !strings.HasPrefix(s, "rv64") {
		return "", nil, fmt.Errorf("instruction set %q does not start with rv32 or rv64", s)
	}
	for _, w := range strings.Split(s[4:], "_") {
		// The version is at the end: digits, p, digits.
		i := len(w)
		for i > 0 && (w[i-1] >= '0' && w[i-1] <= '9' || w[i-1] == 'p') {
			i--
		}
		major, minor, ok := strings.Cut(w[i:], "p")
		e := extension{name: w[:i]}
		var err1, err2 error
		e.major, err1 = strconv.Atoi(major)
		e.minor, err2 = strconv.Atoi(minor)
		if !ok || err1 != nil || err2 != nil || e.name == "" {
			return "", nil, fmt.Errorf("instruction set %q: %q is not an extension with a version", s, w)
		}
		exts = append(exts, e)
	}
	return s[:4], exts, nil
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
