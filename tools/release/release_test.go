// SPDX-License-Identifier: Apache-2.0

package release

import (
	"archive/tar"
	"compress/gzip"
	"debug/elf"
	"debug/macho"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// programs are those of each archive; launch, which starts the packaged compilers, is for Linux only.
var programs = []string{"hypaudit", "hypcc", "hypgen", "hyplink"}

// The archives have the programs for their platform, static, and nothing of the build: no time, no user.
func TestArchives(t *testing.T) {
	names := strings.Fields(os.Getenv("ARCHIVES"))
	if len(names) == 0 {
		t.Fatal("ARCHIVES is not set; run this by `bazel test`")
	}
	var platforms []string
	for _, name := range names {
		platform := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(name), "rules_hyp_tools_"), ".tar.gz")
		platforms = append(platforms, platform)
		system, architecture, _ := strings.Cut(platform, "_")
		unpacked := unpackInto(t, filepath.Join(os.Getenv("TEST_SRCDIR"), name), t.TempDir())
		want := programs
		if system == "linux" {
			want = append(slices.Clone(programs), "launch")
		}
		if got := slices.Sorted(maps.Keys(unpacked)); !slices.Equal(got, want) {
			t.Errorf("%s: has %v, want %v", name, got, want)
		}
		for program, path := range unpacked {
			check := isELF
			if system == "darwin" {
				check = isMachO
			}
			if err := check(path, architecture); err != nil {
				t.Errorf("%s: %s: %v", name, program, err)
			}
		}
		if platform != runtime.GOOS+"_"+runtime.GOARCH {
			continue
		}
		for _, program := range programs {
			if out, err := exec.Command(unpacked[program], "--version").CombinedOutput(); err != nil || !strings.HasPrefix(string(out), program+" ") {
				t.Errorf("%s: %s --version: %v, %q", name, program, err, out)
			}
		}
	}
	slices.Sort(platforms)
	if want := []string{"darwin_amd64", "darwin_arm64", "linux_amd64", "linux_arm64"}; !slices.Equal(platforms, want) {
		t.Errorf("archives for %v, want %v", platforms, want)
	}
}

// isELF checks that a file is a static program for Linux.
func isELF(path, architecture string) error {
	f, err := elf.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if want := map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}[architecture]; f.Machine != want {
		return fmt.Errorf("for %v, want %v", f.Machine, want)
	}
	if slices.ContainsFunc(f.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_INTERP }) {
		return errors.New("needs a loader")
	}
	return nil
}

// isMachO checks that a file is a program for macOS that needs nothing but the system's library, through which programs make system calls there.
func isMachO(path, architecture string) error {
	f, err := macho.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if want := map[string]macho.Cpu{"amd64": macho.CpuAmd64, "arm64": macho.CpuArm64}[architecture]; f.Cpu != want || f.Type != macho.TypeExec {
		return fmt.Errorf("%v for %v, want a program for %v", f.Type, f.Cpu, want)
	}
	libraries, err := f.ImportedLibraries()
	if err != nil {
		return err
	}
	for _, library := range libraries {
		if !strings.HasPrefix(library, "/usr/lib/") && !strings.HasPrefix(library, "/System/") {
			return fmt.Errorf("needs %s", library)
		}
	}
	return nil
}

// unpackInto unpacks an archive into a directory and returns the paths of its programs, which are at the top.
func unpackInto(t *testing.T, archive, dir string) map[string]string {
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
	programs := map[string]string{}
	for r := tar.NewReader(compressed); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return programs
		}
		if err != nil {
			t.Fatal(err)
		}
		mode := int64(0o644)
		if filepath.Base(h.Name) == h.Name {
			mode = 0o755
			programs[h.Name] = filepath.Join(dir, h.Name)
		}
		if !h.ModTime.Equal(time.Unix(0, 0)) || h.Uname != "" || h.Uid != 0 || h.Mode != mode {
			t.Errorf("%s: %s: header %+v", archive, h.Name, h)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, h.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}
