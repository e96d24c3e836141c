// Command hyplink builds namespaced ELF objects: it links relocatable objects
// partially by a linker script, adds the kernel's hyp relocations, and prefixes
// symbols. It needs no other tool.
//
//	hyplink link   --script=hyp.lds -o partial.o a.o b.o …
//	hyplink hyprel -o relocated.o partial.o
//	hyplink prefix --symbol-prefix=__kvm_nvhe_ -o hyp.o relocated.o
//	hyplink object --script=hyp.lds --hyp-relocations --symbol-prefix=__kvm_nvhe_ -o hyp.o a.o b.o …
//
// An argument @FILE stands for the lines of FILE, one argument each.
//
// Exit codes: 0 done; 1 the input is wrong or a check failed; 2 the command
// line is wrong. Errors go to standard error, a line each.
package main

import (
	"os"
	"runtime/debug"
)

// Nearly all that a link allocates lives until its end, so that collecting
// garbage early finds none: the heap may grow to nine times what was in use at
// the last collection, the first one being at 36 MiB. Above memoryLimit bytes
// the collector runs as often as it takes to stay below.
const (
	gcPercent   = 800
	memoryLimit = 4 << 30
)

func main() {
	debug.SetGCPercent(gcPercent)
	debug.SetMemoryLimit(memoryLimit)
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}
