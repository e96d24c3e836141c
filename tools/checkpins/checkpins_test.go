// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/debian"
)

// machine makes a tree of files, and configures this machine for a mirror, an archive of old versions and a module proxy, which are three directories of one
// server. It returns the tree.
func machine(t *testing.T, files, served map[string]string) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, ok := served[r.URL.EscapedPath()]
		if !ok {
			http.NotFound(w, r)
			return
		}
		fmt.Fprint(w, text)
	}))
	t.Cleanup(server.Close)
	t.Setenv(debian.MirrorVariable, server.URL+"/mirror")
	t.Setenv(debian.SnapshotVariable, server.URL+"/old")
	t.Setenv("GOPROXY", "off,"+server.URL+"/go,direct")
	root := t.TempDir()
	t.Setenv("BUILD_WORKSPACE_DIRECTORY", root)
	for name, text := range files {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// expect runs the program, and compares its exit code and its output.
func expect(t *testing.T, code int, want string, args ...string) {
	t.Helper()
	var out bytes.Buffer
	if got := run(t.TempDir(), args, &out, &out); got != code {
		t.Errorf("%q: got exit code %d, want %d", args, got, code)
	}
	if got := out.String(); got != want {
		t.Errorf("%q: got\n%swant\n%s", args, got, want)
	}
}

func lock(names ...string) string {
	var entries []string
	for _, name := range names {
		entries = append(entries, fmt.Sprintf(`{"name": %q, "version": "1", "path": "pool/main/%s_1_all.deb", "sha256": "x", "size": 3}`, name, name))
	}
	return `{"packages": [` + strings.Join(entries, ", ") + `]}`
}

// A mirror moves on: of four packages, one stays, one is a security update only, one is only kept as an old version, and one was removed.
func TestMirrorMovesOn(t *testing.T) {
	served := map[string]string{
		"/mirror/pool/main/a_1_all.deb":         "deb",
		"/mirror/pool/updates/main/b_1_all.deb": "deb",
		"/old/mr/binary/c/1/binfiles": `{"fileinfo": {"0": [{"archive_name": "debian", "first_seen": "20250102T030405Z", "name": "c_1_all.deb",
			"path": "/pool/main"}]}}`,
		"/old/archive/debian/20250102T030405Z/pool/main/c_1_all.deb": "deb",
		"/mirror/pool/main/d_2_all.deb":                              "deb",
	}
	machine(t, map[string]string{"x/packages.lock.json": lock("a", "b", "c", "d"), ".hidden/y.lock.json": lock("d")}, served)
	const summary = "x/packages.lock.json: 1 as pinned, 1 on a mirror at another path, 1 in the archive of old versions only, 1 cannot be had\n"
	const gone = "x/packages.lock.json: d 1: gone (pool/main/d_1_all.deb); set RULES_HYP_DEBIAN_SNAPSHOT to an archive of old versions or " +
		"RULES_HYP_DEBIAN_MIRROR to a mirror that has it, or pin a newer one\n"
	expect(t, 1, summary+gone)
	expect(t, 1, summary+gone+
		"x/packages.lock.json: b 1: on a mirror at another path\nx/packages.lock.json: c 1: in the archive of old versions only\n", "-v")
	served["/mirror/pool/main/d_1_all.deb"] = "deb"
	expect(t, 0, "x/packages.lock.json: 2 as pinned, 1 on a mirror at another path, 1 in the archive of old versions only\n")
}

// bazelw's packages are looked for in the suite's index, and if it moved on, in that of the lock's day.
func TestSuiteMovesOn(t *testing.T) {
	const index = "/mirror/dists/forky/main/binary-amd64/Packages"
	record := func(name, version, sum string) string {
		return fmt.Sprintf("Package: %s\nVersion: %s\nSHA256: %s\n\n", name, version, sum)
	}
	files := map[string]string{
		"tools/bazelw/amd64/packages.lock": "# comment\nbazel 7-1 b1\n",
		"tools/bazelw/amd64/runtime.lock":  "# From the suite's index of 2026-10-30.\nlibc 2-1 c1\nlibold 1 o1\nlibx 1 x1\n",
	}
	served := map[string]string{index: record("bazel", "7-1", "b1") + record("libc", "2-2", "c2") + record("libx", "1", "x1")}
	machine(t, files, served)
	expect(t, 0, "tools/bazelw/amd64/packages.lock: 1 as pinned\n"+
		"tools/bazelw/amd64/runtime.lock: 1 as pinned, 1 newer in the suite, 1 no longer in the suite\n")

	served[index] = record("bazel", "8-1", "b8") + record("libc", "2-0", "c0") + record("libx", "1", "x2")
	var out bytes.Buffer
	if got := run(t.TempDir(), nil, &out, &out); got != 1 {
		t.Errorf("got exit code %d, want 1", got)
	}
	for _, want := range []string{
		"bazel 7-1: gone, forky has 8-1; set " + debian.SnapshotVariable,
		"libc 2-1: gone, forky has 2-0;",
		"libx 1: forky has it with another SHA-256; do not use that mirror",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("got %s, want %q in it", &out, want)
		}
	}

	served["/old/archive/debian/20261031T000000Z/dists/forky/main/binary-amd64/Packages"] = record("bazel", "7-1", "b1") + record("libc", "2-1", "c1")
	expect(t, 0, "tools/bazelw/amd64/packages.lock: 1 in the archive of old versions only\n", "tools/bazelw/amd64/packages.lock")
	delete(served, index)
	expect(t, 0, "tools/bazelw/amd64/packages.lock: 1 in the archive of old versions only\n", "tools/bazelw/amd64/packages.lock")
	clear(served)
	expect(t, 1, "checkpins: tools/bazelw/amd64/packages.lock: no mirror has the suite forky; set RULES_HYP_DEBIAN_MIRROR to one that has it\n",
		"tools/bazelw/amd64/packages.lock")
}

// A mirror with a password, in the settings of apt: it is asked with it, and no message has it.
func TestPassword(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if name, password, _ := r.BasicAuth(); name != "someone" || password != "secret" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	defer server.Close()
	machine(t, map[string]string{"x.lock.json": lock("a")}, nil)
	t.Setenv(debian.MirrorVariable, "")
	t.Setenv(debian.SnapshotVariable, "")
	apt := t.TempDir()
	for _, test := range []struct {
		auth string
		code int
		want string
	}{
		{"machine " + server.URL + "/debian login someone password secret\n", 0, "x.lock.json: 1 as pinned\n"},
		{"machine " + server.URL + "/ubuntu login someone password secret\n", 1, "401 Unauthorized; correct the entry for it in apt's auth.conf"},
		{"machine " + server.URL + "/debian login someone password secret2\n", 1, "401 Unauthorized; correct the entry for it in apt's auth.conf"},
	} {
		for name, text := range map[string]string{"auth.conf": test.auth, "sources.list": "deb " + server.URL + "/debian bookworm main\n"} {
			if err := os.WriteFile(filepath.Join(apt, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		var out bytes.Buffer
		code := run(apt, nil, &out, &out)
		if text := out.String(); code != test.code || !strings.Contains(text, test.want) || strings.Contains(text, "someone") || strings.Contains(text, "secret") {
			t.Errorf("%q: exit code %d, %s, want %d, %s", test.auth, code, text, test.code, test.want)
		}
	}
}

func TestModules(t *testing.T) {
	files := map[string]string{
		"go.sum":                          "example.com/A v1.0.0 h1:x\nexample.com/A v1.0.0/go.mod h1:x\nexample.com/b v1.0.0/go.mod h1:x\nexample.com/c v1.0.0 h1:x\n",
		"below/go.sum":                    "example.com/d v1.0.0 h1:x\n",
		"tools/bazelw/arm64/modules.lock": "# comment\nexample.com/A v1.0.0 h1:x\n",
	}
	machine(t, files, map[string]string{"/go/example.com/!a/@v/v1.0.0.zip": "zip"})
	expect(t, 1, "go.sum: 1 as pinned, 1 cannot be had\n"+
		"go.sum: example.com/c v1.0.0: 404 Not Found; set GOPROXY to a proxy that has it, or pin another version\n"+
		"tools/bazelw/arm64/modules.lock: 1 as pinned\n")
	t.Setenv("GOPROXY", "off")
	expect(t, 1, "tools/bazelw/arm64/modules.lock: 1 cannot be had\ntools/bazelw/arm64/modules.lock: example.com/A v1.0.0: "+
		"no module proxy is configured; set GOPROXY to a proxy that has it, or pin another version\n", "tools/bazelw/arm64/modules.lock")
}

// What is no lock is an error, not an empty one.
func TestBadLocks(t *testing.T) {
	root := machine(t, map[string]string{"a.lock.json": "[]", "tools/bazelw/amd64/modules.lock": "one two\n", "other.txt": ""}, nil)
	expect(t, 1, "checkpins: a.lock.json: not a lock: json: cannot unmarshal array into Go value of type debian.Lock\n", "a.lock.json")
	expect(t, 1, "checkpins: tools/bazelw/amd64/modules.lock: line 1: got \"one two\", want MODULE VERSION HASH\n", "tools/bazelw/amd64/modules.lock")
	expect(t, 1, "checkpins: other.txt: not a lock: want *.lock.json, a lock in tools/bazelw/ARCHITECTURE, or go.sum\n", "other.txt")
	missing := filepath.Join(root, "none.lock.json")
	expect(t, 1, "checkpins: "+missing+": stat "+missing+": no such file or directory\n", missing)
}

func TestNothingToCheck(t *testing.T) {
	machine(t, nil, nil)
	expect(t, 2, "checkpins: no locks here; run it with bazel run, or name them\n")
	var out bytes.Buffer
	if got := run(t.TempDir(), []string{"--nonsense"}, &out, &out); got != 2 {
		t.Errorf("an unknown flag: got exit code %d, want 2", got)
	}
}
