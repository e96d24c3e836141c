// SPDX-License-Identifier: Apache-2.0

package link

import (
	"cmp"
	"errors"
	"slices"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
	"github.com/rules-hyp/rules_hyp/internal/parallel"
)

// inputsPerWorker is the least number of inputs for each worker: starting one for
// a few dozen small objects would cost more than it gains. Tests set it, to have
// several workers for a few inputs.
var inputsPerWorker = 64

// workers is how many processors work on n inputs.
func workers(n int) int { return parallel.Workers(n, inputsPerWorker) }

// readers is how many processors work on the inputs in a pass that reads much of
// each input.
func (l *linker) readers() int {
	total := 0
	for _, m := range l.opts.Mapped {
		total += len(m.Data)
	}
	return min(max(workers(len(l.inputs)), parallel.Workers(total, parallel.BytesPerWorker)), max(len(l.inputs), 1))
}

// releaser releases the memory of mapped files once a pass over the inputs, or
// over a part of them, has passed them.
type releaser struct{ mapped []*fileio.Mapping }

// at says that the pass has come to an object; nil is the end.
func (r *releaser) at(o *elfobj.Object) {
	var now []*fileio.Mapping
	if o != nil {
		now = o.Mapped
	}
	if len(r.mapped) > 0 && (len(now) == 0 || now[0] != r.mapped[0]) {
		for _, m := range r.mapped {
			m.ReleaseLarge()
		}
	}
	r.mapped = now
}

// numberedError is an error about a thing that has a number in the order of the
// inputs.
type numberedError struct {
	number uint32
	err    error
}

// joinInOrder joins what workers found that do not have consecutive things each.
func joinInOrder(found [][]numberedError) error {
	all := slices.Concat(found...)
	slices.SortFunc(all, func(a, b numberedError) int { return cmp.Compare(a.number, b.number) })
	var errs []error
	for _, e := range all {
		errs = append(errs, e.err)
	}
	return errors.Join(errs...)
}
