// SPDX-License-Identifier: Apache-2.0

package release

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
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

// The shells complete commands and options.
func TestCompletion(t *testing.T) {
	dir := share(t)
	file := func(variable string) string { return filepath.Join(os.Getenv("TEST_SRCDIR"), os.Getenv(variable)) }
	for shell, command := range map[string]func(program, line string) []string{
		"bash": func(program, line string) []string {
			script := `. "$1/bash-completion/$2"; COMP_WORDS=($3); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _$2; printf "%s\n" "${COMPREPLY[@]}"`
			return []string{"bash", "--norc", "-c", script, "bash", dir, program, line}
		},
		"zsh": func(_, line string) []string {
			root := strings.TrimSuffix(file("SHELLS"), "/bin/zsh")
			return []string{file("ZSH"), "-f", file("COMPLETE"), file("ZSH"), root, filepath.Join(dir, "zsh/site-functions"), line}
		},
		"fish": func(program, line string) []string {
			functions := strings.TrimSuffix(file("SHELLS"), "bin/zsh") + "usr/share/fish/functions"
			script := `set fish_function_path $argv[1]; source $argv[2]; complete -C $argv[3] | string replace -r "\t.*" ""; true`
			return []string{file("FISH"), "--no-config", "-c", script, functions, filepath.Join(dir, "fish/vendor_completions.d", program+".fish"), line}
		},
	} {
		for _, c := range []struct{ program, words, want string }{
			{"hyplink", "ob", "objcopy object"},
			{"hyplink", "object --hyp-r", "--hyp-relocations"},
			{"hyplink", "ld --reloc", "--relocatable"},
			{"hyplink", "--vers", "--version"},
			{"hypgen", "in", "init"},
			{"hypgen", "init --frag", "--fragment"},
			{"hypaudit", "verify --pol", "--policy"},
			{"hypaudit", "nothing --pol", ""},
		} {
			args := command(c.program, c.program+" "+c.words)
			cmd := exec.Command(args[0], args[1:]...)
			cmd.Dir = t.TempDir() // no names of files
			cmd.Env = append(os.Environ(), "HOME="+cmd.Dir)
			out, err := cmd.CombinedOutput()
			got := strings.Fields(string(out))
			slices.Sort(got)
			if err != nil || strings.Join(got, " ") != c.want {
				t.Errorf("%s: %s %s: completed to %q, want %q (%v)", shell, c.program, c.words, got, c.want, err)
			}
		}
	}
}
