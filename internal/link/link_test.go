// SPDX-License-Identifier: Apache-2.0

package link

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/elftext"
	"github.com/rules-hyp/rules_hyp/internal/ldscript"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// linkCase is a golden file: a comment, options, objects and a script as
// sections that "-- name --" starts, and what comes out as the last one.
type linkCase struct {
	head    string
	options map[string]string
	files   []namedText
	want    string
}

type namedText struct{ name, text string }

func readCase(t *testing.T, path string) *linkCase {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c := &linkCase{options: map[string]string{}}
	var cur *strings.Builder
	var head strings.Builder
	cur = &head
	name := ""
	flush := func() {
		switch {
		case name == "":
			c.head = cur.String()
		case name == "want":
			c.want = cur.String()
		default:
			c.files = append(c.files, namedText{name, cur.String()})
		}
	}
	for line := range strings.Lines(string(b)) {
		if n, ok := strings.CutPrefix(strings.TrimSuffix(line, " --\n"), "-- "); ok && strings.HasSuffix(line, " --\n") {
			flush()
			name, cur = n, &strings.Builder{}
			continue
		}
		cur.WriteString(line)
	}
	flush()
	for line := range strings.Lines(c.head) {
		if k, v, ok := strings.Cut(strings.TrimSpace(line), "="); ok && !strings.HasPrefix(line, "#") {
			c.options[k] = v
		}
	}
	return c
}

// throughBytes writes an object and reads it back.
func throughBytes(o *elfobj.Object) (*elfobj.Object, error) {
	b, err := o.Bytes()
	if err != nil {
		return nil, err
	}
	return elfobj.Parse(o.Name, b)
}

// run links the case and describes the outcome.
func (c *linkCase) run(t *testing.T) string {
	t.Helper()
	opts := Options{Name: "out.o"}
	var warnings strings.Builder
	opts.Warn = func(s string) { warnings.WriteString(s + "\n") }
	opts.Groups = map[string]GroupMode{"": GroupFlatten, "flatten": GroupFlatten, "keep": GroupKeep, "error": GroupError}[c.options["group"]]
	opts.Orphans = map[string]OrphanMode{"": OrphanPlace, "place": OrphanPlace, "warn": OrphanWarn, "error": OrphanError}[c.options["orphan"]]
	opts.Merge = mergeModes[c.options["merge"]]
	opts.NoCommon = c.options["common"] == "error"
	if c.options["order"] == "gnu" {
		opts.Symbols = OrderGNU
	}
	opts.JoinFollowers = c.options["followers"] == "join"
	opts.OrphansOnly = c.options["orphans-only"] == "yes"
	var objects []*elfobj.Object
	for _, f := range c.files {
		if strings.HasSuffix(f.name, ".lds") {
			s, err := ldscript.Parse(f.name, []byte(f.text))
			if err != nil {
				return "error: " + err.Error() + "\n"
			}
			opts.Script = s
			continue
		}
		o, err := elftext.Parse(f.name, f.text)
		if err != nil {
			t.Fatal(err)
		}
		if o, err = throughBytes(o); err != nil {
			return "error: " + err.Error() + "\n"
		}
		objects = append(objects, o)
	}
	out, err := Link(objects, opts)
	if err == nil {
		out, err = throughBytes(out)
	}
	if err != nil {
		return warnings.String() + "error: " + err.Error() + "\n"
	}
	return warnings.String() + elftext.Format(out)
}

func TestGolden(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatal("no golden files", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			c := readCase(t, path)
			got := c.run(t)
			if got == c.want {
				return
			}
			if *update {
				var b strings.Builder
				b.WriteString(c.head)
				for _, f := range append(c.files, namedText{"want", got}) {
					b.WriteString("-- " + f.name + " --\n" + f.text)
				}
				if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			t.Errorf("got:\n%s\nwant:\n%s", got, c.want)
		})
	}
}
