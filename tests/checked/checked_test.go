// SPDX-License-Identifier: Apache-2.0

package checked

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// runfile returns the paths of the runfiles that a variable names.
func runfile(t *testing.T, name string) []string {
	t.Helper()
	paths := strings.Fields(os.Getenv(name))
	if len(paths) == 0 {
		t.Fatalf("%s is not set; run this by `bazel test`", name)
	}
	for i, path := range paths {
		paths[i] = filepath.Join(os.Getenv("TEST_SRCDIR"), path)
	}
	return paths
}

// object returns the path of one of the objects.
func object(t *testing.T, name string) string {
	t.Helper()
	for _, path := range runfile(t, "OBJECTS") {
		if filepath.Base(path) == name {
			return path
		}
	}
	t.Fatalf("no %s in OBJECTS", name)
	return ""
}

// Objects as the compiler writes them are checked by the commands of hyp_library: messages have object, symbol, function and line.
func TestUndefined(t *testing.T) {
	even, odd, list := object(t, "even.hyp.o"), object(t, "odd.hyp.o"), runfile(t, "LIST")[0]
	for _, test := range []struct {
		name    string
		args    []string
		objects []string // those with a finding
		want    []string // what is in the message
	}{
		{"both", []string{"--allowed-undefined=" + list, even, odd}, nil, nil},
		{"one, and what the other defines", []string{"--allowed-undefined=" + list, "--defined-by=" + odd, even}, nil, nil},
		{
			"half",
			[]string{"--allowed-undefined=" + list, even},
			[]string{even},
			[]string{`symbol "is_odd" is undefined: no object defines it`, `(from even.c, used by "is_even", at .text+`, "line tests/checked/even.c:10)", "add the hyp_library that does to deps"},
		},
		{
			"without the list",
			[]string{"--defined-by=" + even, odd},
			[]string{odd},
			[]string{`symbol "host_report" is undefined: no object defines it, and there is no list`, `used by "is_odd"`, "line tests/checked/odd.c:10)", "host_report to a file of allowed_undefined"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			out, err := exec.Command(runfile(t, "HYPLINK")[0], append([]string{"check", "--unlinked"}, test.args...)...).CombinedOutput()
			text := string(out)
			if (err != nil) != (len(test.objects) > 0) || strings.Count(text, "\n") != len(test.objects) {
				t.Fatalf("got %v and\n%swant %d findings", err, text, len(test.objects))
			}
			for _, want := range append(test.want, test.objects...) {
				if !strings.Contains(text, want) {
					t.Errorf("got\n%swant in it\n%s", text, want)
				}
			}
		})
	}
}
