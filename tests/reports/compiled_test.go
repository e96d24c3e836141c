// SPDX-License-Identifier: Apache-2.0

package reports_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/tests/program"
)

// Sections of the hypervisor's linker script in Linux 6.1, which has none for
// initialised variables, and in 7.2, which has.
const (
	script61 = `SECTIONS {
	.hyp.text : { __hyp_section_.hyp.text = .; *(.text .text.*) }
	.hyp.rodata : { __hyp_section_.hyp.rodata = .; *(.rodata .rodata.*) }
	.hyp.bss : { __hyp_section_.hyp.bss = .; *(.bss .bss.*) }
}
`
	script72 = `SECTIONS {
	.hyp.text : { __hyp_section_.hyp.text = .; *(.text .text.*) }
	.hyp.rodata : { __hyp_section_.hyp.rodata = .; *(.rodata .rodata.*) }
	.hyp.bss : { __hyp_section_.hyp.bss = .; *(.bss .bss.*) }
	.hyp.data : { __hyp_section_.hyp.data = .; *(.data .data.*) }
}
`
)

const mainSource = `
extern int level(int);
extern void *volatile current;
static const char *const names[] = { "one", "two" };
void *volatile current;
const char *trap(int n)
{
	current = (void *)names;
	return names[level(n) & 1];
}
`

const levelSource = `
static int limit = 3;
int level(int n)
{
	if (n > limit)
		limit = n;
	return limit;
}
`

// build compiles sources and links them to out/hyp.o, with a map.
func build(t *testing.T, dir, out, script string, sources map[string]string, copts ...string) {
	t.Helper()
	write(t, dir, "hyp.lds", script)
	if err := os.MkdirAll(filepath.Join(dir, out), 0o777); err != nil {
		t.Fatal(err)
	}
	link := []string{"object", "--script=hyp.lds", "--hyp-relocations", "--symbol-prefix=__p_", "--map=" + out + "/map.json", "-o", out + "/hyp.o"}
	for _, name := range []string{"main", "level"} {
		write(t, dir, name+".c", sources[name])
		args := append([]string{"-O2", "-ffreestanding", "-fno-pic", "-fno-asynchronous-unwind-tables", "-fno-unwind-tables", "-c", "-o", out + "/" + name + ".hyp.o", name + ".c"}, copts...)
		program.Must(t, dir, program.File(t, "GCC"), args...)
		link = append(link, out+"/"+name+".hyp.o")
	}
	program.Must(t, dir, program.File(t, "HYPLINK"), link...)
}

func sources(edits ...string) map[string]string {
	r := strings.NewReplacer(edits...)
	return map[string]string{"main": r.Replace(mainSource), "level": r.Replace(levelSource)}
}

// An initialised variable fails the check if the script has no section for it, and
// passes if it has one.
func TestOrphanVariable(t *testing.T) {
	dir := t.TempDir()
	check := []string{"check", "--symbol-prefix=__p_", "--script=hyp.lds", "--map=out/map.json", "--hyp-relocations=required", "--stamp=stamp", "out/hyp.o"}
	build(t, dir, "out", script61, sources())
	r := hyplink(t, dir, check...)
	expect(t, "6.1", r, 1, `out/hyp.o: .data+0x0: HYP003 orphan-section: initialised variable "__p_limit" (4 bytes) is in .data`,
		"(from out/level.hyp.o, used by \"__p_level\", at .hyp.text+")
	if strings.Count(r.Stderr, "\n") != 1 {
		t.Errorf("more than one finding:\n%s", r.Stderr)
	}
	if _, err := os.Stat(filepath.Join(dir, "stamp")); err == nil {
		t.Error("a stamp was written for an object that does not pass")
	}
	build(t, dir, "out", script72, sources())
	expect(t, "7.2", hyplink(t, dir, check...), 0)
	build(t, dir, "out", script61, sources("limit = 3", "limit"))
	expect(t, "without a value", hyplink(t, dir, check...), 0)
}

// Wrong compiler options are found.
func TestWrongOptions(t *testing.T) {
	check := []string{"check", "--symbol-prefix=__p_", "--script=hyp.lds", "--map=out/map.json", "out/hyp.o"}
	for _, c := range []struct {
		copt, want string
	}{
		{"-fasynchronous-unwind-tables", "compile with -fno-asynchronous-unwind-tables"},
		{"-fpatchable-function-entry=2", "compile without -fpatchable-function-entry"},
		{"-fstack-protector-all", `HYP002 undefined-symbol: symbol "__p___stack_chk_guard"`},
		{"-fcommon", ""},
		{"-finstrument-functions", `HYP002 undefined-symbol: symbol "__p___cyg_profile_func_enter"`},
	} {
		dir := t.TempDir()
		build(t, dir, "out", script61, sources("static int limit = 3", "int limit"), c.copt)
		switch r := hyplink(t, dir, check...); {
		case c.copt == "-fcommon":
			expect(t, c.copt, r, 1, "HYP003 orphan-section: common variable \"__p_limit\" (4 bytes)", "-fno-common")
		default:
			expect(t, c.copt, r, 1, c.want)
		}
	}
}

// A change in a source is reported as a change of one function or variable.
func TestChangedSource(t *testing.T) {
	dir := t.TempDir()
	build(t, dir, "a", script72, sources())
	build(t, dir, "same", script72, sources())
	compare := func(what string, args ...string) program.Result {
		return hyplink(t, dir, append([]string{"compare", "--map-a=a/map.json", "--map-b=" + what + "/map.json", "a/hyp.o", what + "/hyp.o"}, args...)...)
	}
	expect(t, "same", compare("same"), 0, "a/hyp.o and same/hyp.o are identical")

	build(t, dir, "constant", script72, sources("& 1", "& 2"))
	r := compare("constant")
	expect(t, "constant", r, 1, "function __p_trap of main.hyp.o: ")
	if strings.Contains(r.Stdout, "__p_level of level.hyp.o") {
		t.Errorf("another function differs:\n%s", r.Stdout)
	}

	build(t, dir, "value", script72, sources("limit = 3", "limit = 4"))
	expect(t, "value", compare("value"), 1, "variable __p_limit of level.hyp.o: 1 data item differs\n  -   +0x0  03 00 00 00\n  +   +0x0  04 00 00 00\n")

	build(t, dir, "string", script72, sources(`"two"`, `"three"`))
	r = compare("string")
	expect(t, "string", r, 1, `-   +0x8  "two"`, `+   +0x8  "three"`)
	if strings.Contains(r.Stdout, "function ") {
		t.Errorf("a function differs:\n%s", r.Stdout)
	}
}
