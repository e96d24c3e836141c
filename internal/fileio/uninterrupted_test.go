// SPDX-License-Identifier: Apache-2.0

//go:build linux && (amd64 || arm64)

package fileio

import (
	"errors"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"testing"
	"time"
)

// Signals do not end the process while a function is uninterrupted, in nested and
// concurrent calls as well, and have their actions again afterwards.
func TestUninterrupted(t *testing.T) {
	signals := make(chan os.Signal, 100)
	signal.Notify(signals, syscall.SIGTERM)
	defer signal.Reset()
	actions := func() (all [len(terminating)]sigaction) {
		for i, s := range terminating {
			setAction(s, nil, &all[i])
		}
		return all
	}
	before, failed := actions(), errors.New("failed")
	send := func() {
		for _, s := range terminating {
			if err := syscall.Kill(os.Getpid(), s); err != nil {
				t.Error(err)
			}
		}
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			err := uninterrupted("", func() error {
				send()
				return uninterrupted("", func() error { send(); return failed })
			})
			if err != failed {
				t.Errorf("the error is %v, want the function's", err)
			}
		})
	}
	all.Wait()
	if after := actions(); after != before {
		t.Errorf("the actions of the signals are %x, were %x", after, before)
	}
	if len(signals) > 0 {
		t.Errorf("a signal was delivered: %v", <-signals)
	}
	if err := syscall.Kill(os.Getpid(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case <-signals:
	case <-time.After(time.Minute):
		t.Error("SIGTERM is not delivered any more")
	}
}
