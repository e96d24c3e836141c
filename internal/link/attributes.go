package link

import (
	"bytes"
	"errors"
	"slices"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/machine"
)

// mergeAttributes makes one set of build attributes of all inputs'. Sets that
// are equal need no understanding; of those that differ, the machine knows what
// to make of them.
func (l *linker) mergeAttributes() error {
	var sections []*inputSection
	var sets []machine.AttributeSet
	for _, isec := range l.special.attributes {
		if isec.discard == kept {
			sections = append(sections, isec)
			sets = append(sets, machine.AttributeSet{Input: isec.in.obj.Name, Data: isec.data()})
		}
	}
	if len(sets) == 0 {
		return nil
	}
	for _, isec := range sections[1:] {
		isec.drop(discardMerged)
	}
	if !slices.ContainsFunc(sets, func(s machine.AttributeSet) bool { return !bytes.Equal(s.Data, sets[0].Data) }) {
		return nil
	}
	merged, bad := l.out.Machine.MergeAttributes(sets)
	var errs []error
	for _, e := range bad {
		errs = append(errs, sections[e.Set].errorAt(e.Offset, e.Advice, "%s", e.What))
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	sections[0].replace(merged, nil)
	return nil
}

// warn reports something that the link goes on in spite of.
func (l *linker) warn(e *elfobj.Error) {
	if l.opts.Warn != nil {
		l.opts.Warn("warning: " + e.Error())
	}
}
