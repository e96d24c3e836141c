// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// record returns a record of a made-up kernel.
func record(name, version string) Record {
	return Record{
		Kernel: "9.1", Flavour: "arm64", Package: name, Version: version, SHA256: "aa", Object: "bb", Compilers: []string{"GCC: 20"},
		Proven: true, Functions: 3, FunctionsProven: 3, BytesProven: 100, BytesSolved: 4, Relocations: 5,
	}
}

// place writes files of a workspace's root.
func place(t *testing.T, records []Record, document []byte) string {
	t.Helper()
	root := t.TempDir()
	text, err := encode(records)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{recordsFile: text, documentFile: document} {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// The files of the repository have what an audit of the pinned kernels finds.
func TestUpToDate(t *testing.T) {
	var args []string
	for _, text := range strings.Fields(os.Getenv("KERNELS")) {
		args = append(args, "--kernel="+text)
	}
	if len(args) == 0 {
		t.Fatal("KERNELS is not set; run the test with Bazel")
	}
	var stdout, stderr bytes.Buffer
	if code := run(append(args, "--check"), ".", &stdout, &stderr); code != 0 || stdout.Len() > 0 {
		t.Errorf("exit code %d, %s%s; want 0: bazel run //tests/audit/proven", code, &stdout, &stderr)
	}
}

// A record of the same version is replaced; others stay, in the order of versions.
func TestMerge(t *testing.T) {
	changed := record("a", "6.12.9-1")
	changed.SHA256 = "cc"
	once := record("a", "6.12.10-1")
	once.Once, once.SHA256 = true, "dd"
	got := merge([]Record{record("a", "6.12.9-1"), record("a", "6.2.1-1")}, []Record{record("a", "6.12.10-1"), changed, once})
	want := []Record{record("a", "6.2.1-1"), changed, record("a", "6.12.10-1")}
	if len(got) != len(want) {
		t.Fatalf("got %+v, want %+v", got, want)
	}
	for i := range want {
		if got[i].Version != want[i].Version || got[i].SHA256 != want[i].SHA256 {
			t.Errorf("record %d: got %+v, want %+v", i, got[i], want[i])
		}
	}
}

func TestCompareVersions(t *testing.T) {
	ordered := []string{"5.10-1", "6.1.9-1", "6.1.09-2", "6.1.10-1", "6.2.0", "6.2.0-1", "6.12.1-1", "10.0-1"}
	for i, a := range ordered {
		for j, b := range ordered {
			if got := compareVersions(a, b); (got < 0) != (i < j) || (got == 0) != (i == j) {
				t.Errorf("%s, %s: got %d", a, b, got)
			}
		}
	}
}

// The document has the figures and digests; an object that two kernels share is in it once.
func TestRender(t *testing.T) {
	other := record("b", "1")
	other.Proven, other.FunctionsProven, other.BytesDifferent = false, 2, 8
	other.Compilers = []string{"a|b"}
	once := record("c", "2")
	once.Once, once.Flavour, once.Object, once.Suite = true, "rt-arm64", "cc", "trixie"
	got := string(render([]Record{record("a", "1"), other, once}))
	for _, want := range []string{
		"| `a` | 1 | proven | 3 of 3 | 104, 4 solved | 5 | GCC: 20 | `bazel test //tests/audit:9.1_arm64_test` |\n",
		"| `b` | 1 | **not proven** | 2 of 3 | 104, 4 solved, and 8 different | 5 | a\\|b |",
		"| `a`, 1 | `aa` |\n",
		"| GCC: 20 | `hypaudit image --suite=trixie --debian=c=2` |\n",
		"| `hyp.o` of `//kernels/9.1`, of 2 in the configuration of rt-arm64 | `cc` |\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got\n%s\nwant %q in it", got, want)
		}
	}
	if n := strings.Count(got, "`bb`"); n != 1 {
		t.Errorf("the object's digest is in the document %d times, want once", n)
	}
}

// The two files are written if something changes, and not with --check.
func TestUpdate(t *testing.T) {
	old, fresh := []Record{record("a", "1")}, []Record{record("a", "2")}
	root := place(t, old, []byte("old\n"))
	var out bytes.Buffer
	if err := update(root, fresh, true, &out); err == nil || !strings.Contains(err.Error(), recordsFile+": out of date") || out.Len() > 0 {
		t.Errorf("--check: got %v, %q", err, &out)
	}
	if err := update(root, fresh, false, &out); err != nil || strings.Count(out.String(), "wrote ") != 2 {
		t.Errorf("got %v, %q; want both files written", err, &out)
	}
	records, err := read(filepath.Join(root, recordsFile))
	if err != nil || len(records) != 2 {
		t.Fatalf("got %+v, %v; want two records", records, err)
	}
	if document, err := os.ReadFile(filepath.Join(root, documentFile)); err != nil || !bytes.Equal(document, render(records)) {
		t.Errorf("got %s, %v", document, err)
	}
	if err := update(root, fresh, true, &out); err != nil {
		t.Errorf("just written: %v", err)
	}
	// A document that was edited is out of date as well.
	if err := update(place(t, records, []byte("edited\n")), fresh, true, &out); err == nil || !strings.Contains(err.Error(), documentFile+": out of date") {
		t.Errorf("an edited document: got %v", err)
	}
	if err := os.WriteFile(filepath.Join(root, recordsFile), []byte(`[{"nonsense": 1}]`), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := update(root, fresh, false, &out); err == nil || !strings.Contains(err.Error(), recordsFile) {
		t.Errorf("records that are none: got %v", err)
	}
}

func TestCommandLine(t *testing.T) {
	for _, args := range [][]string{nil, {"--nonsense"}, {"--kernel=a,b"}, {"--kernel=a,b,c,d,"}, {"--once=a,b,c,d,e"}, {"--once=a,b,c,d,,f"}, {"--kernel=a,b,c,d,e", "x"}} {
		var stdout, stderr bytes.Buffer
		if code := run(args, "/", &stdout, &stderr); code != 2 || stderr.Len() == 0 {
			t.Errorf("%q: exit code %d, %q", args, code, &stderr)
		}
	}
	var stdout, stderr bytes.Buffer
	if code := run([]string{"--kernel=a,b,c,d,e"}, "", &stdout, &stderr); code != 2 {
		t.Errorf("outside of bazel run: exit code %d, want 2", code)
	}
	if code := run([]string{"--kernel=a,b,missing,missing,missing"}, t.TempDir(), &stdout, &stderr); code != 1 || !strings.Contains(stderr.String(), "missing") {
		t.Errorf("a missing object: exit code %d, %q", code, &stderr)
	}
}

// A kernel that is not pinned is what its banner says.
func TestIdentify(t *testing.T) {
	const banner = "Linux version 9.1.7+deb20-rt-arm64 (…) (gcc-20) # SMP PREEMPT_RT Debian 9.1.7-1 (2030-01-01)"
	const name = "9.1,rt-arm64,linux-image-9.1.7+deb20-rt-arm64,9.1.7-1,o,i"
	for _, test := range []struct {
		text, banner string
		ok           bool
	}{
		{name, banner, true},
		{"9.1,arm64,linux-binary-9.1.0-5-arm64,9.1.7-1,o,i", "Linux version 9.1.0-5-arm64 (…) #1 SMP Debian 9.1.7-1 (2030-01-01)", true},
		{name, strings.Replace(banner, "9.1.7-1 ", "9.1.7-10 ", 1), false},
		{name, strings.Replace(banner, "rt-arm64", "arm64", 1), false},
		{name, "", false},
		{strings.Replace(name, "9.1,", "9.2,", 1), banner, false},
		{strings.Replace(name, ",rt-arm64", ",arm64", 1), banner, false},
		{strings.Replace(name, "image-9.1.7", "image-9.1.8", 1), banner, false},
	} {
		in, err := parseOnce(test.text)
		if err != nil {
			t.Fatal(err)
		}
		p, err := in.identify("aa", test.banner)
		if test.ok != (err == nil) || test.ok && p != (pinned{in.name, in.version, "aa"}) {
			t.Errorf("%s, %q: got %+v, %v", test.text, test.banner, p, err)
		}
	}
}

// The lock has to be that of the image.
func TestLookUp(t *testing.T) {
	lock := filepath.Join(t.TempDir(), "lock.json")
	if err := os.WriteFile(lock, []byte(`{"packages": [{"name": "a", "version": "1", "sha256": "aa"}]}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if p, err := lookUp(lock, "aa"); err != nil || p.Name != "a" {
		t.Errorf("got %+v, %v", p, err)
	}
	if _, err := lookUp(lock, "bb"); err == nil || !strings.Contains(err.Error(), lock) {
		t.Errorf("another digest: got %v", err)
	}
}
