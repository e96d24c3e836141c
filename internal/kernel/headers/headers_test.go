// SPDX-License-Identifier: Apache-2.0

package headers

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/kernel/kbuild"
)

// dir is a tree that is one directory.
type dir string

func (d dir) Path(name string) (string, bool) {
	file := filepath.Join(string(d), name)
	info, err := os.Stat(file)
	return file, err == nil && info.Mode().IsRegular()
}

func makeTree(t *testing.T, files map[string]string) dir {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir(root)
}

func TestScan(t *testing.T) {
	tree := makeTree(t, map[string]string{
		"f/a.c":             "#include <one.h>\n#include \"local.h\"\n  #  include <dir/two.h>\n",
		"f/b.S":             ".include \"asm.inc\"\n.incbin \"blob.bin\"\n",
		"f/x.lds.S":         "#include <script.h>\n",
		"f/local.h":         "#include \"../up.h\"\n",
		"up.h":              "#if 0\n#include <dead.h>\n#else\n#include <nowhere.h>\n#endif\n",
		"inc/one.h":         "#include NAME_OF_FILE\n#include <one.h>\n",
		"inc/dead.h":        "",
		"inc/unused.h":      "",
		"gen/dir/two.h":     "#include_next <unused.h>\n",
		"inc/script.h":      "",
		"inc/forced.h":      "",
		"f/asm.inc":         "",
		"f/blob.bin":        "\x00",
		"gen/one.h":         "the first directory goes first",
		"quotes/local.h":    "",
		"inc/dir/commented": "",
	})
	options := []kbuild.Option{{"-O2"}, {"-Iinc"}, {"-I$(TREE)/inc"}, {"-I$(TREE)/gen"}, {"-include", "$(TREE)/inc/forced.h"}}
	plan := &kbuild.Plan{
		Compiles: []kbuild.Compile{{Source: "f/sub/../a.c", Options: options}, {Source: "f/b.S", Options: options}},
		Script:   kbuild.Compile{Source: "f/x.lds.S", Options: options},
	}
	got, err := Scan(tree, plan)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"f/asm.inc", "f/blob.bin", "f/local.h", "gen/dir/two.h", "inc/dead.h", "inc/forced.h", "inc/one.h", "inc/script.h", "up.h",
	}
	if !reflect.DeepEqual(got.Headers, want) {
		t.Errorf("headers: got %q, want %q", got.Headers, want)
	}
	if want := []string{"inc/one.h: NAME_OF_FILE"}; !reflect.DeepEqual(got.Computed, want) {
		t.Errorf("computed: got %q, want %q", got.Computed, want)
	}
}

func TestScanMissing(t *testing.T) {
	tree := makeTree(t, map[string]string{"f/a.c": ""})
	for _, plan := range []*kbuild.Plan{
		{Compiles: []kbuild.Compile{{Source: "f/b.c"}}},
		{Compiles: []kbuild.Compile{{Source: "f/a.c", Options: []kbuild.Option{{"-include", "$(TREE)/f/b.c"}}}}},
	} {
		if _, err := Scan(tree, plan); err == nil || !strings.Contains(err.Error(), "f/b.c: not in the kernel tree") {
			t.Errorf("got error %v, want one that names f/b.c", err)
		}
	}
}
