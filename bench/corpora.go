package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// corpora are archives that others made, in runfiles below the cross compiler's repository.
var corpora = []string{
	"usr/aarch64-linux-gnu/lib/libc.a",
	"usr/aarch64-linux-gnu/lib/libm.a",
	"usr/lib/gcc-cross/aarch64-linux-gnu/12/libstdc++.a",
}

// gnuMost is the size of a case that GNU ld takes part in: a GiB takes it many minutes and more than 11 GiB of memory.
const gnuMost = 200 << 20

// multiplied returns the case of so many bytes of objects: the members of the corpora, again and again, each time with another prefix in front of
// all symbols, so that a copy refers to itself and clashes with no other.
func (b *bench) multiplied(name string, bytes int64) (*benchCase, error) {
	dir, err := b.cache.folder(name, fmt.Sprint("multiplied 1 ", bytes), func(dir string) error { return b.multiply(dir, bytes) })
	if err != nil {
		return nil, err
	}
	archives, err := filepath.Glob(filepath.Join(dir, "*.a"))
	if err != nil {
		return nil, err
	}
	const prefix = "__island_"
	t := b.tools
	hyp := contestant{name: "hyplink", what: "hyplink object", out: b.output(name, "hyplink.o")}
	hyp.argv = t.hyplink.command(join([]string{"object", "--whole-archive", "--symbol-prefix=" + prefix, "-o", hyp.out}, archives)...)
	whole := join([]string{"--whole-archive"}, archives)
	tmp := b.output(name, "linked.o")
	gnu := contestant{name: "GNU", what: "sh: ld -r, objcopy (binutils 2.40)", out: b.output(name, "gnu.o")}
	gnu.argv = script(
		shellWords(t.ld.command(join(gnuFlags, []string{"-maarch64linux", "-o", tmp}, whole)...)),
		shellWords(t.objcopy.command("--prefix-symbols="+prefix, tmp, gnu.out)),
	)
	llvm := contestant{name: "LLVM", what: "sh: ld.lld -r, llvm-objcopy (LLVM 14)", out: b.output(name, "llvm.o")}
	llvm.argv = script(
		shellWords(t.lld.command(join(lldFlags, []string{"-o", tmp}, whole)...)),
		shellWords(t.llvmObjcopy.command("--prefix-symbols="+prefix, tmp, llvm.out)),
	)
	c := &benchCase{
		name:        name,
		title:       fmt.Sprintf("libc.a, libm.a and libstdc++.a, %d times: link of all members, prefix", len(archives)/len(corpora)),
		inputs:      archives,
		contestants: []contestant{hyp, llvm},
		goals:       []goal{rate(0.7), peakOfInput(1.3)},
		runs:        5,
	}
	if bytes <= gnuMost {
		c.contestants = append(c.contestants, gnu)
		c.goals = nil
	}
	return c, nil
}

// multiply writes prefixed copies of the corpora until there are so many bytes.
func (b *bench) multiply(dir string, bytes int64) error {
	var made int64
	for copies := 0; made < bytes; copies++ {
		for _, archive := range corpora {
			data, err := os.ReadFile(filepath.Join(b.tools.gccRoot, archive))
			if err != nil {
				return err
			}
			if data, err = prefixArchive(data, fmt.Sprintf("copy%d_", copies)); err != nil {
				return fmt.Errorf("%s: %w", archive, err)
			}
			made += int64(len(data))
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%03d-%s", copies, filepath.Base(archive))), data, 0o666); err != nil {
				return err
			}
		}
	}
	return nil
}
