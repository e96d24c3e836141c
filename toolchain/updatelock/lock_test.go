// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/debian"
)

// record is what apt-cache show prints for one version.
func record(name, version, path, sha256 string, size int) string {
	return fmt.Sprintf("Package: %s\nVersion: %s\nDescription: a package\n of several: lines\nFilename: %s\nSize: %d\nSHA256: %s\n",
		name, version, path, size, sha256)
}

// metadataOf is a fake of suites.show.
func metadataOf(records map[string]string) func(string, string, string) (string, error) {
	return func(suite, arch, spec string) (string, error) {
		if arch != "" && arch != debian.ToolArch {
			spec += ":" + arch
		}
		if suite != "" {
			spec = suite + "/" + spec
		}
		text, ok := records[spec]
		if !ok {
			return "", fmt.Errorf("no package %s", spec)
		}
		return text, nil
	}
}

func lockFile(t *testing.T, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "x.lock.json")
	if content != "" {
		if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return file
}

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

const golden = `{
  "packages": [
    {
      "name": "a",
      "version": "2",
      "path": "pool/main/a/a_2_amd64.deb",
      "sha256": "aa",
      "size": 10
    },
    {
      "name": "b++",
      "version": "1:1~x",
      "path": "pool/main/b/b++_1~x_amd64.deb",
      "sha256": "bb",
      "size": 20
    }
  ]
}
`

var metadata = map[string]string{
	"a":           record("a", "2", "pool/main/a/a_2_amd64.deb", "aa", 10),
	"b++=1:1~x":   record("b++", "1:1~x", "pool/main/b/b++_1~x_amd64.deb", "bb", 20),
	"b++":         record("b++", "1:1~x", "pool/main/b/b++_1~x_amd64.deb", "bb", 20),
	"forky/a":     record("a", "4", "pool/main/a/a_4_amd64.deb", "dd", 40),
	"all":         record("all", "5", "pool/main/a/all_5_all.deb", "ee", 50),
	"arm:arm64":   record("arm", "6", "pool/main/a/arm_6_arm64.deb", "ff", 60),
	"arm=6:arm64": record("arm", "6", "pool/main/a/arm_6_arm64.deb", "ff", 60),
	"unavailable": "Package: unavailable\nVersion: 3\nStatus: install ok installed\n",
}

func TestLockIsSortedAndStable(t *testing.T) {
	file := lockFile(t, "")
	changed, err := update(file, "", []string{"b++=1:1~x", "a"}, nil, true, metadataOf(metadata))
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"b++  -> 1:1~x", "a  -> 2"}; !slices.Equal(changed, want) {
		t.Errorf("got %q, want %q", changed, want)
	}
	if got := read(t, file); got != golden {
		t.Errorf("got %s, want %s", got, golden)
	}
	changed, err = update(file, "", nil, nil, true, metadataOf(metadata))
	if err != nil || len(changed) != 0 || read(t, file) != golden {
		t.Errorf("a second run changed the lock: %q, %v", changed, err)
	}
}

func TestCheckWritesNothing(t *testing.T) {
	old := strings.Replace(golden, `"version": "2"`, `"version": "1"`, 1)
	file := lockFile(t, old)
	changed, err := update(file, "", nil, nil, false, metadataOf(metadata))
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"a 1 -> 2"}; !slices.Equal(changed, want) || read(t, file) != old {
		t.Errorf("got %q and %s, want %q and no change", changed, read(t, file), want)
	}
}

func TestRemove(t *testing.T) {
	file := lockFile(t, golden)
	changed, err := update(file, "", nil, []string{"a"}, true, metadataOf(metadata))
	if err != nil {
		t.Fatal(err)
	}
	if got := read(t, file); !slices.Equal(changed, []string{"a removed"}) || strings.Contains(got, `"a"`) || !strings.Contains(got, `"b++"`) {
		t.Errorf("got %q and %s", changed, got)
	}
}

// A lock that names a suite is updated from that suite.
func TestSuite(t *testing.T) {
	file := lockFile(t, "")
	if changed, err := update(file, "forky", []string{"a"}, nil, true, metadataOf(metadata)); err != nil || !slices.Equal(changed, []string{"a  -> 4"}) {
		t.Errorf("got %q, %v", changed, err)
	}
	if got := read(t, file); !strings.HasPrefix(got, "{\n  \"suite\": \"forky\",\n") {
		t.Errorf("got %s, want the suite in the lock", got)
	}
	if changed, err := update(file, "", nil, nil, true, metadataOf(metadata)); err != nil || len(changed) != 0 {
		t.Errorf("a second run: got %q, %v", changed, err)
	}
	if _, err := update(file, "trixie", nil, nil, true, metadataOf(metadata)); err == nil || !strings.Contains(err.Error(), `is of the suite "forky"`) {
		t.Errorf("another suite: got %v", err)
	}
}

// A package of another architecture is looked up for that one, also when the lock is updated.
func TestArchitecture(t *testing.T) {
	file := lockFile(t, "")
	for _, add := range [][]string{{"arm:arm64=6", "all"}, {"arm:arm64"}, nil} {
		if _, err := update(file, "", add, nil, true, metadataOf(metadata)); err != nil {
			t.Errorf("--add %q: %v", add, err)
		}
	}
	if got := read(t, file); !strings.Contains(got, "arm_6_arm64.deb") || !strings.Contains(got, "all_5_all.deb") {
		t.Errorf("got %s, want both packages", got)
	}
	if _, err := update(file, "", []string{"arm"}, nil, true, metadataOf(metadata)); err == nil {
		t.Error("a package of arm64 only: got no error without the architecture")
	}
}

func TestErrorsLeaveTheLock(t *testing.T) {
	for _, test := range []struct {
		name        string
		content     string
		add, remove []string
		want        string
	}{
		{"unknown to apt", golden, []string{"c"}, nil, "package c: no package c"},
		{"installed, in no archive", golden, []string{"unavailable"}, nil, "version 3 lacks Filename"},
		{"not in the lock", golden, nil, []string{"c"}, "package c: not in the lock"},
		{"not a lock", "[1, 2]", nil, nil, "not a lock"},
	} {
		t.Run(test.name, func(t *testing.T) {
			file := lockFile(t, test.content)
			_, err := update(file, "", test.add, test.remove, true, metadataOf(metadata))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error that holds %q", err, test.want)
			}
			if read(t, file) != test.content {
				t.Errorf("the lock was changed")
			}
		})
	}
}

// A security update leaves the archive with the next point release, so the previous version is used.
func TestSecurityUpdatesAreSkipped(t *testing.T) {
	update := record("a", "3", "pool/updates/main/a/a_3_amd64.deb", "cc", 30)
	p, err := choose(update + "\n" + metadata["a"])
	if err != nil || p.Version != "2" {
		t.Errorf("got %+v, %v, want version 2", p, err)
	}
	if _, err := choose(update); err == nil || !strings.Contains(err.Error(), "security updates only (3)") {
		t.Errorf("got %v, want that there are security updates only", err)
	}
	if _, err := choose("\n"); err == nil || !strings.Contains(err.Error(), "no record") {
		t.Errorf("got %v, want that there is no record", err)
	}
}

func TestCommandLine(t *testing.T) {
	for _, args := range [][]string{nil, {"--add", "a"}, {"--add", "a", "x.json", "y.json"}, {"--nonsense"}} {
		if got := run(args); got != 2 {
			t.Errorf("%q: got exit code %d, want 2", args, got)
		}
	}
	if got := run([]string{"--check", "--default", lockFile(t, `{"packages": 1}`)}); got != 1 {
		t.Errorf("a file that is no lock: got exit code %d, want 1", got)
	}
	if got := run([]string{"--check", "--default", "nowhere", lockFile(t, `{"packages": []}`)}); got != 0 {
		t.Errorf("an empty lock: got exit code %d, want 0", got)
	}
}
