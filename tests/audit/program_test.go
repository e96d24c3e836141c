// SPDX-License-Identifier: Apache-2.0

package audit_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// run runs hypaudit and returns its exit code and what it wrote.
func run(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	program, err := filepath.Abs(os.Getenv("HYPAUDIT"))
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(program, args...)
	var out, messages bytes.Buffer
	c.Stdout, c.Stderr = &out, &messages
	err = c.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return c.ProcessState.ExitCode(), out.String(), messages.String()
}

func TestImage(t *testing.T) {
	object, kernel := os.Getenv("HYP_OBJECT"), os.Getenv("KERNEL_IMAGE")
	code, out, messages := run(t, "image", object, kernel)
	if code != 0 || !strings.HasPrefix(out, "PROVEN: ") || messages != "" {
		t.Errorf("exit code %d, %q, %q; want 0 and a proof", code, out, messages)
	}
	code, out, _ = run(t, "image", "--json", object, kernel)
	var r struct {
		Schema          int
		Proven          bool
		Banner          string
		Functions       int
		FunctionsProven int `json:"functions_proven"`
		Differences     []any
		Sections        []any
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	if code != 0 || !r.Proven || r.Functions < 236 || r.FunctionsProven != r.Functions || r.Differences == nil || len(r.Sections) < 11 {
		t.Errorf("exit code %d, %+v; want 236 functions and 11 sections or more, all of them proven", code, r)
	}
	if want := "Linux version " + os.Getenv("KERNEL_VERSION") + "."; !strings.HasPrefix(r.Banner, want) {
		t.Errorf("banner %q, want %s…", r.Banner, want)
	}
}

func TestFailures(t *testing.T) {
	object, kernel := os.Getenv("HYP_OBJECT"), os.Getenv("KERNEL_IMAGE")
	short := filepath.Join(t.TempDir(), "short.deb")
	data, err := os.ReadFile(kernel)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(short, data[:len(data)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"image", object}, 2, "1 files, want an object and a kernel"},
		{[]string{"image", "--color", object, kernel}, 2, "flag provided but not defined"},
		{[]string{"images"}, 2, `no command "images"`},
		{[]string{"image", object, object}, 3, "not a linked kernel"},
		{[]string{"image", kernel, kernel}, 3, ""},
		{[]string{"image", object, short}, 3, "check that the file is complete"},
		{[]string{"image", object, "missing"}, 3, "missing: "},
		{[]string{"image", "--system-map=" + object, object, kernel}, 3, "give the System.map of the kernel"},
	} {
		code, out, messages := run(t, test.args...)
		if code != test.code || out != "" || !strings.Contains(messages, test.want) || strings.Contains(messages, "goroutine") {
			t.Errorf("%q: exit code %d, %q, %q; want %d and %q", test.args, code, out, messages, test.code, test.want)
		}
	}
}
