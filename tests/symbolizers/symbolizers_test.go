// SPDX-License-Identifier: Apache-2.0

// Package symbolizers_test checks that debuggers find every function of a program that was linked by way of hyplink, although COMDAT functions of its
// inputs were discarded: what debug information says of those must not hide what follows.
package symbolizers_test

import (
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/tests/program"
)

// tool runs the program whose path is in an environment variable.
func tool(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	return program.Must(t, dir, program.File(t, name), args...)
}

// source is a unit whose first function has a COMDAT group that the other unit has too, between functions of its own.
const source = `
inline __attribute__((noinline)) int shared(int x) { int y = x * 3; return y ^ 5; }
extern "C" int first_%[1]s(int x) { int y = shared(x); return y + 1; }
inline __attribute__((noinline)) int also(int x) { int y = x * 7; return y ^ 9; }
extern "C" int middle_%[1]s(int x) { int y = also(x); return y + 2; }
extern "C" int last_%[1]s(int x) { int y = x << 3; return y - %[2]d; }
`

var units = []string{"a", "b", "c"}

// functions are those that the program has for each unit.
func functions() []string {
	var names []string
	for _, unit := range units {
		names = append(names, "first_"+unit, "middle_"+unit, "last_"+unit)
	}
	return names
}

// compile writes and compiles the units, and returns the objects.
func compile(t *testing.T, dir, compiler, dwarf string) []string {
	t.Helper()
	var objects []string
	for i, unit := range units {
		if err := os.WriteFile(filepath.Join(dir, unit+".cc"), fmt.Appendf(nil, source, unit, i), 0o666); err != nil {
			t.Fatal(err)
		}
		tool(t, dir, compiler, "-"+dwarf, "-O1", "-ffreestanding", "-ffunction-sections", "-fno-exceptions", "-c", unit+".cc", "-o", unit+".o")
		objects = append(objects, unit+".o")
	}
	return objects
}

func TestEveryFunctionIsFound(t *testing.T) {
	for _, compiler := range []string{"GCC", "CLANG", "CLANG_NEWEST"} {
		for _, dwarf := range []string{"gdwarf-4", "gdwarf-5"} {
			t.Run(compiler+"/"+dwarf, func(t *testing.T) {
				dir := t.TempDir()
				objects := compile(t, dir, compiler, dwarf)
				for _, groups := range []string{"flatten", "keep"} {
					tool(t, dir, "HYPLINK", append([]string{"link", "--group=" + groups, "-o", groups + ".o"}, objects...)...)
					for _, linker := range []string{"LD", "LD_NEWEST", "LLD", "LLD_NEWEST"} {
						program := groups + "-" + linker
						tool(t, dir, linker, "-e", "0", "-Ttext=0x1000000", "-o", program, groups+".o")
						checkFunctions(t, dir, program)
					}
				}
			})
		}
	}
}

// checkFunctions looks up the middle of each function with all symbolizers.
func checkFunctions(t *testing.T, dir, program string) {
	t.Helper()
	f, err := elf.Open(filepath.Join(dir, program))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	symbols, err := f.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range functions() {
		i := slices.IndexFunc(symbols, func(s elf.Symbol) bool { return s.Name == name })
		if i < 0 {
			t.Errorf("%s: no symbol %s", program, name)
			continue
		}
		address := fmt.Sprintf("%#x", symbols[i].Value+4)
		unit := name[strings.LastIndex(name, "_")+1:] + ".cc"
		// addr2line -f falls back to the symbol table for the function, but not for the file.
		if got := tool(t, dir, "ADDR2LINE", "-f", "-e", program, address); !strings.Contains(got, name+"\n") || !strings.Contains(got, unit+":") {
			t.Errorf("%s: addr2line %s: got %q, want %s in %s", program, address, got, name, unit)
		}
		for _, dwarfdump := range []string{"DWARFDUMP", "DWARFDUMP_NEWEST"} {
			if got := tool(t, dir, dwarfdump, "--lookup="+address, program); !strings.Contains(got, `("`+name+`")`) {
				t.Errorf("%s: %s %s: got %s, want %s", program, dwarfdump, address, got, name)
			}
		}
	}
}
