// Package parallel divides work among processors.
//
// Results never depend on how many there are: errors come in the order of the
// work, not in the order of time, and a memory fault of a worker becomes one of
// its caller.
package parallel

import (
	"errors"
	"runtime"
	"runtime/debug"

	"golang.org/x/sync/errgroup"
)

// Workers is how many processors to divide n items among, where perWorker items
// are worth another one: at least 1, at most GOMAXPROCS.
func Workers(n, perWorker int) int {
	return max(1, min(runtime.GOMAXPROCS(0), n/perWorker))
}

// Run calls f for 0 to n-1 at the same time, for 0 on the calling goroutine, and
// joins their errors in this order. A memory fault of any of them is raised
// again on the calling goroutine, where [Fault] can catch it.
func Run(n int, f func(i int) error) error {
	if n == 1 {
		return f(0)
	}
	errs, faults := make([]error, n), make([]any, n)
	work := func(i int) error {
		faults[i] = Fault(func() { errs[i] = f(i) })
		return errs[i]
	}
	var others errgroup.Group
	for i := 1; i < n; i++ {
		others.Go(func() error { return work(i) })
	}
	failed := work(0)
	if err := others.Wait(); failed == nil {
		failed = err
	}
	for _, fault := range faults {
		if fault != nil {
			panic(fault)
		}
	}
	if failed == nil {
		return nil
	}
	return errors.Join(errs...)
}

// Parts divides n items into consecutive parts, one for each of some workers,
// and calls f for each part at the same time, as [Run] does. What parts give,
// put together in their order, is in the order of the items.
func Parts(n, workers int, f func(part, from, to int) error) error {
	return Run(workers, func(w int) error { return f(w, n*w/workers, n*(w+1)/workers) })
}

// Fault calls f and returns the memory fault that ended it, or nil. Reading
// mapped memory beyond the end of a file that has become shorter is one. Other
// panics pass through.
func Fault(f func()) (fault any) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if fault = recover(); fault != nil {
			if _, ok := fault.(interface{ Addr() uintptr }); !ok {
				panic(fault)
			}
		}
	}()
	f()
	return nil
}
