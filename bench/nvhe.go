// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// kbuild's options for GNU ld and for lld: KBUILD_LDFLAGS of arch/arm64/Makefile and of the top Makefile. Without a script GNU ld uses that of its
// emulation: aarch64elf's is a file that is not in the pinned packages, aarch64linux's is built in.
var (
	gnuFlags = []string{"-EL", "-z", "noexecstack", "--no-warn-rwx-segments", "-r"}
	lldFlags = []string{"-EL", "-maarch64elf", "-z", "norelro", "-z", "noexecstack", "-r"}
)

// linkInputs are the inputs of a hyp_object's link, as bench/inputs.bzl writes them.
type linkInputs struct {
	Objects      []string `json:"objects"`
	Script       string   `json:"script"`
	SymbolPrefix string   `json:"symbol_prefix"`
}

// readLinkInputs reads the inputs of a hyp_object's link. The paths are relative to the runfiles.
func readLinkInputs(name string) (*linkInputs, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var in linkInputs
	if err := json.Unmarshal(data, &in); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	for _, path := range append(in.Objects, in.Script) {
		if filepath.IsAbs(path) {
			return nil, fmt.Errorf("%s: %s: want a path in runfiles", name, path)
		}
	}
	return &in, nil
}

// nvhe returns the case of the kernel's nVHE objects, with debug information or without.
func (b *bench) nvhe(stripped bool) (*benchCase, error) {
	in, err := readLinkInputs("bench/nvhe.json")
	if err != nil {
		return nil, err
	}
	kind := "nvhe"
	if stripped {
		kind = "nvhe-stripped"
	}
	key := sha256.New()
	for _, path := range append(in.Objects, in.Script) {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		key.Write(data)
	}
	dir, err := b.cache.directory(kind, kind+string(key.Sum(nil)), func(dir string) error {
		for i, path := range in.Objects {
			to := filepath.Join(dir, objectName(i, path))
			if err := copyFile(to, path); err != nil {
				return err
			}
			if stripped {
				if err := prepare(dir, b.tools.objcopy.command("--strip-debug", to)); err != nil {
					return err
				}
			}
		}
		return copyFile(filepath.Join(dir, "hyp.lds"), in.Script)
	})
	if err != nil {
		return nil, err
	}
	var objects []string
	for i, path := range in.Objects {
		objects = append(objects, filepath.Join(dir, objectName(i, path)))
	}
	c := b.hypCase(kind, objects, filepath.Join(dir, "hyp.lds"), in.SymbolPrefix)
	c.title = fmt.Sprintf("%d nVHE objects of Linux 6.1, with DWARF 5: link, hyprel, prefix", len(objects))
	c.goals = []goal{faster("GNU", 5), faster("LLVM", 12), within("cp", 2.2), smaller("GNU", 1)}
	if stripped {
		c.title = fmt.Sprintf("%d nVHE objects of Linux 6.1, without debug information: link, hyprel, prefix", len(objects))
		c.goals = []goal{faster("GNU", 4), faster("LLVM", 10), smaller("GNU", 1)}
	}
	return c, nil
}

// objectName returns the name of a copied object, which is unique.
func objectName(i int, path string) string { return fmt.Sprintf("%02d-%s", i, filepath.Base(path)) }

// hypCase returns a case in which all contestants build a finished hypervisor object.
func (b *bench) hypCase(name string, objects []string, script, prefix string) *benchCase {
	out := func(contestant, file string) string { return b.output(name, contestant+"-"+file) }
	t := b.tools
	hyp := contestant{name: "hyplink", what: "hyplink object", out: out("hyplink", "hyp.o")}
	hyp.argv = t.hyplink.command(append([]string{"object", "--script=" + script, "--hyp-relocations", "--symbol-prefix=" + prefix, "-o", hyp.out}, objects...)...)

	gnu := contestant{name: "GNU", what: "sh: ld -r, gen-hyprel, as, ld -r, objcopy (" + t.versions.gnu + ")", out: out("gnu", "hyp.o")}
	tmp, listing, reloc, rel := out("gnu", "tmp.o"), out("gnu", "reloc.S"), out("gnu", "reloc.o"), out("gnu", "rel.o")
	gnu.argv = script5(
		t.ld.command(join(gnuFlags, []string{"-maarch64elf", "-T", script}, objects, []string{"-o", tmp})...),
		t.genHyprel.command(tmp), listing,
		t.as.command("-EL", "-o", reloc, listing),
		t.ld.command(join(gnuFlags, []string{"-maarch64linux", tmp, reloc, "-o", rel})...),
		t.objcopy.command("--prefix-symbols="+prefix, rel, gnu.out),
	)

	llvm := contestant{name: "LLVM", what: "sh: ld.lld -r, gen-hyprel, clang -c, ld.lld -r, llvm-objcopy (" + t.versions.llvm + ")", out: out("llvm", "hyp.o")}
	// For kbuild's .S the compiler driver would start two more processes, a preprocessor and an assembler. A .s is assembled in one.
	tmp, listing, reloc, rel = out("llvm", "tmp.o"), out("llvm", "reloc.s"), out("llvm", "reloc.o"), out("llvm", "rel.o")
	llvm.argv = script5(
		t.lld.command(join(lldFlags, []string{"-T", script}, objects, []string{"-o", tmp})...),
		t.genHyprel.command(tmp), listing,
		t.clang.command("-c", "-o", reloc, listing),
		t.lld.command(join(lldFlags, []string{tmp, reloc, "-o", rel})...),
		t.llvmObjcopy.command("--prefix-symbols="+prefix, rel, llvm.out),
	)

	cp := contestant{name: "cp", what: "cp of hyplink's result", out: out("cp", "hyp.o"), copies: true}
	cp.argv = []string{"/bin/cp", hyp.out, cp.out}
	return &benchCase{name: name, inputs: objects, contestants: []contestant{hyp, gnu, llvm, cp}}
}

// script5 returns kbuild's five commands as one shell script, without the cost of make.
func script5(link, genHyprel []string, listing string, assemble, relink, prefix []string) []string {
	return script(
		shellWords(link),
		shellWords(genHyprel)+" > "+shellWords([]string{listing}),
		shellWords(assemble),
		shellWords(relink),
		shellWords(prefix),
	)
}
