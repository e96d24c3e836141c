// SPDX-License-Identifier: Apache-2.0

package workspace

import (
	"strings"
	"testing"
)

var kernel = Kernel{Repository: "linux", Path: "../o", Headers: "//hyp:headers.txt"}

// setUp merges what hypgen init says into a MODULE.bazel. Doing so again must change nothing.
func setUp(t *testing.T, text string, source *Source, k Kernel) string {
	t.Helper()
	got := once(t, text, source, k)
	if again := once(t, got, source, k); again != got {
		t.Errorf("again: got\n%s\nwant\n%s", again, got)
	}
	return got
}

func once(t *testing.T, text string, source *Source, k Kernel) string {
	t.Helper()
	var before []byte
	if text != "" {
		before = []byte(text)
	}
	module, err := ParseModule("MODULE.bazel", before)
	if err != nil {
		t.Fatal(err)
	}
	module.SetRules(source)
	if err := module.SetKernel(k); err != nil {
		t.Fatal(err)
	}
	return string(module.Text())
}

var checkout = &Source{Version: "0.1.0", Checkout: "../rules_hyp"}

func TestNewModule(t *testing.T) {
	want := moduleHead + `

bazel_dep(name = "rules_hyp", version = "0.1.0")
bazel_dep(name = "platforms", version = "1.1.0")

local_path_override(
    module_name = "rules_hyp",
    path = "../rules_hyp",
)

hyp = use_extension("@rules_hyp//rules:extensions.bzl", "hyp")
hyp.linux(
    headers = "//hyp:headers.txt",
    path = "../o",
)
use_repo(hyp, "linux")
`
	got := setUp(t, "", checkout, kernel)
	if strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(want), " ") {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Sources replace each other, and only what has to change is changed.
func TestSources(t *testing.T) {
	archive := &Source{Version: "0.1.0", Archive: "https://example.com/x.tar.gz", Integrity: "sha256-x", StripPrefix: "x"}
	registry := &Source{Version: "0.2.0", Registry: "https://example.com"}
	got := setUp(t, "", checkout, kernel)
	for _, test := range []struct {
		source *Source
		has    []string
		not    []string
	}{
		{archive, []string{"archive_override(", `integrity = "sha256-x",`, `strip_prefix = "x",`, `urls = ["https://example.com/x.tar.gz"],`}, []string{"local_path"}},
		{registry, []string{`bazel_dep(name = "rules_hyp", version = "0.2.0")`}, []string{"override"}},
		{checkout, []string{"local_path_override("}, []string{"archive"}},
		{&Source{Version: "0.1.0", Checkout: "/elsewhere"}, []string{`path = "/elsewhere",`}, []string{"../rules_hyp"}},
		{nil, []string{`path = "/elsewhere",`}, nil},
	} {
		got = setUp(t, got, test.source, kernel)
		for _, want := range test.has {
			if !strings.Contains(got, want) {
				t.Errorf("%+v: got\n%s\nwant %s in it", test.source, got, want)
			}
		}
		for _, unwanted := range test.not {
			if strings.Contains(got, unwanted) {
				t.Errorf("%+v: got\n%s\nwant no %s in it", test.source, got, unwanted)
			}
		}
	}
}

// A second kernel goes beside the first one.
func TestSecondKernel(t *testing.T) {
	got := setUp(t, setUp(t, "", checkout, kernel), nil, Kernel{"linux_b", "../b", "//b:headers.txt"})
	for _, want := range []string{`path = "../o",`, `name = "linux_b",`, `path = "../b",`, `use_repo(hyp, "linux", "linux_b")`} {
		if !strings.Contains(got, want) {
			t.Errorf("got\n%s\nwant %s in it", got, want)
		}
	}
}

// What a module has already is used, under the names that it has there, and its formatting stays if it has everything.
func TestExistingModule(t *testing.T) {
	text := `module(name = 'mine')
bazel_dep(name = "rules_hyp", version = "9", repo_name = "rh")
bazel_dep(name = "platforms", version = "0.0.10")
git_override(module_name = "rules_hyp", remote = "https://example.com/x.git", commit = "1")
ext = use_extension("@rh//rules:extensions.bzl", "hyp")
ext.linux(path = "../o", headers = "//hyp:headers.txt", source_path = "../s")
use_repo(ext, linux = "linux")
`
	if got := setUp(t, text, nil, kernel); got != text {
		t.Errorf("got\n%s\nwant it as it was", got)
	}
	got := setUp(t, text, checkout, Kernel{"linux", "../p", "//hyp:headers.txt"})
	for _, want := range []string{`path = "../p",`, `source_path = "../s",`, "local_path_override(", `version = "9"`} {
		if !strings.Contains(got, want) || strings.Contains(got, "git_override") {
			t.Errorf("got\n%s\nwant %s in it, and no git_override", got, want)
		}
	}
	module, err := ParseModule("m", []byte(text))
	if err != nil || module.RulesRepository() != "rh" || !module.HasRules() || module.IsRules() || module.RulesPath() != "" {
		t.Errorf("got %+v, %v", module, err)
	}
}

// A name that is taken, and an extension for development only, are not used.
func TestTakenNames(t *testing.T) {
	got := setUp(t, `hyp = use_extension("@rules_hyp//rules:extensions.bzl", "hyp", dev_dependency = True)`+"\n", checkout, kernel)
	for _, want := range []string{"rules_hyp_extension = use_extension(", "rules_hyp_extension.linux(", `use_repo(rules_hyp_extension, "linux")`} {
		if !strings.Contains(got, want) {
			t.Errorf("got\n%s\nwant %s in it", got, want)
		}
	}
	module, err := ParseModule("m", []byte(setUp(t, "", checkout, kernel)+"use_repo(hyp, k = \"other\")\n"))
	if err != nil {
		t.Fatal(err)
	}
	if err := module.SetKernel(Kernel{"other", "p", "h"}); err == nil || !strings.Contains(err.Error(), "gives the repository other the name k") {
		t.Errorf("got error %v, want one about the name", err)
	}
}

// What is marked stays.
func TestKeep(t *testing.T) {
	base := setUp(t, "", checkout, kernel)
	for _, pair := range [][2]string{
		{`path = "../rules_hyp",`, `path = "mine",  # keep`},
		{"local_path_override(\n", "# keep\nlocal_path_override(\n    patches = [\"mine\"],\n"},
		{`path = "../o",`, `path = "mine",  # keep`},
		{`headers = "//hyp:headers.txt",`, "# keep: ours\n    headers = \"mine\","},
		{"hyp.linux(\n", "# keep\nhyp.linux(\n    source_path = \"mine\",\n"},
	} {
		edited := strings.Replace(base, pair[0], pair[1], 1)
		if edited == base {
			t.Fatalf("%q is not in\n%s", pair[0], base)
		}
		got := setUp(t, edited, &Source{Version: "0.1.0", Checkout: "../other"}, Kernel{"linux", "../other", "//other:headers.txt"})
		if !strings.Contains(got, "mine") {
			t.Errorf("%q: got\n%s\nwant the edit in it", pair[1], got)
		}
	}
}

func FuzzModule(f *testing.F) {
	f.Add("")
	f.Add("hyp = 1\nhyp.linux()\nuse_repo(hyp)\n")
	f.Add("bazel_dep(name = 'rules_hyp')\nx_override(module_name = 'rules_hyp')\nh = use_extension('@rules_hyp//rules:extensions.bzl', 'hyp')\n# keep\nh.linux(name = 'linux')\n")
	f.Add("a[0] = use_extension('@rules_hyp//rules:extensions.bzl', 'hyp')\n")
	f.Add("'\"0\\\xa7'")
	f.Add("'\"\\中'")
	f.Fuzz(func(t *testing.T, text string) {
		first, ok := fuzzOnce(text)
		if !ok {
			return
		}
		if again, ok := fuzzOnce(first); !ok || again != first {
			t.Errorf("again: got\n%s\nwant\n%s", again, first)
		}
	})
}

func fuzzOnce(text string) (string, bool) {
	module, err := ParseModule("MODULE.bazel", []byte(text))
	if err != nil {
		return "", false
	}
	module.SetRules(checkout)
	if err := module.SetKernel(kernel); err != nil {
		return "", false
	}
	return string(module.Text()), true
}
