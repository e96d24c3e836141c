package release

import (
	"archive/tar"
	"compress/gzip"
	"debug/elf"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// The archives have the programs for their platform, static, and nothing of the build: no time, no user.
func TestArchives(t *testing.T) {
	machines := map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}
	names := strings.Fields(os.Getenv("ARCHIVES"))
	if len(names) == 0 {
		t.Fatal("ARCHIVES is not set; run this by `bazel test`")
	}
	for _, name := range names {
		architecture := strings.TrimSuffix(name[strings.LastIndex(name, "_")+1:], ".tar.gz")
		programs := unpack(t, filepath.Join(os.Getenv("TEST_SRCDIR"), name))
		if len(programs) != 3 {
			t.Errorf("%s: got %d programs, want hypcc, hyplink and launch", name, len(programs))
		}
		for program, path := range programs {
			f, err := elf.Open(path)
			if err != nil {
				t.Fatalf("%s: %s: %v", name, program, err)
			}
			defer f.Close()
			if f.Machine != machines[architecture] {
				t.Errorf("%s: %s: for %v", name, program, f.Machine)
			}
			if slices.ContainsFunc(f.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_INTERP }) {
				t.Errorf("%s: %s: needs a loader", name, program)
			}
		}
		delete(machines, architecture)
		if architecture != runtime.GOARCH {
			continue
		}
		if out, err := exec.Command(programs["hyplink"], "--version").CombinedOutput(); err != nil || !strings.HasPrefix(string(out), "hyplink ") {
			t.Errorf("%s: hyplink --version: %v, %q", name, err, out)
		}
	}
	if len(machines) != 0 {
		t.Errorf("no archives for %v", machines)
	}
}

// unpack unpacks an archive and returns the paths of its programs.
func unpack(t *testing.T, archive string) map[string]string {
	t.Helper()
	f, err := os.Open(archive)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	compressed, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	if h := compressed.Header; !h.ModTime.IsZero() || h.Name != "" {
		t.Errorf("%s: gzip header has %v and %q", archive, h.ModTime, h.Name)
	}
	dir, programs := t.TempDir(), map[string]string{}
	for r := tar.NewReader(compressed); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return programs
		}
		if err != nil {
			t.Fatal(err)
		}
		if !h.ModTime.Equal(time.Unix(0, 0)) || h.Uname != "" || h.Uid != 0 || h.Mode != 0o755 {
			t.Errorf("%s: %s: header %+v", archive, h.Name, h)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, h.Name)
		if err := os.WriteFile(path, data, 0o755); err != nil {
			t.Fatal(err)
		}
		programs[h.Name] = path
	}
}
