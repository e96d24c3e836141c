// SPDX-License-Identifier: Apache-2.0

package cli_test

import (
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/tests/elfdump"
	"github.com/rules-hyp/rules_hyp/tests/program"
)

// TestStackNote compares -z noexecstack with GNU ld: if no object has a
// .note.GNU-stack, the output gets an empty one, which the script may move or
// discard; those of objects are kept.
func TestStackNote(t *testing.T) {
	dir := inputs(t)
	const note = ".section .note.GNU-stack,\""
	for name, text := range map[string]string{
		"silent.s":     ".text\nf: nop\n",
		"harmless.s":   ".text\ng: nop\n" + note + "\",%progbits\n",
		"executable.s": ".text\nh: nop\n" + note + "x\",%progbits\n",
		"plain.lds":    "SECTIONS { .hyp.text : { *(.text) } }\n",
		"moved.lds":    "SECTIONS { .hyp.text : { *(.text) } .note : { *(.note.GNU-stack) } }\n",
		"dropped.lds":  "SECTIONS { .hyp.text : { *(.text) } /DISCARD/ : { *(.note.GNU-stack) } }\n",
	} {
		write(t, dir+"/"+name, []byte(text))
		if object, ok := strings.CutSuffix(name, ".s"); ok {
			compile(t, dir, "GCC", "-c", name, "-o", object+".o")
		}
	}
	made := 0
	for _, z := range []string{"", "-z noexecstack "} {
		for _, objects := range []string{"silent.o", "harmless.o", "executable.o", "silent.o harmless.o", "silent.o executable.o"} {
			for _, script := range []string{"", "-T plain.lds ", "-T moved.lds ", "-T dropped.lds "} {
				var dumps [2]*elfdump.Object
				for i, variable := range []string{"LD", "HYPLINK"} {
					args := strings.Fields("-r " + z + script + "-o out/hyp.o " + objects)
					if variable == "HYPLINK" {
						args = append([]string{"ld"}, args...)
					}
					program.Must(t, dir, program.File(t, variable), args...)
					var err error
					if dumps[i], err = elfdump.Read([]string{program.File(t, "READELF")}, dir+"/out/hyp.o"); err != nil {
						t.Fatal(err)
					}
				}
				diff, _ := elfdump.Diff(dumps[0], dumps[1], nil)
				for _, line := range diff {
					t.Errorf("%s%s%s: %s", z, script, objects, line)
				}
				for _, line := range dumps[1].Lines() {
					if z != "" && objects == "silent.o" && strings.HasPrefix(line, "section .note") {
						made++
					}
				}
			}
		}
	}
	if made != 3 {
		t.Errorf("%d objects got a note, want 3: without a script, as an orphan, and moved", made)
	}
}
