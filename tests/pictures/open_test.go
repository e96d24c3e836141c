// SPDX-License-Identifier: Apache-2.0

package pictures

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// kernelPage returns the program that hyp_layout_page makes for the default kernel's
// object. Its page, the target's file, has the same name with .html after it.
func kernelPage(t *testing.T) string {
	t.Helper()
	page, err := runfile(os.Getenv("KERNEL_PAGE"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSuffix(page, ".html")
}

// The kernel's object has its sections, inputs and hyp relocations on its page.
func TestKernel(t *testing.T) {
	contents, err := os.ReadFile(kernelPage(t) + ".html")
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]view{"light": wide, "dark": {width: 1400, height: 1100, dark: true}, "narrow": {width: 320, height: 700}} {
		b := open(t, v, contents)
		want(b, `document.title`, "hyp.o: layout")
		want(b, `data.origin`, "map")
		want(b, `data.hyp`, true)
		want(b, `data.prefix`, "__kvm_nvhe_")
		if n := get[int](b, `hypCount.reduce((n, c) => n + c, 0)`); n < 100 {
			t.Errorf("%d hyp relocations", n)
		}
		want(b, `treemap.tree.children[0].title`, ".hyp.text")
		want(b, `files.filter((f) => f.endsWith("hyp-entry.nvhe.o")).length`, 1)
		// The map has each loaded byte once.
		want(b, `treemap.tree.size === loadedSize`, true)
		if p := get[[]float64](b, painted); p[0] < 10 || p[1] < 0.8 {
			t.Errorf("the map has %v colors, and fills %v of its area", p[0], p[1])
		}
		b.do(chromedp.Focus("#map"))
		b.keys(kb.ArrowDown, kb.ArrowDown)
		b.screenshot("kernel-" + name)
	}
}

// The program prints the path of its page, and opens it where there is a display.
func TestOpen(t *testing.T) {
	program := kernelPage(t)
	// Three machines: one without xdg-open, one with it, and one with macOS's open.
	machines := t.TempDir()
	for name, text := range map[string]string{
		"bare/uname": "echo Linux", "linux/uname": "echo Linux", "linux/xdg-open": "echo xdg-open $1", "linux/browser": "echo \"browser $*\"", "linux/a browser": "echo a browser $*",
		"mac/uname": "echo Darwin", "mac/open": "echo open $1",
	} {
		if err := os.MkdirAll(filepath.Join(machines, filepath.Dir(name)), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(machines, name), []byte("#!/bin/sh\n"+text+"\n"), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	run := func(args []string, environment ...string) (stdout, stderr string, err error) {
		c := exec.Command(program, args...)
		c.Env = environment
		var out, errs strings.Builder
		c.Stdout, c.Stderr = &out, &errs
		err = c.Run()
		return out.String(), errs.String(), err
	}
	page := program + ".html\n"
	const told = "no display or no xdg-open; open the file in a browser\n"
	for _, c := range []struct {
		machine        string
		args           []string
		environment    string
		stdout, stderr string
	}{
		{"bare", nil, "DISPLAY=:0", page, told},
		{"linux", nil, "LANG=C", page, told},
		{"linux", nil, "DISPLAY=:0", page + "xdg-open " + page, ""},
		{"linux", nil, "WAYLAND_DISPLAY=wayland-0", page + "xdg-open " + page, ""},
		{"linux", nil, "BROWSER=browser", page + "browser " + page, ""},
		{"linux", nil, "BROWSER=a browser", page + "a browser " + page, ""},
		{"linux", nil, "BROWSER=browser --new *", page + "browser --new * " + page, ""},
		{"linux", nil, "BROWSER=none --old:browser --url %s --new:other", page + "browser --url " + program + ".html --new\n", ""},
		{"linux", []string{"--print"}, "BROWSER=browser", page, ""},
		{"mac", nil, "LANG=C", page + "open " + page, ""},
	} {
		stdout, stderr, err := run(c.args, "PATH="+filepath.Join(machines, c.machine), c.environment)
		if err != nil || stdout != c.stdout || stderr != c.stderr {
			t.Errorf("%s, %q with %s: %v\n%s%s", c.machine, c.args, c.environment, err, stdout, stderr)
		}
	}
	path := "PATH=" + filepath.Join(machines, "linux")
	if _, stderr, err := run(nil, path, "BROWSER=none:nothing -x"); err == nil || !strings.Contains(stderr, "got none:nothing -x, none of which is a program") {
		t.Errorf("no browser: %v, %s", err, stderr)
	}
	if _, stderr, err := run([]string{"--other"}, path); err == nil || !strings.Contains(stderr, "want --print or nothing") {
		t.Errorf("--other: %v, %s", err, stderr)
	}
}
