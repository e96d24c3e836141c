// SPDX-License-Identifier: Apache-2.0

package release

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// share returns the directory of an archive's manual. All archives have the same.
func share(t *testing.T) string {
	t.Helper()
	names := strings.Fields(os.Getenv("ARCHIVES"))
	if len(names) == 0 {
		t.Fatal("ARCHIVES is not set; run this by `bazel test`")
	}
	dir := t.TempDir()
	unpackInto(t, filepath.Join(os.Getenv("TEST_SRCDIR"), names[0]), dir)
	return filepath.Join(dir, "share")
}

// Each command has a page, with what it is for and its options.
func TestPages(t *testing.T) {
	dir := share(t)
	for page, want := range map[string][]string{
		"hyplink.1":        {"hyplink\\-link(1)", "COMMANDS"},
		"hyplink-object.1": {`hyplink\-object \- link, add relocations and prefix in one go`, `\-\-hyp\-relocations`},
		"hyplink-ld.1":     {`\-r, \-\-relocatable`, ".SH EXAMPLES\n.PP\n.nf\nhyplink ld \\-r "},
		"hypgen.1":         {`\-\-library\-only`, "hypgen\\-init(1)", "\nhypgen \\-check "},
		"hypgen-init.1":    {`\-\-fragment file`},
		"hypaudit.1":       {"Exit codes: 0 proven"},
		"hypaudit-image.1": {"prove that a kernel's hypervisor is the one of an object"},
	} {
		text, err := os.ReadFile(filepath.Join(dir, "man1", page))
		if err != nil {
			t.Error(err)
			continue
		}
		for _, w := range want {
			if !strings.Contains(string(text), w) {
				t.Errorf("%s lacks %q", page, w)
			}
		}
	}
}

// bash completes commands and options.
func TestCompletion(t *testing.T) {
	dir := share(t)
	for _, c := range []struct{ program, words, want string }{
		{"hyplink", "ob", "object objcopy"},
		{"hyplink", "object --hyp-r", "--hyp-relocations"},
		{"hyplink", "ld --reloc", "--relocatable"},
		{"hypgen", "in", "init"},
		{"hypgen", "init --frag", "--fragment"},
		{"hypaudit", "verify --pol", "--policy"},
		{"hypaudit", "nothing --pol", ""},
	} {
		script := `. "$1/bash-completion/$2"; COMP_WORDS=($2 $3); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _$2; echo "${COMPREPLY[*]}"`
		out, err := exec.Command("bash", "--norc", "-c", script, "bash", dir, c.program, c.words).CombinedOutput()
		if got := strings.TrimSpace(string(out)); err != nil || got != c.want {
			t.Errorf("%s %s: completed to %q, want %q (%v)", c.program, c.words, got, c.want, err)
		}
	}
}
