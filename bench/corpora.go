// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// corpora are Debian's archives, as paths in the cross compiler's repository.
var corpora = []string{
	"usr/aarch64-linux-gnu/lib/libc.a",
	"usr/aarch64-linux-gnu/lib/libm.a",
	"usr/lib/gcc-cross/aarch64-linux-gnu/12/libstdc++.a",
}

// gnuLimit is the largest case for GNU ld: a GiB takes it many minutes and more than 11 GiB of memory.
const gnuLimit = 200 << 20

// multiplied returns a case with a number of bytes of objects: copies of the corpora, each with another symbol prefix, so that the copies are
// independent. With joined, a copy of an archive is one object, which GNU ld links from the members.
func (b *bench) multiplied(name string, bytes int64, joined bool) (*benchCase, error) {
	dir, err := b.cache.directory(name, fmt.Sprint("multiplied 2 ", bytes, joined), func(dir string) error { return b.multiply(dir, bytes, joined) })
	if err != nil {
		return nil, err
	}
	archives, err := filepath.Glob(filepath.Join(dir, "*.[ao]"))
	if err != nil {
		return nil, err
	}
	what := "link of all members, prefix"
	if joined {
		what = "link of the object of each, prefix"
	}
	const prefix = "__island_"
	t := b.tools
	hyp := contestant{name: "hyplink", what: "hyplink object", out: b.output(name, "hyplink.o")}
	hyp.argv = t.hyplink.command(join([]string{"object", "--whole-archive", "--symbol-prefix=" + prefix, "-o", hyp.out}, archives)...)
	whole := join([]string{"--whole-archive"}, archives)
	tmp := b.output(name, "linked.o")
	gnu := contestant{name: "GNU", what: "sh: ld -r, objcopy (" + t.versions.gnu + ")", out: b.output(name, "gnu.o")}
	gnu.argv = script(
		shellWords(t.ld.command(join(gnuFlags, []string{"-maarch64linux", "-o", tmp}, whole)...)),
		shellWords(t.objcopy.command("--prefix-symbols="+prefix, tmp, gnu.out)),
	)
	llvm := contestant{name: "LLVM", what: "sh: ld.lld -r, llvm-objcopy (" + t.versions.llvm + ")", out: b.output(name, "llvm.o")}
	llvm.argv = script(
		shellWords(t.lld.command(join(lldFlags, []string{"-o", tmp}, whole)...)),
		shellWords(t.llvmObjcopy.command("--prefix-symbols="+prefix, tmp, llvm.out)),
	)
	mold := contestant{name: "mold", what: "sh: mold -r, llvm-objcopy (" + t.versions.mold + ", " + t.versions.llvm + ")", out: b.output(name, "mold.o")}
	mold.argv = script(
		shellWords(t.mold.command(join([]string{"-r", "-m", "aarch64linux", "-o", tmp}, whole)...)),
		shellWords(t.llvmObjcopy.command("--prefix-symbols="+prefix, tmp, mold.out)),
	)
	c := &benchCase{
		name:        name,
		title:       fmt.Sprintf("libc.a, libm.a and libstdc++.a, %d times: %s", len(archives)/len(corpora), what),
		inputs:      archives,
		contestants: []contestant{hyp, llvm, mold},
		goals:       []goal{rate(0.7), peakOfInput(1.3)},
		runs:        5,
	}
	if bytes <= gnuLimit {
		c.contestants = append(c.contestants, gnu)
		c.goals = nil
	}
	if joined {
		c.goals = []goal{rate(0.7), fasterThanAll(3), peakUnderLoad(1.25)}
		c.loaded = true
	}
	return c, nil
}

// multiply writes prefixed copies of the corpora, up to a number of bytes: archives, or objects that GNU ld links from them.
func (b *bench) multiply(dir string, bytes int64, joined bool) error {
	originals := map[string][]byte{} // by the name of the copies
	for _, archive := range corpora {
		path, name := filepath.Join(b.tools.gccRoot, archive), filepath.Base(archive)
		if joined {
			object := filepath.Join(dir, "joined.o")
			if err := prepare(dir, b.tools.ld.command("-maarch64linux", "-r", "-o", object, "--whole-archive", path)); err != nil {
				return err
			}
			path, name = object, strings.TrimSuffix(name, ".a")+".o"
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if joined {
			err = os.Remove(path)
		}
		if err != nil {
			return err
		}
		originals[name] = data
	}
	prefixed := prefixArchive
	if joined {
		prefixed = prefixSymbols
	}
	var made int64
	for copies := 0; made < bytes; copies++ {
		for name, data := range originals {
			data, err := prefixed(data, fmt.Sprintf("copy%d_", copies))
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			made += int64(len(data))
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%03d-%s", copies, name)), data, 0o666); err != nil {
				return err
			}
		}
	}
	return nil
}
