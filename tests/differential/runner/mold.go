// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"debug/elf"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/rules-hyp/rules_hyp/tests/differential/linkcase"
)

// moldLines matches what mold's objects always have and lack: a terminator of unwind information, and the property note.
var moldLines = regexp.MustCompile(`^loaded mold partial (- section \.eh_frame at \S* size=0x4 bytes=zero|\+ section \.note\.gnu\.property .*|[-+] )$`)

// compareMold links a plain case without a script with mold, which has no language for output sections, and compares what is loaded of the results.
func (t *Tools) compareMold(c *linkcase.Case, r *Result, dir string, objects []string) error {
	if err := run(dir, t.Mold, append([]string{"-r", "-m", "aarch64linux", "-o", "mold-partial.o"}, objects...)...); err != nil {
		return fmt.Errorf("mold: %w", err)
	}
	// If no symbol has a name, mold writes relocations, but no symbol table for them.
	f, err := elf.Open(filepath.Join(dir, "mold-partial.o"))
	if err != nil {
		return err
	}
	defer f.Close()
	if f.SectionByType(elf.SHT_SYMTAB) == nil {
		return nil
	}
	if err := t.compareLoaded(r, dir, "mold", "partial"); err != nil {
		return err
	}
	r.Diffs = slices.DeleteFunc(r.Diffs, moldLines.MatchString)
	r.Mold = len(r.Diffs) == 0
	return nil
}
