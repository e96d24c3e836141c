// SPDX-License-Identifier: Apache-2.0

package debkernel

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/debian"
)

// record is what apt-cache show prints for a version of a package.
func record(name, version, depends string) string {
	return fmt.Sprintf("Package: %[1]s\nVersion: %[2]s\nDepends: %[3]s\nFilename: pool/main/l/linux/%[1]s_%[2]s_arm64.deb\nSize: 7\nSHA256: abc\n", name, version, depends)
}

// archive is a fake of apt: the records of a package, the newest first.
var archive = map[string][]string{
	"linux-image-arm64": {
		record("linux-image-arm64", "6.12.120-1", "linux-image-6.12.120+deb13-arm64 (= 6.12.120-1)"),
		record("linux-image-arm64", "6.12.117-1", "linux-image-6.12.117+deb13-arm64 (= 6.12.117-1)"),
	},
	"linux-image-6.12.120+deb13-arm64": {record("linux-image-6.12.120+deb13-arm64", "6.12.120-1", "kmod, linux-base (>= 4.3~), initramfs-tools (>= 0.120) | linux-initramfs-tool")},
	"linux-headers-6.12.120+deb13-arm64": {record("linux-headers-6.12.120+deb13-arm64", "6.12.120-1",
		"linux-headers-6.12.120+deb13-common (= 6.12.120-1), linux-image-6.12.120+deb13-arm64 (= 6.12.120-1) | linux-image-6.12.120+deb13-arm64-unsigned (= 6.12.120-1), gcc-14-for-host, linux-base")},
	"linux-headers-6.12.120+deb13-common": {record("linux-headers-6.12.120+deb13-common", "6.12.120-1", "")},
	"linux-source-6.12": {
		record("linux-source-6.12", "6.12.121-1", ""),
		record("linux-source-6.12", "6.12.120-1", ""),
	},

	// Debian 12: a compiler package of the kernel's own, and a set of patches.
	"linux-image-6.1.0-50-rt-arm64":   {record("linux-image-6.1.0-50-rt-arm64", "6.1.176-1", "kmod")},
	"linux-headers-6.1.0-50-rt-arm64": {record("linux-headers-6.1.0-50-rt-arm64", "6.1.176-1", "linux-headers-6.1.0-50-common-rt (= 6.1.176-1), linux-compiler-gcc-12-arm64")},
	"linux-headers-6.1.0-50-common-rt": {
		record("linux-headers-6.1.0-50-common-rt", "6.1.176-1", ""),
	},
	"linux-source-6.1": {record("linux-source-6.1", "6.1.176-1", "")},

	// Debian 14: the package of that name is empty.
	"linux-image-7.2.12+deb14-arm64":    {record("linux-image-7.2.12+deb14-arm64", "7.2.12-1", "linux-binary-7.2.12+deb14-arm64 (= 7.2.12-1), linux-modules-7.2.12+deb14-arm64")},
	"linux-binary-7.2.12+deb14-arm64":   {record("linux-binary-7.2.12+deb14-arm64", "7.2.12-1", "linux-base-7.2.12+deb14-arm64 (= 7.2.12-1)")},
	"linux-headers-7.2.12+deb14-arm64":  {record("linux-headers-7.2.12+deb14-arm64", "7.2.12-1", "gcc-16-for-host, linux-headers-7.2.12+deb14-common (= 7.2.12-1)")},
	"linux-headers-7.2.12+deb14-common": {record("linux-headers-7.2.12+deb14-common", "7.2.12-1", "")},
	"linux-source-7.2":                  {record("linux-source-7.2", "7.2.12-1", "")},

	"bash":                          {record("bash", "5.3", "libc6")},
	"linux-image-generic":           {record("linux-image-generic", "6.8", "linux-firmware")},
	"linux-image-5.10.0-1-arm64":    {record("linux-image-5.10.0-1-arm64", "5.10.1-1", "kmod")},
	"linux-image-6.13.0-1-arm64":    {record("linux-image-6.13.0-1-arm64", "6.13.1-1", "kmod")},
	"linux-headers-6.13.0-1-arm64":  {record("linux-headers-6.13.0-1-arm64", "6.13.1-1", "linux-headers-6.13.0-1-common")},
	"linux-image-6.14.0-1-arm64":    {record("linux-image-6.14.0-1-arm64", "6.14.1-1", "kmod")},
	"linux-headers-6.14.0-1-arm64":  {record("linux-headers-6.14.0-1-arm64", "6.14.1-1", "linux-headers-6.14.0-1-common, gcc-15-for-host")},
	"linux-headers-6.14.0-1-common": {record("linux-headers-6.14.0-1-common", "6.14.1-1", "")},
	"linux-image-6.15.0-1-arm64":    {"Package: linux-image-6.15.0-1-arm64\nVersion: 6.15.1-1\nStatus: install ok installed\n"},
	"linux-image-loop":              {record("linux-image-loop", "1", "linux-image-1-loop")},
	"linux-image-1-loop":            {record("linux-image-1-loop", "1", "linux-binary-1-loop")},
	"linux-binary-1-loop":           {record("linux-binary-1-loop", "1", "linux-image-1-loop")},
}

func show(spec string) (string, error) {
	name, version, versioned := strings.Cut(spec, "=")
	var found []string
	for _, r := range archive[name] {
		if !versioned || strings.Contains(r, "\nVersion: "+version+"\n") {
			found = append(found, r)
		}
	}
	if len(found) == 0 {
		return "", fmt.Errorf("apt-cache: no packages found")
	}
	return strings.Join(found, "\n"), nil
}

func TestFind(t *testing.T) {
	for _, test := range []struct {
		name, version string
		image         string
		inputs        []string
		kernel        string // Version, GCC and Patches
	}{
		{
			"linux-image-arm64", "", "linux-image-6.12.120+deb13-arm64 6.12.120-1",
			[]string{"linux-headers-6.12.120+deb13-arm64 6.12.120-1", "linux-headers-6.12.120+deb13-common 6.12.120-1", "linux-source-6.12 6.12.120-1"},
			"6.12 14 ",
		},
		{
			"linux-image-6.1.0-50-rt-arm64", "6.1.176-1", "linux-image-6.1.0-50-rt-arm64 6.1.176-1",
			[]string{"linux-headers-6.1.0-50-rt-arm64 6.1.176-1", "linux-headers-6.1.0-50-common-rt 6.1.176-1", "linux-source-6.1 6.1.176-1"},
			"6.1 12 rt",
		},
		{
			"linux-image-7.2.12+deb14-arm64", "", "linux-binary-7.2.12+deb14-arm64 7.2.12-1",
			[]string{"linux-headers-7.2.12+deb14-arm64 7.2.12-1", "linux-headers-7.2.12+deb14-common 7.2.12-1", "linux-source-7.2 7.2.12-1"},
			"7.2 16 ",
		},
	} {
		k, err := Find(show, test.name, test.version)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		var inputs []string
		for _, p := range k.Inputs {
			inputs = append(inputs, p.Name+" "+p.Version)
		}
		image, kernel := k.Image.Name+" "+k.Image.Version, k.Version+" "+k.GCC+" "+k.Patches
		if image != test.image || !slices.Equal(inputs, test.inputs) || kernel != test.kernel {
			t.Errorf("%s: got %s, %q, %q; want %s, %q, %q", test.name, image, inputs, kernel, test.image, test.inputs, test.kernel)
		}
	}
}

func TestFindErrors(t *testing.T) {
	for _, test := range []struct{ name, version, want string }{
		{"linux-image-arm64", "6.12.1-1", "linux-image-arm64=6.12.1-1: apt-cache: no packages found"},
		{"linux-image-arm64", "6.12.117-1", "linux-image-6.12.117+deb13-arm64: apt-cache: no packages found"},
		{"bash", "", "bash: is no package of a kernel image; name one"},
		{"linux-image-generic", "", "linux-image-generic 6.8: depends on no package with an image"},
		{"linux-image-5.10.0-1-arm64", "", "linux-image-5.10.0-1-arm64: its configuration is in another package: linux-headers-5.10.0-1-arm64=5.10.1-1: "},
		{"linux-image-6.13.0-1-arm64", "", "linux-headers-6.13.0-1-arm64: depends on linux-headers-6.13.0-1-common, want common headers (linux-headers-…-common) and a compiler"},
		{"linux-image-6.14.0-1-arm64", "", "linux-image-6.14.0-1-arm64: was built from another package: linux-source-6.14=6.14.1-1: "},
		{"linux-image-6.15.0-1-arm64", "", "linux-image-6.15.0-1-arm64: apt's record of version 6.15.1-1 lacks Filename"},
		{"linux-image-loop", "", "depends on no package with an image"},
	} {
		if k, err := Find(show, test.name, test.version); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s %s: got %+v, %v; want %q", test.name, test.version, k, err, test.want)
		}
	}
}

func TestWriteWorkspace(t *testing.T) {
	k, err := Find(show, "linux-image-arm64", "")
	if err != nil {
		t.Fatal(err)
	}
	root, dir := filepath.Join(t.TempDir(), `r "1"`), t.TempDir()
	if err := k.WriteWorkspace(dir, root, "linux_6.12"); err == nil || !strings.Contains(err.Error(), "--rules-hyp is the directory of rules_hyp") {
		t.Errorf("no rules_hyp: got %v", err)
	}
	if err := os.Mkdir(root, 0o755); err != nil {
		t.Fatal(err)
	}
	write := func(text string) {
		if err := os.WriteFile(filepath.Join(root, "MODULE.bazel"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("module(name = \"other\")\n")
	if err := k.WriteWorkspace(dir, root, "linux_6.12"); err == nil || !strings.Contains(err.Error(), "names no version of rules_go") {
		t.Errorf("another module: got %v", err)
	}
	write("module(name = \"rules_hyp\")\nbazel_dep(name = \"rules_go\", version = \"0.1.2\", repo_name = \"io_bazel_rules_go\")\n")
	if err := k.WriteWorkspace(dir, root, "linux_6.12"); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "MODULE.bazel"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`    path = "` + strings.ReplaceAll(root, `"`, `\"`) + `",`, `version = "0.1.2", repo_name = "io_bazel_rules_go"`, "    name = \"linux_6.12\",\n    lock = \"//:packages.lock.json\",\n"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("got %s, want %s in it", text, want)
		}
	}
	lock, err := debian.ReadLock(filepath.Join(dir, lockName))
	if err != nil || !slices.Equal(lock.Packages, k.Inputs) {
		t.Errorf("got %+v, %v; want %+v", lock, err, k.Inputs)
	}
}
