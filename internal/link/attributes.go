package link

import (
	"bytes"
	"errors"
	"slices"

	"github.com/rules-hyp/rules_hyp/internal/machine"
)

// mergeAttributes makes one set of build attributes of all inputs'. Sets that
// are equal need no understanding; of those that differ, the machine knows what
// to make of them.
func (l *linker) mergeAttributes() error {
	var pieces []*piece
	var sets []machine.AttributeSet
	for _, p := range l.special.attributes {
		if p.discard == kept {
			pieces = append(pieces, p)
			sets = append(sets, machine.AttributeSet{Input: p.in.obj.Name, Data: p.data()})
		}
	}
	if len(sets) == 0 {
		return nil
	}
	for _, p := range pieces[1:] {
		p.drop(discardMerged)
	}
	if !slices.ContainsFunc(sets, func(s machine.AttributeSet) bool { return !bytes.Equal(s.Data, sets[0].Data) }) {
		return nil
	}
	merged, bad := l.out.Machine.MergeAttributes(sets)
	var errs []error
	for _, e := range bad {
		errs = append(errs, pieces[e.Set].errorAt(e.Offset, e.Advice, "%s", e.What))
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	pieces[0].replace(merged, nil)
	return nil
}
