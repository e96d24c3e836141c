// SPDX-License-Identifier: Apache-2.0

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

// commands are all that hyplink does, one file each.
var commands = []command{
	{
		name: "link", args: "--script=LDS -o OUT OBJ…",
		summary: "link objects into one relocatable object", run: runLink,
		examples: []string{
			"hyplink link --script=hyp.lds -o partial.o a.o b.o",
			"hyplink link --script=hyp.lds --orphan=error --map=layout.json -o partial.o a.o b.o",
		},
	},
	{
		name: "hyprel", args: "-o OUT IN",
		summary: "add the hyp relocation table", run: runHyprel,
		examples: []string{
			"hyplink hyprel -o relocated.o partial.o",
		},
	},
	{
		name: "prefix", args: "--symbol-prefix=P [OPTION…] -o OUT IN",
		summary: "prefix and rename symbols and sections (docs/rename.md)", run: runPrefix,
		examples: []string{
			"hyplink prefix --symbol-prefix=__kvm_nvhe_ -o hyp.o relocated.o",
			"hyplink prefix --symbol-prefix=p_ --redefine-sym=start=entry --strip-debug -o island.o partial.o",
		},
	},
	{
		name: "check", args: "[--symbol-prefix=P] [--allowed-undefined=FILE]… [--script=LDS] [--stamp=FILE] [--json] IN",
		summary: "check an object against the rules for hypervisor objects", run: runCheck,
		examples: []string{
			"hyplink check --symbol-prefix=__kvm_nvhe_ --allowed-undefined=undefined.txt hyp.o",
			"hyplink check --json hyp.o",
		},
	},
	{
		name: "compare", args: "[--ignore=debug,comment,…] [--json] [--html=FILE] A B",
		summary: "say how two objects differ, by function, variable and symbol", run: runCompare,
		examples: []string{
			"hyplink compare old.o new.o",
			"hyplink compare --ignore=debug,comment --html=difference.html old.o new.o",
		},
	},
	{
		name: "layout", args: "[--json] [--html=FILE] [--map=FILE.json] OBJ",
		summary: "say what is where in an object", run: runLayout,
		examples: []string{
			"hyplink layout --map=layout.json hyp.o",
			"hyplink layout --html=hyp.html hyp.o",
		},
	},
	{
		name: "size", args: "[--json|--markdown] [--map=FILE.json] [--base=OBJ [--max-growth=BYTES]] OBJ",
		summary: "list what is large in an object, or what grew (docs/size.md)", run: runSize,
		examples: []string{
			"hyplink size hyp.o",
			"hyplink size --markdown --base=old.o --max-growth=4096 hyp.o",
		},
	},
	{
		name: "object", args: "--script=LDS [--hyp-relocations] --symbol-prefix=P -o OUT OBJ…",
		summary: "link, add relocations and prefix in one go", run: runObject,
		examples: []string{
			"hyplink object --script=hyp.lds --hyp-relocations --symbol-prefix=__kvm_nvhe_ -o hyp.o a.o b.o",
		},
	},
	{
		name: "ld", args: "-r [-T LDS] -o OUT OBJ…",
		summary: "replace ld -r of GNU binutils (docs/kbuild.md)", run: runLd, gnu: true,
		examples: []string{
			"hyplink ld -r -T module.lds -o module.o a.o b.o",
		},
	},
	{
		name: "objcopy", args: "[OPTION…] IN [OUT]",
		summary: "replace objcopy of GNU binutils (docs/kbuild.md)", run: runObjcopy, gnu: true,
		examples: []string{
			"hyplink objcopy --prefix-symbols=__kvm_nvhe_ in.o out.o",
			"hyplink objcopy -R .comment --strip-debug hyp.o",
		},
	},
}

// Nearly all that a link allocates lives until its end, so that collecting
// garbage early finds none and takes a seventh of the time of a link of 28 MiB:
// the first collection is at 128 MiB, and the heap may grow to 33 times what was
// in use at the last one. Above memoryLimit bytes the collector runs as often as
// it takes to stay below.
const (
	gcPercent   = 3200
	memoryLimit = 4 << 30
)

func main() {
	debug.SetGCPercent(gcPercent)
	debug.SetMemoryLimit(memoryLimit)
	os.Exit(run(commands, os.Args[1:], os.Stdout, os.Stderr))
}
