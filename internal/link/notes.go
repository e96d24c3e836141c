// SPDX-License-Identifier: Apache-2.0

package link

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/machine"
)

// mergeProperties merges the property notes of all inputs into one, with what
// build attributes say of the same. A feature such as BTI holds for the output
// only if each input has it, so an input that says nothing of it, as most assembly
// sources give, takes it away.
func (l *linker) mergeProperties() error {
	notes, attributes := l.special.properties, l.special.attributes
	if len(notes) == 0 && len(attributes) == 0 {
		return nil
	}
	m := propertyMerge{linker: l, types: map[uint32]*propertyValue{}}
	var merged []*inputSection
	for i := range l.inputs {
		for _, isec := range take(&notes, &l.inputs[i]) {
			merged = append(merged, isec)
			m.addNote(i, isec)
		}
		for _, isec := range take(&attributes, &l.inputs[i]) {
			m.addAttributes(i, isec)
		}
	}
	l.properties = m.result()
	if err := errors.Join(m.errs...); err != nil {
		return err
	}
	if len(l.properties) > 0 && len(merged) == 0 {
		merged = append(merged, l.makeNote(m.from))
	}
	for i, isec := range merged {
		if i > 0 || len(l.properties) == 0 {
			isec.drop(discardMerged)
			continue
		}
		isec.replace(elfobj.EncodeProperties(l.properties, l.out.BigEndian), nil)
	}
	return nil
}

// take cuts the sections of an input off the front of a list in the order of the
// inputs, and returns those that are kept.
func take(list *[]*inputSection, in *input) []*inputSection {
	n := 0
	for n < len(*list) && (*list)[n].in == in {
		n++
	}
	own := (*list)[:n]
	*list = (*list)[n:]
	return slices.DeleteFunc(slices.Clone(own), func(isec *inputSection) bool { return isec.discard != kept })
}

// makeNote makes a property note where only build attributes say what is in it,
// because linkers that do not know those look for a note. It is in an input of its
// own, which has the name of the first one with such attributes.
func (l *linker) makeNote(from *input) *inputSection {
	o := &elfobj.Object{Name: from.obj.Name, Archive: from.obj.Archive, Machine: l.out.Machine, BigEndian: l.out.BigEndian}
	o.AddSection(&elfobj.Section{Name: elfobj.PropertySection, Type: elf.SHT_NOTE, Flags: elf.SHF_ALLOC, Addralign: 8})
	l.inputs = append(l.inputs, input{}) // collect has left room
	in := &l.inputs[len(l.inputs)-1]
	in.obj, in.references = o, l.symbolTable.references
	in.sections = make([]inputSection, len(o.Sections))
	isec := &in.sections[1]
	isec.in, isec.sec = in, o.Sections[1]
	return isec
}

// propertyMerge holds what inputs say of each type of property.
type propertyMerge struct {
	*linker
	types map[uint32]*propertyValue
	from  *input // the first with build attributes that say the same as a property
	errs  []error
}

// propertyValue is what inputs say of a type.
type propertyValue struct {
	rule   machine.PropertyRule
	merged []byte // of the inputs before the last that has it
	own    []byte // of the last one, which counts once all its notes are read
	last   int    // the number of that
	inputs int    // that have it
	lacks  int    // number of the first that does not, -1 before there is one
	first  elfobj.Property
	where  *inputSection // of first
	failed bool          // an error about it was reported
}

// addNote takes the properties of a note of an input.
func (m *propertyMerge) addNote(input int, isec *inputSection) {
	props, err := isec.in.obj.Properties(isec.sec)
	if err != nil {
		m.errs = append(m.errs, err)
	}
	for _, pr := range props {
		m.add(input, isec, pr)
	}
}

// addAttributes takes what build attributes of an input say, which its notes must
// not contradict.
func (m *propertyMerge) addAttributes(input int, isec *inputSection) {
	said, damage := m.out.Machine.AttributeProperties(isec.attributes())
	if damage != nil {
		m.errs = append(m.errs, isec.attributeError(damage))
	}
	for _, pr := range said {
		if v := m.types[pr.Type]; v != nil && v.last == input && !bytes.Equal(v.own, pr.Value) {
			m.errs = append(m.errs, isec.errorAt(errcode.OtherProperty, -1, "make the source or the compiler say one thing, or remove one of the two sections with objcopy -R",
				"build attributes mean that %s is %s, but %s says %s", m.name(pr.Type), m.number(pr.Value), elfobj.PropertySection, m.number(v.own)))
			continue
		}
		if m.from == nil {
			m.from = isec.in
		}
		m.add(input, isec, elfobj.Property{Type: pr.Type, Value: pr.Value, Offset: -1})
	}
}

// add takes a property of an input.
func (m *propertyMerge) add(input int, isec *inputSection, pr elfobj.Property) {
	v := m.types[pr.Type]
	if v == nil {
		v = &propertyValue{rule: m.out.Machine.PropertyRule(pr.Type), last: -1, lacks: -1, first: pr, where: isec}
		m.types[pr.Type] = v
	}
	size := v.rule.Size()
	switch {
	case v.failed:
	case size >= 0 && len(pr.Value) != size:
		m.fail(v, isec, pr, errcode.DamagedProperties, "the file is damaged: build it again", "%s has %d bytes, want %d", m.name(pr.Type), len(pr.Value), size)
	case size < 0 && !bytes.Equal(pr.Value, v.first.Value):
		m.fail(v, isec, pr, errcode.OtherProperty, adviceUnknown, "%s is not known for %s, so its value %s cannot be merged with %s in %s",
			m.name(pr.Type), m.out.Machine.Name, m.number(pr.Value), m.number(v.first.Value), v.where.in.obj.Name)
	case v.rule == machine.PropertySame && !bytes.Equal(pr.Value, v.first.Value):
		m.fail(v, isec, pr, errcode.OtherProperty, "compile all inputs with the same options", "%s is %s, but %s in %s",
			m.name(pr.Type), m.number(pr.Value), m.number(v.first.Value), v.where.in.obj.Name)
	case v.last == input && v.rule == machine.PropertyAnd:
		v.own = m.combine(machine.PropertyOr, v.own, pr.Value) // notes of one object add up
	case v.last == input:
		v.own = m.combine(v.rule, v.own, pr.Value)
	default:
		if v.inputs != input && v.lacks < 0 {
			v.lacks = v.inputs // all up to that one have it
		}
		m.count(v)
		v.last, v.own, v.inputs = input, pr.Value, v.inputs+1
	}
}

const adviceUnknown = "remove the note with objcopy -R .note.gnu.property, if nothing needs it"

// fail reports an error about a type of properties, one for each.
func (m *propertyMerge) fail(v *propertyValue, isec *inputSection, pr elfobj.Property, code errcode.Code, advice, format string, args ...any) {
	v.failed = true
	m.errs = append(m.errs, isec.errorAt(code, pr.Offset, advice, format, args...))
}

// count merges what the last input says.
func (m *propertyMerge) count(v *propertyValue) {
	switch {
	case v.merged == nil:
		v.merged = v.own
	case v.own != nil:
		v.merged = m.combine(v.rule, v.merged, v.own)
	}
}

// combine makes one value of two.
func (m *propertyMerge) combine(rule machine.PropertyRule, a, b []byte) []byte {
	out := bytes.Clone(a)
	switch rule {
	case machine.PropertyAnd:
		for i := range out {
			out[i] &= b[i]
		}
	case machine.PropertyOr, machine.PropertyOrAnd:
		for i := range out {
			out[i] |= b[i]
		}
	case machine.PropertyMax:
		if order := m.order(); order.Uint64(b) > order.Uint64(a) {
			return b
		}
	}
	return out
}

// result is the properties of the output, in the order of their types.
func (m *propertyMerge) result() []elfobj.Property {
	var merged []elfobj.Property
	for _, t := range slices.Sorted(maps.Keys(m.types)) {
		v := m.types[t]
		m.count(v)
		if v.inputs < len(m.inputs) && v.lacks < 0 {
			v.lacks = v.inputs
		}
		everywhere, zero := v.lacks < 0, !slices.ContainsFunc(v.merged, func(b byte) bool { return b != 0 })
		switch {
		case v.failed,
			v.rule == machine.PropertyAnd && (zero || !everywhere),
			(v.rule == machine.PropertyOr || v.rule == machine.PropertyMax) && zero,
			v.rule == machine.PropertyOrAnd && !everywhere,
			v.rule == machine.PropertyFinal:
			continue
		case v.rule == machine.PropertyUnknown && !everywhere:
			m.fail(v, v.where, v.first, errcode.OtherProperty, adviceUnknown, "%s is not known for %s, so it cannot be merged with %s, which does not have it",
				m.name(t), m.out.Machine.Name, m.inputs[v.lacks].obj.Name)
		case v.rule == machine.PropertySame && !everywhere && len(m.errs) == 0:
			m.warn(&elfobj.Error{
				Code: errcode.OtherProperty, File: m.inputs[v.lacks].obj.Name, Offset: -1, Advice: "compile all inputs with the same options",
				What: fmt.Sprintf("has no %s, which is %s in %s and in the output", m.name(t), m.number(v.first.Value), v.where.in.obj.Name),
			})
		}
		merged = append(merged, elfobj.Property{Type: t, Value: v.merged})
	}
	return merged
}

func (m *propertyMerge) order() binary.ByteOrder {
	if m.out.BigEndian {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

func (m *propertyMerge) name(typ uint32) string { return m.out.Machine.PropertyName(typ) }

// number is the value of a property for messages.
func (m *propertyMerge) number(value []byte) string {
	order := m.order()
	switch len(value) {
	case 4:
		return fmt.Sprintf("%#x", order.Uint32(value))
	case 8:
		return fmt.Sprintf("%#x", order.Uint64(value))
	case 16:
		return fmt.Sprintf("%#x %#x", order.Uint64(value), order.Uint64(value[8:]))
	}
	return fmt.Sprintf("(% x)", value)
}
