package link

import (
	"cmp"
	"errors"
	"slices"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/machine"
)

// mergeProperties merges the property notes of all inputs into one. A feature
// such as BTI holds for the output only if each input has it, so an input
// without the note, as most assembly sources give, takes it away.
func (l *linker) mergeProperties() error {
	var notes []*inputSection
	var errs []error
	merged := propertyMerge{machine: l.out.Machine, types: map[uint32]*propertyValues{}}
	for _, isec := range l.special.properties {
		if isec.discard != kept {
			continue
		}
		props, err := isec.properties()
		if err != nil {
			errs = append(errs, err)
			continue
		}
		notes = append(notes, isec)
		merged.add(isec.in, props)
	}
	if err := errors.Join(errs...); err != nil || len(notes) == 0 {
		return err
	}
	result := merged.result(len(l.inputs))
	for i, isec := range notes {
		if i > 0 || len(result) == 0 {
			isec.drop(discardMerged)
			continue
		}
		isec.replace(elfobj.EncodeProperties(result, l.out.BigEndian), nil)
	}
	return nil
}

// propertyMerge holds what inputs say of each type of property.
type propertyMerge struct {
	machine *machine.Machine
	types   map[uint32]*propertyValues
}

type propertyValues struct {
	and, or uint32
	inputs  int    // that have it
	last    *input // one of them, which may have more notes
	own     uint32 // what that says, which counts once all its notes are read
}

// add takes the properties of a note of an input.
func (m *propertyMerge) add(in *input, props []elfobj.Property) {
	for _, pr := range props {
		v := m.types[pr.Type]
		if v == nil {
			v = &propertyValues{and: ^uint32(0)}
			m.types[pr.Type] = v
		}
		if v.last != in {
			v.count()
			v.last, v.own, v.inputs = in, 0, v.inputs+1
		}
		v.own |= pr.Value
	}
}

// count merges what the last input says.
func (v *propertyValues) count() {
	if v.last != nil {
		v.and, v.or = v.and&v.own, v.or|v.own
	}
}

// result is the properties of the output of a number of inputs.
func (m *propertyMerge) result(inputs int) []elfobj.Property {
	var merged []elfobj.Property
	for t, v := range m.types {
		v.count()
		pr := elfobj.Property{Type: t, Value: v.or}
		switch rule, everywhere := m.machine.PropertyRule(t), v.inputs == inputs; {
		case rule == machine.PropertyAnd && everywhere:
			pr.Value = v.and
		case rule == machine.PropertyAnd, rule == machine.PropertyOrAnd && !everywhere:
			pr.Value = 0
		}
		if pr.Value != 0 {
			merged = append(merged, pr)
		}
	}
	slices.SortFunc(merged, func(a, b elfobj.Property) int { return cmp.Compare(a.Type, b.Type) })
	return merged
}

// properties reads a property note. One whose merging has no rule is an error.
func (isec *inputSection) properties() ([]elfobj.Property, error) {
	m := isec.in.obj.Machine
	props, err := isec.in.obj.Properties(isec.sec)
	for _, pr := range props {
		if pr.Size != 4 || m.PropertyRule(pr.Type) == machine.PropertyUnknown {
			return nil, isec.errorAt(pr.Offset, "remove the note with objcopy -R .note.gnu.property, if nothing needs it",
				"property type %#x of %d bytes is not known for %s, so it cannot be merged", pr.Type, pr.Size, m.Name)
		}
	}
	return props, err
}
