// SPDX-License-Identifier: Apache-2.0

package cli_test

import (
	"os"
	"strings"
	"testing"
)

// The stages in one process give the same output as one by one, with files in
// between, unless a global symbol becomes local: then the section symbol of .hyp.reloc
// comes before or after it.
func TestStagesInOneProcess(t *testing.T) {
	for _, options := range []string{
		"--symbol-prefix=p_",
		"--symbol-prefix=p_ --prefix-class=defined,file --keep-mapping-symbols",
		"--symbol-prefix=p_ --redefine-sym=ent*=start* --redefine-after-prefix=p_outside=outside",
		"--symbol-prefix=p_ --strip-debug --remove-section=.comment --remove-section=.note.*",
		"--strip-unneeded --globalize-symbol=none --section-prefix=.p",
		"--alloc-section-prefix=.init --rename-section=.hyp.data=.d --weaken-symbol=bump",
		"--remove-section=.rela.hyp.text --remove-section=.bss",
	} {
		dir := inputs(t)
		steps := []string{
			"object --script=good.lds --hyp-relocations " + options + " -o one.o good.o real.o",
			"link --script=good.lds -o partial.o good.o real.o",
			"hyprel -o relocated.o partial.o",
			"prefix " + options + " -o out/hyp.o relocated.o",
		}
		for _, args := range steps {
			if r := hyplink(t, dir, strings.Fields(args)...); r.Code != 0 || r.Stderr != "" {
				t.Fatalf("hyplink %s: exit code %d, %s", args, r.Code, r.Stderr)
			}
		}
		one, err := os.ReadFile(dir + "/one.o")
		if err != nil {
			t.Fatal(err)
		}
		staged, err := os.ReadFile(dir + "/out/hyp.o")
		if err != nil {
			t.Fatal(err)
		}
		if string(one) != string(staged) {
			t.Errorf("%s: the stages one by one give another output", options)
		}
	}
}
