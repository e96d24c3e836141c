// SPDX-License-Identifier: Apache-2.0

package parallel

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
)

func TestWorkers(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	for _, c := range []struct{ n, perWorker, want int }{
		{0, 64, 1}, {63, 64, 1}, {127, 64, 1}, {128, 64, 2}, {256, 64, 4}, {1 << 20, 64, 4},
	} {
		if got := Workers(c.n, c.perWorker); got != c.want {
			t.Errorf("Workers(%d, %d) is %d, want %d", c.n, c.perWorker, got, c.want)
		}
	}
}

// Errors are in the order of the work, whichever worker fails first.
func TestRunJoinsErrorsInOrder(t *testing.T) {
	for _, n := range []int{1, 2, 5, 40} {
		var ran atomic.Int32
		done := make(chan struct{}, n)
		err := Run(n, func(i int) error {
			ran.Add(1)
			// The last one ends first.
			if i < n-1 {
				<-done
			}
			done <- struct{}{}
			if i%3 == 1 {
				return nil
			}
			return fmt.Errorf("worker %d", i)
		})
		var want []string
		for i := range n {
			if i%3 != 1 {
				want = append(want, fmt.Sprintf("worker %d", i))
			}
		}
		if int(ran.Load()) != n || fmt.Sprint(err) != strings.Join(want, "\n") {
			t.Errorf("%d of %d ran, error %v", ran.Load(), n, err)
		}
	}
	if err := Run(3, func(int) error { return nil }); err != nil {
		t.Errorf("error is %v", err)
	}
}

// Parts covers all items in order and distributes them evenly.
func TestParts(t *testing.T) {
	for _, n := range []int{0, 1, 5, 64, 1001} {
		for _, workers := range []int{1, 2, 3, 8} {
			starts := make([][2]int, workers)
			err := Parts(n, workers, func(part, from, to int) error {
				starts[part] = [2]int{from, to}
				return fmt.Errorf("part %d", part)
			})
			want, next := []string(nil), 0
			for i, part := range starts {
				if part[0] != next || part[1]-part[0] > n/workers+1 {
					t.Errorf("%d items, %d workers: part %d is %v", n, workers, i, part)
				}
				next = part[1]
				want = append(want, fmt.Sprintf("part %d", i))
			}
			if next != n || fmt.Sprint(err) != strings.Join(want, "\n") {
				t.Errorf("%d items, %d workers: up to %d, error %v", n, workers, next, err)
			}
		}
	}
}

// mapTruncated maps a file and truncates it, so that reading it faults.
func mapTruncated(t *testing.T) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, make([]byte, 1<<16), 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	data, err := syscall.Mmap(int(f.Fd()), 0, 1<<16, syscall.PROT_READ, syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Munmap(data) })
	if err := f.Truncate(0); err != nil {
		t.Fatal(err)
	}
	return data
}

// A fault in any worker is raised in the caller, after all workers are done.
func TestFaultOfWorker(t *testing.T) {
	data := mapTruncated(t)
	for faulty := range 4 {
		var done atomic.Int32
		sum := byte(0)
		fault := Fault(func() {
			_ = Run(4, func(i int) error {
				defer done.Add(1)
				if i == faulty {
					sum += data[1<<15]
				}
				return errors.New("an error, which a fault takes precedence over")
			})
			t.Error("no fault")
		})
		if fault == nil || done.Load() != 4 {
			t.Errorf("worker %d: fault is %v, %d workers were done", faulty, fault, done.Load())
		}
	}
}

// Other panics pass through Fault.
func TestFaultPassesOn(t *testing.T) {
	if fault := Fault(func() {}); fault != nil {
		t.Errorf("fault is %v", fault)
	}
	defer func() {
		if p := recover(); p != "other" {
			t.Errorf("panic is %v", p)
		}
	}()
	Fault(func() { panic("other") })
}
