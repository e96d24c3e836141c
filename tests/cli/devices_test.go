// SPDX-License-Identifier: Apache-2.0

package cli_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/tests/program"
)

// Every command that writes a file writes to a device instead of replacing it,
// also when something else goes wrong.
func TestDeviceAsOutput(t *testing.T) {
	dir := inputs(t)
	before, err := os.Lstat("/dev/null")
	if err != nil {
		t.Fatal(err)
	}
	for args, code := range map[string]int{
		"link --script=good.lds -o /dev/null good.o":                     0,
		"link --script=good.lds --map=/dev/null -o out/hyp.o good.o":     0,
		"link --script=good.lds --map=/dev/null -o nowhere/hyp.o good.o": 1,
		"prefix --symbol-prefix=p_ -o /dev/null good.o":                  0,
		"ld -r -o /dev/null good.o":                                      0,
		"objcopy good.o /dev/null":                                       0,
	} {
		if r := hyplink(t, dir, strings.Fields(args)...); r.Code != code {
			t.Errorf("hyplink %s: exit code %d, want %d: %s", args, r.Code, code, r.Stderr)
		}
		if after, err := os.Lstat("/dev/null"); err != nil || !os.SameFile(before, after) || after.Mode() != before.Mode() {
			t.Fatalf("hyplink %s: /dev/null is %v now", args, after)
		}
	}
}

// A map that would replace the object, by whatever path, is a mistake.
func TestMapAsOutput(t *testing.T) {
	dir := inputs(t)
	for _, name := range []string{"out/hyp.o", "out/../out/hyp.o", filepath.Join(dir, "out/hyp.o")} {
		r := hyplink(t, dir, "link", "--script=good.lds", "-o", "out/hyp.o", "--map="+name, "good.o")
		if want := "hyplink link: -o and --map are both out/hyp.o; give the map a file of its own [E5008]\n"; r.Code != 2 || !strings.HasPrefix(r.Stderr, want) {
			t.Errorf("exit code %d, %q, want 2, %q", r.Code, r.Stderr, want)
		}
		checkUntouched(t, dir, "")
	}
}

// A link that cannot write its object leaves the map of another one alone.
func TestMapOfFailedLink(t *testing.T) {
	dir := inputs(t)
	write(t, dir+"/out/map.json", []byte("a map"))
	if r := hyplink(t, dir, "link", "--script=good.lds", "-o", "nowhere/hyp.o", "--map=out/map.json", "good.o"); r.Code != 1 {
		t.Errorf("exit code %d: %s", r.Code, r.Stderr)
	}
	if b, err := os.ReadFile(dir + "/out/map.json"); err != nil || string(b) != "a map" {
		t.Errorf("the map is %q", b)
	}
	if got := listing(t, dir+"/out"); got != "map.json" {
		t.Errorf("the directory has %s", got)
	}
}

// Where standard output is full, nothing that is printed there succeeds.
func TestFullStandardOutput(t *testing.T) {
	dir := inputs(t)
	for _, args := range []string{"help", "--help", "link --help", "ld -v", "ld --help", "objcopy --version", "check --rules", "layout good.o", "layout --json good.o", "size good.o", "size --markdown good.o"} {
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		var stderr strings.Builder
		cmd := exec.Command(program.File(t, "HYPLINK"), strings.Fields(args)...)
		cmd.Dir, cmd.Stdout, cmd.Stderr = dir, full, &stderr
		err = cmd.Run()
		full.Close()
		if cmd.ProcessState.ExitCode() != 1 || !strings.Contains(stderr.String(), "no space left on device") {
			t.Errorf("hyplink %s: %v, stderr %q", args, err, stderr.String())
		}
	}
}
