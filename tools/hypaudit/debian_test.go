// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/debian"
	"github.com/rules-hyp/rules_hyp/internal/kallsyms"
	"github.com/rules-hyp/rules_hyp/internal/textline"
)

// machine has fakes of apt and Bazel, first on PATH, the directory of rules_hyp, and an empty directory for temporary files.
type machine struct {
	root, temporary, log string
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	m := &machine{filepath.Join(dir, "rules_hyp"), filepath.Join(dir, "tmp"), filepath.Join(dir, "log")}
	for _, name := range []string{m.root, m.temporary, filepath.Join(dir, "bin")} {
		if err := os.Mkdir(name, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	m.write(t, filepath.Join(m.root, "MODULE.bazel"), "module(name = \"rules_hyp\")\nbazel_dep(name = \"rules_go\", version = \"0.1\")\n")
	records := ""
	for name, depends := range map[string]string{
		"linux-image-6.12.9-arm64":    "kmod",
		"linux-headers-6.12.9-arm64":  "linux-headers-6.12.9-common, gcc-14-for-host",
		"linux-headers-6.12.9-common": "",
		"linux-source-6.12":           "",
		"linux-image-6.1.9-arm64":     "kmod",
		"linux-headers-6.1.9-arm64":   "linux-headers-6.1.9-common, gcc-13-for-host",
		"linux-headers-6.1.9-common":  "",
		"linux-source-6.1":            "",
		"linux-image-5.9.9-arm64":     "kmod",
		"linux-headers-5.9.9-arm64":   "linux-headers-5.9.9-common, gcc-10-for-host",
		"linux-headers-5.9.9-common":  "",
		"linux-source-5.9":            "",
	} {
		version := strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(name, "linux-image-"), "linux-headers-"), "linux-source-"), "-arm64")
		version = strings.TrimSuffix(version, "-common")
		if strings.HasPrefix(name, "linux-source-") {
			version += ".9"
		}
		records += fmt.Sprintf("%[1]s|%[1]s=%[2]s-1) printf 'Package: %[1]s\\nVersion: %[2]s-1\\nDepends: %[3]s\\nFilename: pool/x.deb\\nSize: 1\\nSHA256: aa\\n' ;;\n", name, version, depends)
	}
	script := "#!/bin/bash\nset -e\nlog() { printf '%s\\n' \"$*\" >>'" + m.log + "'; }\n"
	m.write(t, filepath.Join(dir, "bin", "apt-cache"), script+"case ${*: -1} in\n"+records+"*) echo 'E: No packages found' >&2; exit 100 ;;\nesac\n")
	m.write(t, filepath.Join(dir, "bin", "apt-get"), script+"[[ $* != *download* ]] || { log download ${*: -1}; printf image >x.deb; }\n[[ ! -e '"+m.log+".apt' ]] || { echo 'E: no network' >&2; exit 100; }\n")
	m.write(t, filepath.Join(m.root, "bazelw"), script+`
output=${1#--output_base=}
shift
case $1 in
  build)
    log "$@"
    cat MODULE.bazel >>'`+m.log+`'
    [[ ! -e '`+m.log+`.bazel' ]] || exit 1
    mkdir -p "$output/e/bazel-out"
    printf object >"$output/e/bazel-out/hyp.o"
    chmod a-w "$output/e/bazel-out"
    ;;
  cquery) echo bazel-out/hyp.o ;;
  info) echo "$output/e" ;;
  shutdown) log shutdown ;;
esac
`)
	t.Setenv("PATH", filepath.Join(dir, "bin")+":"+os.Getenv("PATH"))
	t.Setenv("TMPDIR", m.temporary)
	return m
}

func (m *machine) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

// empty fails the test if something is left in the directory of temporary files.
func (m *machine) empty(t *testing.T) {
	t.Helper()
	if left, err := os.ReadDir(m.temporary); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

func TestDebian(t *testing.T) {
	m := newMachine(t)
	var progress bytes.Buffer
	kept, keptImage := filepath.Join(t.TempDir(), "kept.o"), filepath.Join(t.TempDir(), "kept.deb")
	f, err := fetchDebian(debianOptions{name: "linux-image-6.12.9-arm64", suite: debian.Sources, root: m.root, object: kept, image: keptImage}, textline.NewWriter(&progress))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{f.object: "object", f.image: "image", kept: "object", keptImage: "image"} {
		if got, err := os.ReadFile(name); err != nil || string(got) != want {
			t.Errorf("%s: got %q, %v; want %q", name, got, err, want)
		}
	}
	log, err := os.ReadFile(m.log)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"download linux-image-6.12.9-arm64=6.12.9-1\n", "build -- @rules_hyp//kernels/6.12:hyp_o\n", `name = "linux_6.12"`, "shutdown\n"} {
		if !strings.Contains(string(log), want) {
			t.Errorf("got %s, want %s in it", log, want)
		}
	}
	if want := "building the hypervisor of Linux 6.12.9-1 with its configuration and GCC 14"; !strings.Contains(progress.String(), want) {
		t.Errorf("got %s, want %s in it", progress.String(), want)
	}
	f.remove()
	m.empty(t)
	for _, name := range []string{kept, keptImage} {
		if _, err := os.Stat(name); err != nil {
			t.Error(err)
		}
	}
}

// Each error leaves nothing.
func TestDebianErrors(t *testing.T) {
	m := newMachine(t)
	for _, test := range []struct{ name, fault, want string }{
		{"linux-image-6.12.9-arm64=6.12.8-1", "", "No packages found"},
		{"linux-image-5.9.9-arm64", "", "linux-image-5.9.9-arm64 is Linux 5.9: no kernel 5.9"},
		{"linux-image-6.1.9-arm64", "", "was built with GCC 13, and kernels/6.1 has gcc"},
		{"linux-image-6.12.9-arm64", ".apt", "apt-get: exit status 100: E: no network"},
		{"linux-image-6.12.9-arm64", ".bazel", "bazelw build: exit status 1; its messages are above"},
	} {
		if test.fault != "" {
			m.write(t, m.log+test.fault, "")
		}
		f, err := fetchDebian(debianOptions{name: test.name, suite: debian.Sources, root: m.root}, textline.NewWriter(&bytes.Buffer{}))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %+v, %v; want %q", test.name, f, err, test.want)
		}
		m.empty(t)
		if test.fault != "" {
			os.Remove(m.log + test.fault)
		}
	}
	if _, err := fetchDebian(debianOptions{name: "linux-image-6.12.9-arm64", root: t.TempDir()}, textline.NewWriter(&bytes.Buffer{})); err == nil ||
		!strings.Contains(err.Error(), "is not the directory of rules_hyp; give it with --rules-hyp") {
		t.Errorf("another directory: got %v", err)
	}
	m.empty(t)
}

// A kernel without the hypervisor's symbols is told by them; other files are for the audit.
func TestHasHypervisor(t *testing.T) {
	host := []kallsyms.Symbol{{Name: "_text"}, {Name: "kvm_nvhe_"}, {Name: "x__kvm_nvhe_y"}}
	if hasHypervisor(host) {
		t.Errorf("%v: has a hypervisor, want none", host)
	}
	if nvhe := append(host, kallsyms.Symbol{Name: "__kvm_nvhe_hyp_panic"}); !hasHypervisor(nvhe) {
		t.Errorf("%v: has no hypervisor, want one", nvhe)
	}
	file := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(file, []byte("no kernel"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := checkHypervisor(file); err != nil {
		t.Errorf("no kernel: %v, want the audit to say it", err)
	}
	if err := checkHypervisor(file + "-missing"); err == nil {
		t.Error("a missing file is no error")
	}
}
