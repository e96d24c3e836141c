// SPDX-License-Identifier: Apache-2.0

// Package parallel distributes work among processors.
//
// Results do not depend on the number of processors: errors are in the order of
// the work, not of time. A memory fault in a worker is raised in the caller.
package parallel

import (
	"errors"
	"runtime"
	"runtime/debug"

	"golang.org/x/sync/errgroup"
)

// BytesPerWorker is the least size of the inputs, or of an output, for each worker
// of a pass that goes through all of it. With less, waking a thread takes about as
// long as its work saves, and costs processor time that other processes could use.
const BytesPerWorker = 4 << 20

// Workers returns the number of workers for n items: one for every perWorker
// items, at least 1 and at most GOMAXPROCS.
func Workers(n, perWorker int) int {
	return max(1, min(runtime.GOMAXPROCS(0), n/perWorker))
}

// Run calls f(0) to f(n-1) concurrently, f(0) on the calling goroutine, and
// joins their errors in this order. A memory fault in any of them is raised again
// on the calling goroutine, where [Fault] can catch it.
func Run(n int, f func(i int) error) error {
	if n == 1 {
		return f(0)
	}
	errs, faults := make([]error, n), make([]any, n)
	work := func(i int) error {
		faults[i] = Fault(func() { errs[i] = f(i) })
		return errs[i]
	}
	var workers errgroup.Group
	for i := 1; i < n; i++ {
		workers.Go(func() error { return work(i) })
	}
	first := work(0)
	if err := workers.Wait(); first == nil {
		first = err
	}
	for _, fault := range faults {
		if fault != nil {
			panic(fault)
		}
	}
	if first == nil {
		return nil
	}
	return errors.Join(errs...)
}

// Parts splits n items into consecutive ranges, one per worker, and calls f for
// each of them as [Run] does. The results of all parts, concatenated, are in the
// order of the items.
func Parts(n, workers int, f func(part, from, to int) error) error {
	return Run(workers, func(w int) error { return f(w, n*w/workers, n*(w+1)/workers) })
}

// Fault calls f and returns the memory fault that ended it, or nil. Access to a
// mapped file that was truncated is such a fault. Other panics pass through.
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
