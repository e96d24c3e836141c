// Hypgen writes Bazel BUILD files for a namespaced object of the Linux kernel.
//
// It asks kbuild what it would do (make -n V=1 FOLDER/) in a prepared tree and
// writes down the same sources, order and options as hyp_library,
// hyp_linker_script and hyp_object. Nothing is compiled.
//
//	hypgen [options] TREE [MAKE-ARGUMENT…]
//	hypgen -transcript FILE [options] [TREE]
//
// Exit codes: 0 done, 1 the tree or a file is wrong, or -check found a
// difference, 2 the command line is wrong.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	var usage *usageError
	switch {
	case errors.As(err, &usage):
		fmt.Fprintln(os.Stderr, "hypgen:", err)
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "hypgen:", err)
		os.Exit(1)
	}
}
