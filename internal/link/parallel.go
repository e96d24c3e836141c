package link

import (
	"cmp"
	"errors"
	"runtime"
	"slices"
	"sync"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
)

// inputsPerWorker is how many inputs are worth another processor: starting a
// goroutine there takes as long as a pass over a few dozen small objects. Tests
// set it, to have several workers for a few inputs.
var inputsPerWorker = 64

// workers is how many processors work on n inputs.
func workers(n int) int { return max(1, min(runtime.GOMAXPROCS(0), n/inputsPerWorker)) }

// onAll calls f for 0 to n-1, each on a processor of its own, and joins the
// errors in this order.
func onAll(n int, f func(worker int) error) error {
	if n == 1 {
		return f(0)
	}
	errs, faults := make([]error, n), make([]any, n)
	var wg sync.WaitGroup
	for w := 1; w < n; w++ {
		wg.Go(func() {
			faults[w] = elfobj.Fault(func() { errs[w] = f(w) })
		})
	}
	errs[0] = f(0)
	wg.Wait()
	for _, fault := range faults {
		if fault != nil {
			panic(fault) // the caller is guarded, see elfobj.Guard
		}
	}
	return errors.Join(errs...)
}

// releaser gives the memory of mapped files back once a pass over the inputs, or
// over a part of them, has left them behind.
type releaser struct{ mapped []*elfobj.Mapping }

// at says that the pass has come to an object; nil is the end.
func (r *releaser) at(o *elfobj.Object) {
	var now []*elfobj.Mapping
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

// inParts cuts n things into consecutive parts, one for each of some workers,
// and calls f for each. What parts give, put together in their order, is in the
// order of the things.
func inParts(n, workers int, f func(part, from, to int) error) error {
	return onAll(workers, func(w int) error { return f(w, n*w/workers, n*(w+1)/workers) })
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
