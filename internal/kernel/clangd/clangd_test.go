// SPDX-License-Identifier: Apache-2.0

package clangd

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/kernel/kbuild"
	"github.com/rules-hyp/rules_hyp/internal/kernel/tree"
)

const dryRun = `# What kbuild's dry run of virt/el2 prints for Linux 6.1, one command per line.
COMPILER -E -Wp,-MMD,virt/el2/.el2.lds.d -P -Uarm64 -o virt/el2/el2.lds '$(srctree)/virt/el2/el2.lds.S'
COMPILER -Wp,-MMD,virt/el2/.a.o.d -isystem '$(compiler)/include' '-I$(srctree)/include' -I./include -fconserve-stack -mabi=lp64 --param=x=1 --param y=2 -fplugin-arg-a-b -fstrict-flex-arrays=3 '-DNAME="a b"' -c -o virt/el2/a.o '$(srctree)/virt/el2/../el2/a.c'
virt/el2/gen-hyprel virt/el2/a.o > virt/el2/made.S
COMPILER -c -o virt/el2/made.o virt/el2/made.S
COMPILER -c -o virt/el2/b.o virt/el2/b.S
COMPILER -o virt/el2/host '$(srctree)/virt/el2/host.c'
`

func database(t *testing.T, compiler string) ([]entry, error) {
	t.Helper()
	transcript, err := kbuild.ParseTranscript(strings.ReplaceAll(dryRun, "COMPILER", compiler))
	if err != nil {
		t.Fatal(err)
	}
	text, err := Database(transcript, &tree.Tree{Source: "/src", Objects: "/obj"})
	if err != nil {
		return nil, err
	}
	var entries []entry
	if err := json.Unmarshal(text, &entries); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return entries, nil
}

// A source has kbuild's command, without what clang does not know; the script, programs of the host and what kbuild makes are left out.
func TestDatabase(t *testing.T) {
	for compiler, options := range map[string][]string{
		"aarch64-linux-gnu-gcc": forClang,
		"clang-14":              nil,
	} {
		entries, err := database(t, compiler)
		if err != nil || len(entries) != 2 {
			t.Fatalf("%s: got %v, %v; want two entries", compiler, entries, err)
		}
		// In a tree that is built in place, kbuild's paths are relative.
		if e := entries[1]; e.File != "/obj/virt/el2/b.S" || e.Arguments[len(e.Arguments)-1] != e.File {
			t.Errorf("%s: got %+v", compiler, e)
		}
		e := entries[0]
		if e.Directory != "/obj" || e.File != "/src/virt/el2/a.c" || e.Output != "virt/el2/a.o" {
			t.Errorf("%s: got %+v", compiler, e)
		}
		want := []string{compiler, "-I/src/include", "-I./include"}
		if options == nil {
			want = append(want, "-fconserve-stack", "-mabi=lp64", "--param=x=1", "--param", "y=2", "-fplugin-arg-a-b", "-fstrict-flex-arrays=3")
		}
		want = slices.Concat(want, []string{`-DNAME="a b"`, "-c", "-o", "virt/el2/a.o"}, options, []string{"/src/virt/el2/a.c"})
		if !slices.Equal(e.Arguments, want) {
			t.Errorf("%s: got\n%q\nwant\n%q", compiler, e.Arguments, want)
		}
	}
}

func TestNothingToCompile(t *testing.T) {
	transcript, err := kbuild.ParseTranscript(strings.SplitAfterN(dryRun, "\n", 2)[0] + "ld -r -o virt/el2/a.o virt/el2/b.o\n")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Database(transcript, &tree.Tree{Source: "/src", Objects: "/obj"}); err == nil {
		t.Error("no error")
	}
}
