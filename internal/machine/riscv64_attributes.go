// SPDX-License-Identifier: Apache-2.0

package machine

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// RISC-V attributes (RISC-V psABI, "Attributes"). Odd tags have text, even ones a
// number; one of 0 says no more than none.
const (
	riscvVendor          = "riscv\x00"
	tagFile              = 1
	tagStackAlign        = 4
	tagArch              = 5 // text: the instruction set
	tagUnalignedAccess   = 6
	tagAtomicABI         = 14
	tagX3Usage           = 16
	attributeHeaderBytes = 1 + 4 + len(riscvVendor) + 1 + 4
)

// tagsPrivSpec have a version of the privileged specification, its revision last.
var tagsPrivSpec = []uint64{8, 10, 12}

// attribute is one build attribute of RISC-V.
type attribute struct {
	tag    uint64
	number uint64
	text   string
	offset int // in its set
}

func (a attribute) value() string {
	if a.tag%2 == 1 {
		return strconv.Quote(a.text)
	}
	return strconv.FormatUint(a.number, 10)
}

func byTag(a, b attribute) int { return cmp.Compare(a.tag, b.tag) }

// empty reports whether the attribute says no more than none does.
func (a attribute) empty() bool { return a.number == 0 && a.text == "" }

func (a attribute) same(b attribute) bool { return a.number == b.number && a.text == b.text }

// riscvRule is how a number that two objects give with a tag becomes that of the
// output, and what the number is.
type riscvRule struct {
	tag   uint64
	name  string
	merge func(a, b uint64) (merged uint64, ok bool)
}

var riscvRules = []riscvRule{
	{tagStackAlign, "stack alignment", mergeStackAlign},
	{tagUnalignedAccess, "unaligned access", mergeUnalignedAccess},
	{tagAtomicABI, "atomic ABI", mergeAtomicABI},
	{tagX3Usage, "use of register x3", mergeX3Usage},
}

func mergeStackAlign(a, b uint64) (uint64, bool) { return max(a, b), a == b || a == 0 || b == 0 }

func mergeUnalignedAccess(a, b uint64) (uint64, bool) { return min(a|b, 1), true }

// mergeAtomicABI has the classical A6 as 1, the one that goes with all others as
// 2, and A7 as 3.
func mergeAtomicABI(a, b uint64) (uint64, bool) {
	const a6c, a6s, a7 = 1, 2, 3
	switch {
	case a == b || b == 0 || b == a6s && (a == a6c || a == a7):
		return a, true
	case a == 0 || a == a6s && (b == a6c || b == a7):
		return b, true
	}
	return a, false
}

// mergeX3Usage takes 0, a register that is kept for an unknown purpose, together
// with a global pointer, 1, and a shadow stack pointer, 2.
func mergeX3Usage(a, b uint64) (uint64, bool) {
	return max(a, b), a == b || min(a, b) == 0 && max(a, b) <= 2
}

// riscvMerge is the attributes of all sets so far.
type riscvMerge struct {
	sets    []AttributeSet
	bad     []AttributeError
	isa     isaMerge
	numbers []riscvNumber // by riscvRules
	priv    privSpec
	privIn  string // the input that it is from
	warned  map[privSpec]bool
	others  map[uint64]*riscvOther
}

// privSpec is a version of the privileged specification.
type privSpec [3]uint64

func (v privSpec) String() string { return fmt.Sprintf("%d.%d.%d", v[0], v[1], v[2]) }

// riscvNumber is a number that a rule is for.
type riscvNumber struct {
	value uint64
	input string // which gave it last
	given bool   // the first set is in it
}

// riscvOther is an attribute that no rule is for.
type riscvOther struct {
	attribute
	set, count int // the first set that has it, and how many do
	differs    bool
}

// mergeRISCVAttributes makes the set that holds for the output: it needs what
// any input needs. An input without a set has no say, and sets that are equal
// need no understanding.
func mergeRISCVAttributes(in AttributeMerge) (merged []byte, bad []AttributeError) {
	first := in.Sets[0].Data
	if !slices.ContainsFunc(in.Sets, func(s AttributeSet) bool { return !bytes.Equal(s.Data, first) }) {
		attrs, damage := readRISCVAttributes(first)
		if damage != nil {
			return first, nil
		}
		return encodeAttributes(slices.Collect(maps.Values(attrs))), nil
	}
	m := &riscvMerge{
		sets: in.Sets, isa: isaMerge{sets: in.Sets}, numbers: make([]riscvNumber, len(riscvRules)),
		warned: map[privSpec]bool{}, others: map[uint64]*riscvOther{},
	}
	for i, s := range in.Sets {
		attrs, damage := readRISCVAttributes(s.Data)
		if damage != nil {
			damage.Set = i
			m.bad = append(m.bad, *damage)
			continue
		}
		m.add(i, attrs)
	}
	return encodeAttributes(m.result()), m.bad
}

// add takes the attributes of a set.
func (m *riscvMerge) add(set int, attrs map[uint64]attribute) {
	input := m.sets[set].Input
	for i, rule := range riscvRules {
		n, own := &m.numbers[i], attrs[rule.tag]
		value, ok := own.number, true
		if n.given {
			value, ok = rule.merge(n.value, own.number)
		} else {
			value, _ = rule.merge(value, value)
		}
		if !ok {
			m.refuse(set, own, "%s (build attribute %d) is %d, but %d in %s", rule.name, rule.tag, own.number, n.value, n.input)
			continue
		}
		if value != n.value || !n.given {
			n.input = input
		}
		n.value, n.given = value, true
	}
	m.addPrivSpec(set, attrs)
	if arch, ok := attrs[tagArch]; ok {
		if err := m.isa.add(arch.text, set); err != nil {
			m.refuse(set, arch, "%v", err)
		}
	}
	for tag, a := range attrs {
		if a.empty() || tag == tagArch || slices.Contains(tagsPrivSpec, tag) || slices.ContainsFunc(riscvRules, func(r riscvRule) bool { return r.tag == tag }) {
			continue
		}
		o := m.others[tag]
		if o == nil {
			o = &riscvOther{attribute: a, set: set}
			m.others[tag] = o
		}
		o.count++
		o.differs = o.differs || !o.same(a)
	}
}

func (m *riscvMerge) refuse(set int, a attribute, format string, args ...any) {
	offset := int64(a.offset)
	if offset == 0 {
		offset = -1 // it is missing
	}
	m.bad = append(m.bad, AttributeError{Code: errcode.OtherABI, Set: set, Offset: offset, What: fmt.Sprintf(format, args...), Advice: "compile all inputs for one target"})
}

// addPrivSpec keeps the latest version of the privileged specification. The
// attributes are deprecated, and extensions say what code needs.
func (m *riscvMerge) addPrivSpec(set int, attrs map[uint64]attribute) {
	var own privSpec
	for i, tag := range tagsPrivSpec {
		own[i] = attrs[tag].number
	}
	if own == (privSpec{}) {
		return
	}
	if m.priv != (privSpec{}) && !m.warned[own] {
		m.bad = append(m.bad, AttributeError{
			Code: errcode.OtherABI, Set: set, Offset: -1, Warning: true,
			What:   fmt.Sprintf("privileged specification is %v, but %v in %s, and the output has the later one", own, m.priv, m.privIn),
			Advice: "compile all inputs with the same -mpriv-spec",
		})
	}
	m.warned[own] = true
	if slices.Compare(own[:], m.priv[:]) > 0 {
		m.priv, m.privIn = own, m.sets[set].Input
	}
}

// result is the attributes of the output.
func (m *riscvMerge) result() []attribute {
	var all []attribute
	for i, rule := range riscvRules {
		all = append(all, attribute{tag: rule.tag, number: m.numbers[i].value})
	}
	for i, tag := range tagsPrivSpec {
		all = append(all, attribute{tag: tag, number: m.priv[i]})
	}
	all = append(all, attribute{tag: tagArch, text: m.isa.String()})
	for _, o := range m.others {
		all = append(all, o.attribute)
	}
	slices.SortFunc(all, byTag)
	return slices.DeleteFunc(all, func(a attribute) bool {
		o := m.others[a.tag]
		switch {
		case o == nil || !o.differs && o.count == len(m.sets):
			return false
		case a.tag%128 < 64: // not to be ignored
			m.refuse(o.set, o.attribute, "build attribute %d, %s, is not known, and not all inputs have the same", a.tag, a.value())
		default:
			m.bad = append(m.bad, AttributeError{
				Code: errcode.UnknownAttributes, Set: o.set, Offset: int64(o.offset), Warning: true,
				What:   fmt.Sprintf("build attribute %d, %s, is not known, and left out because not all inputs have the same", a.tag, a.value()),
				Advice: "compile all inputs for one target",
			})
		}
		return true
	})
}

// readRISCVAttributes decodes a set.
func readRISCVAttributes(d []byte) (map[uint64]attribute, *AttributeError) {
	if len(d) < attributeHeaderBytes || d[0] != 'A' || string(d[5:5+len(riscvVendor)]) != riscvVendor {
		return nil, damagedAttribute(0, "not those of RISC-V")
	}
	le := binary.LittleEndian
	at := 5 + len(riscvVendor)
	if d[at] != tagFile || int64(le.Uint32(d[1:]))+1 != int64(len(d)) || int64(le.Uint32(d[at+1:]))+int64(at) != int64(len(d)) {
		return nil, damagedAttribute(at, "more than one subsection, or one of another size")
	}
	attrs := map[uint64]attribute{}
	for at += 5; at < len(d); {
		tag, n := binary.Uvarint(d[at:])
		if n <= 0 {
			return nil, damagedAttribute(at, "tag is cut short")
		}
		a := attribute{tag: tag, offset: at}
		at += n
		if tag%2 == 1 {
			end := bytes.IndexByte(d[at:], 0)
			if end < 0 {
				return nil, damagedAttribute(at, "text does not end")
			}
			a.text = string(d[at : at+end])
			at += end + 1
		} else {
			if a.number, n = binary.Uvarint(d[at:]); n <= 0 {
				return nil, damagedAttribute(at, "number is cut short")
			}
			at += n
		}
		if old, again := attrs[tag]; again && !old.same(a) {
			return nil, damagedAttribute(a.offset, "attribute %d is %s, but %s before", tag, a.value(), old.value())
		}
		attrs[tag] = a
	}
	return attrs, nil
}

// encodeAttributes makes a set, in the order of the tags.
func encodeAttributes(attrs []attribute) []byte {
	slices.SortFunc(attrs, byTag)
	var body []byte
	for _, a := range attrs {
		if a.empty() {
			continue
		}
		body = binary.AppendUvarint(body, a.tag)
		if a.tag%2 == 1 {
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
