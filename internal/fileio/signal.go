// SPDX-License-Identifier: Apache-2.0

package fileio

import (
	"os"
	"os/signal"
	"syscall"
)

// removeOnSignal removes a file if a signal terminates the process, until stop
// is called.
func removeOnSignal(name string) (stop func()) {
	signals, done := make(chan os.Signal, 1), make(chan struct{})
	for _, s := range []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		// One that is ignored, by nohup for example, does not end the process.
		if !signal.Ignored(s) {
			signal.Notify(signals, s)
		}
	}
	go func() {
		select {
		case s := <-signals:
			os.Remove(name)
			signal.Reset(s)
			_ = syscall.Kill(os.Getpid(), s.(syscall.Signal))
		case <-done:
		}
	}()
	return func() {
		signal.Stop(signals)
		close(done)
	}
}
