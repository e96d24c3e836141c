// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// The script of the function sections case, like HYP_SECTION in arch/arm64/include/asm/hyp_image.h.
const sectionsScript = `SECTIONS {
  .hyp.text : ALIGN(4096) { *(.text .text.*) }
  .hyp.rodata : { *(.rodata .rodata.*) }
  .hyp.data : { *(.data .data.*) }
  .hyp.bss : { *(.bss .bss.*) }
}
`

const (
	functionObjects   = 400
	functionsInObject = 60
	manyObjects       = 66
	manyInObject      = 1000
)

// compiledFunctions returns a directory of objects with compiled functions in separate sections.
func (b *bench) compiledFunctions() (string, error) {
	return b.cache.directory("functions", "functions 1", func(dir string) error {
		err := inParallel(functionObjects, func(i int) error {
			source := filepath.Join(dir, numberedName(i)+".c")
			if err := os.WriteFile(source, []byte(functionsSource(i)), 0o666); err != nil {
				return err
			}
			return prepare(dir, b.tools.gcc.command("-O2", "-ffreestanding", "-fno-pic", "-fno-asynchronous-unwind-tables", "-mgeneral-regs-only",
				"-ffunction-sections", "-fdata-sections", "-c", "-o", numberedName(i)+".o", filepath.Base(source)))
		})
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, "sections.lds"), []byte(sectionsScript), 0o666)
	})
}

// functionsUnscripted returns the case of compiled functions in separate sections, without a script.
func (b *bench) functionsUnscripted() (*benchCase, error) {
	dir, err := b.compiledFunctions()
	if err != nil {
		return nil, err
	}
	c := b.linkCase("functions-unscripted", numbered(dir, functionObjects), "")
	c.title = fmt.Sprintf("%d function sections in %d objects of C, without a script: link", functionObjects*functionsInObject, functionObjects)
	c.goals = []goal{fasterThanAll(3.5)}
	return c, nil
}

// functionSections returns the case of compiled functions in separate sections, which a script combines.
func (b *bench) functionSections() (*benchCase, error) {
	dir, err := b.compiledFunctions()
	if err != nil {
		return nil, err
	}
	c := b.linkCase("functions", numbered(dir, functionObjects), filepath.Join(dir, "sections.lds"))
	c.title = fmt.Sprintf("%d function sections in %d objects of C, by a script: link", functionObjects*functionsInObject, functionObjects)
	c.goals = []goal{faster("LLVM", 1)}
	return c, nil
}

// functionsSource returns a C source with functions that call those of other objects and use local data and strings.
func functionsSource(object int) string {
	var s strings.Builder
	fmt.Fprintf(&s, "extern int report(const char *, int);\n")
	for i := range functionsInObject {
		callee := fmt.Sprintf("f_%d_%d", (object+7)%functionObjects, (i*31+object)%functionsInObject)
		fmt.Fprintf(&s, "extern int %s(int *, int);\nstatic int counter_%d;\nconst int table_%d_%d[4] = { %d, %d, 3, 4 };\n",
			callee, i, object, i, object, i)
		fmt.Fprintf(&s, "int f_%d_%d(int *p, int n)\n{\n\tint sum = 0;\n\tfor (int i = 0; i < n; i++)\n\t\tsum += p[i] * table_%d_%d[i & 3];\n",
			object, i, object, i)
		fmt.Fprintf(&s, "\tif (sum > counter_%d)\n\t\treturn report(\"object %d, function %d\", sum);\n\tcounter_%d += sum;\n\treturn %s(p, n - 1) + 1;\n}\n",
			i, object, i, i, callee)
	}
	return s.String()
}

// manySections returns the case of more sections than fit into 16 bits. Without a script, the output has as many.
func (b *bench) manySections() (*benchCase, error) {
	dir, err := b.cache.directory("sections", "sections 1", func(dir string) error {
		return inParallel(manyObjects, func(i int) error {
			return b.assemble(dir, numberedName(i), func(w *bufio.Writer) { sectionsObject(w, i, manyObjects, manyInObject) })
		})
	})
	if err != nil {
		return nil, err
	}
	c := b.linkCase("sections", numbered(dir, manyObjects), "")
	c.title = fmt.Sprintf("%d sections in %d objects, and as many in the output: link", manyObjects*manyInObject, manyObjects)
	c.goals = []goal{fasterThanAll(3.5), smaller("LLVM", 1)}
	return c, nil
}

// numbered returns the paths of objects 000.o and so on.
func numbered(dir string, n int) []string {
	objects := make([]string, n)
	for i := range objects {
		objects[i] = filepath.Join(dir, numberedName(i)+".o")
	}
	return objects
}

func numberedName(i int) string { return fmt.Sprintf("%03d", i) }

// linkCase returns a case in which all contestants link, with or without a script.
func (b *bench) linkCase(name string, objects []string, script string) *benchCase {
	t := b.tools
	hyp := contestant{name: "hyplink", what: "hyplink link", out: b.output(name, "hyplink.o")}
	gnu := contestant{name: "GNU", what: "ld -r (" + t.versions.gnu + ")", out: b.output(name, "gnu.o")}
	llvm := contestant{name: "LLVM", what: "ld.lld -r (" + t.versions.llvm + ")", out: b.output(name, "llvm.o")}
	var own, peers []string
	emulation := "-maarch64linux"
	if script != "" {
		own, peers, emulation = []string{"--script=" + script}, []string{"-T", script}, "-maarch64elf"
	}
	hyp.argv = t.hyplink.command(join([]string{"link"}, own, []string{"-o", hyp.out}, objects)...)
	gnu.argv = t.ld.command(join(gnuFlags, []string{emulation}, peers, []string{"-o", gnu.out}, objects)...)
	llvm.argv = t.lld.command(join(lldFlags, peers, []string{"-o", llvm.out}, objects)...)
	c := &benchCase{name: name, inputs: objects, contestants: []contestant{hyp, gnu, llvm}}
	if script == "" {
		// mold has no language for output sections.
		mold := contestant{name: "mold", what: "mold -r (" + t.versions.mold + ")", out: b.output(name, "mold.o")}
		mold.argv = t.mold.command(join([]string{"-r", "-m", "aarch64linux", "-o", mold.out}, objects)...)
		c.contestants = append(c.contestants, mold)
	}
	return c
}
