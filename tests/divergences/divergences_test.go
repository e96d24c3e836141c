// SPDX-License-Identifier: Apache-2.0

package divergences

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// fields are the fields of an entry in the document.
var fields = []string{"GNU", "lld", "hyplink", "Reason", "Held by"}

// entries returns the document's entries: the text below each heading.
func entries(t *testing.T) map[string]string {
	t.Helper()
	data, err := os.ReadFile(os.Getenv("DOCUMENT"))
	if err != nil {
		t.Fatalf("%v; run this by `bazel test`", err)
	}
	out := map[string]string{}
	for _, part := range strings.Split(string(data), "\n## ")[1:] {
		id, text, _ := strings.Cut(part, "\n")
		if out[id] != "" {
			t.Errorf("docs/divergences.md: duplicate %s", id)
		}
		out[id] = text
	}
	return out
}

// The IDs in the tests and in the document are the same.
func TestDocumented(t *testing.T) {
	documented := entries(t)
	ids := slices.Concat(OfInputs, OfCases)
	for _, r := range Refusals {
		ids = append(ids, r.ID)
	}
	for _, id := range ids {
		if _, ok := documented[id]; !ok {
			t.Errorf("docs/divergences.md has no entry %s", id)
		}
	}
	for _, d := range All {
		if slices.Contains(ids, d.ID) {
			t.Errorf("%s is defined twice", d.ID)
		}
		ids = append(ids, d.ID)
		if _, ok := documented[d.ID]; !ok {
			t.Errorf("docs/divergences.md has no entry %s", d.ID)
		}
		if (d.Match == nil) == (d.Canon == nil) || d.Match != nil && d.Only != "want" && d.Only != "got" {
			t.Errorf("%s: want Match with Only want or got, or Canon", d.ID)
		}
	}
	for id, text := range documented {
		if !slices.Contains(ids, id) {
			t.Errorf("docs/divergences.md has an entry %s, which no test accepts; remove it", id)
		}
		for _, f := range fields {
			if !strings.Contains(text, "- **"+f+"**: ") {
				t.Errorf("docs/divergences.md: %s has no field %q", id, f)
			}
		}
	}
}

var label = regexp.MustCompile("`//([a-z0-9/_]+):([a-z0-9_]+)`")

// Each entry names at least one test, and these tests name the entry.
func TestHeldBy(t *testing.T) {
	users := map[string]string{} // path -> text
	for _, path := range strings.Fields(os.Getenv("USERS")) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		users[path] = string(data)
	}
	for id, text := range entries(t) {
		_, held, _ := strings.Cut(text, "- **Held by**: ")
		labels := label.FindAllStringSubmatch(held, -1)
		if len(labels) == 0 {
			t.Errorf("docs/divergences.md: %s names no test", id)
		}
		for _, l := range labels {
			found := false
			for path, user := range users {
				if strings.HasPrefix(path, l[1]+"/") && strings.Contains(user, `"`+id+`"`) {
					found = true
				}
			}
			if !found {
				t.Errorf("docs/divergences.md: %s names //%s:%s, but nothing there refers to it", id, l[1], l[2])
			}
		}
	}
}

func TestByID(t *testing.T) {
	if _, err := ByID("no-such-divergence"); err == nil {
		t.Error("an unknown ID was accepted")
	}
	got, err := ByID(All[0].ID)
	if err != nil || len(got) != 1 || got[0].ID != All[0].ID {
		t.Errorf("got %v, %v", got, err)
	}
}
