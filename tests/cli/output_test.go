// SPDX-License-Identifier: Apache-2.0

package cli_test

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/rules-hyp/rules_hyp/tests/elfbuild"
	"github.com/rules-hyp/rules_hyp/tests/program"
)

// limited is a variable that makes the test program run its arguments with a file
// size limit of 4 KiB.
const limited = "HYPLINK_TEST_LIMITED"

func TestMain(m *testing.M) {
	if os.Getenv(limited) == "" {
		os.Exit(m.Run())
	}
	limit := syscall.Rlimit{Cur: 4096, Max: 4096}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		panic(err)
	}
	panic(syscall.Exec(os.Args[1], os.Args[1:], nil))
}

// A write that fails midway, as on a full disk, leaves an existing output unchanged.
func TestWriteFails(t *testing.T) {
	dir := inputs(t)
	big := small()
	big.Sections[0].Data = make([]byte, 1<<20)
	write(t, dir+"/large.o", big.Bytes())
	for _, previous := range []string{"", "old contents"} {
		if previous != "" {
			write(t, dir+"/out/hyp.o", []byte(previous))
		}
		cmd := exec.Command(os.Args[0], program.File(t, "HYPLINK"), "link", "--script=good.lds", "-o", "out/hyp.o", "large.o")
		cmd.Dir = dir
		cmd.Env = []string{limited + "=1"}
		out, _ := cmd.CombinedOutput()
		want := "out/hyp.o: cannot be written: file too large; check that the directory exists, is writable and has room [E5105]\n"
		if code := cmd.ProcessState.ExitCode(); code != 1 || string(out) != want {
			t.Errorf("exit code %d, %q, want 1, %q", code, out, want)
		}
		checkUntouched(t, dir, previous)
	}
}

// The result replaces what was there, also where nobody may write to that
// file, and has the permissions of that.
func TestReplaces(t *testing.T) {
	dir := inputs(t)
	out := dir + "/out/hyp.o"
	write(t, out, []byte(strings.Repeat("longer than the object ", 1000)))
	if err := os.Chmod(out, 0o400); err != nil {
		t.Fatal(err)
	}
	r := hyplink(t, dir, "link", "--script=good.lds", "-o", "out/hyp.o", "good.o")
	if r.Code != 0 || r.Stdout+r.Stderr != "" {
		t.Fatalf("exit code %d, %s%s", r.Code, r.Stdout, r.Stderr)
	}
	st, err := os.Stat(out)
	if err != nil {
		t.Fatal(err)
	}
	if want := os.FileMode(0o400); st.Mode() != want {
		t.Errorf("permissions are %v, want %v", st.Mode(), want)
	}
	if got := listing(t, dir+"/out"); got != "hyp.o" {
		t.Errorf("the directory holds %s", got)
	}
}

// An input may be the output: it is read before it is replaced.
func TestInPlace(t *testing.T) {
	dir := inputs(t)
	if r := hyplink(t, dir, "prefix", "--symbol-prefix=p_", "-o", "out/hyp.o", "good.o"); r.Code != 0 {
		t.Fatal(r)
	}
	write(t, dir+"/same.o", small().Bytes())
	if r := hyplink(t, dir, "prefix", "--symbol-prefix=p_", "-o", "same.o", "same.o"); r.Code != 0 {
		t.Fatal(r)
	}
	want, err := os.ReadFile(dir + "/out/hyp.o")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(dir + "/same.o"); err != nil || string(got) != string(want) {
		t.Errorf("the object differs in place (%v)", err)
	}
}

// Objects may have more sections than fit into the ELF header's count.
func TestManySections(t *testing.T) {
	dir := inputs(t)
	f := &elfbuild.File{}
	for range 66000 {
		f.Sections = append(f.Sections, elfbuild.Section{Name: ".text", Data: []byte{0x1f, 0x20, 0x03, 0xd5}, Align: 4, Flags: 6})
	}
	f.Symbols = []elfbuild.Symbol{{Name: "last", Section: 66000, Bind: 1, Type: 2, Size: 4}}
	write(t, dir+"/many.o", f.Bytes())
	if r := hyplink(t, dir, "link", "--script=good.lds", "-o", "out/hyp.o", "many.o"); r.Code != 0 {
		t.Fatal(r)
	}
	if r := hyplink(t, dir, "prefix", "--symbol-prefix=p_", "-o", "out/prefixed.o", "many.o"); r.Code != 0 {
		t.Fatal(r)
	}
	st, err := os.Stat(dir + "/out/prefixed.o")
	if err != nil || st.Size() < 66000*64 {
		t.Errorf("%v, %v", st, err)
	}
}
