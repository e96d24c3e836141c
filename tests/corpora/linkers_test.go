// SPDX-License-Identifier: Apache-2.0

package corpora_test

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/tests/divergences"
	"github.com/rules-hyp/rules_hyp/tests/elfdump"
)

// tolerated are the differences of docs/divergences.md for each archive.
var tolerated = map[string][]string{
	"libc.a":      {"group-section-symbol", "tls-alignment"},
	"libm.a":      {editedFrames},
	"libstdc++.a": {editedFrames, "group-section-symbol", "group-signature-symbol"},
}

// editedFrames is tolerated by comparing decoded unwind information.
const editedFrames = "edited-frames"

// GNU ld links all members to an equivalent object.
func TestWholeArchivesAsGNU(t *testing.T) {
	readelf, err := filepath.Abs("toolchain/peers/readelf")
	if err != nil {
		t.Fatal(err)
	}
	for i := range archives {
		a := &archives[i]
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			joined, _ := a.split(t, dir)
			hyplink(t, dir, "link", "--whole-archive", "--group=keep", "-o", "got.o", joined)
			peer(t, dir, "ld", "-maarch64linux", "-r", "-o", "want.o", "--whole-archive", joined)
			read := func(name string) *elfdump.Object {
				o, err := elfdump.Read([]string{readelf}, filepath.Join(dir, name))
				if err != nil {
					t.Fatal(err)
				}
				return o
			}
			want, got := read("want.o"), read("got.o")

			// Linking the result again does not change it.
			hyplink(t, dir, "link", "--group=keep", "-o", "again.o", "got.o")
			again, _ := elfdump.Diff(got, read("again.o"), nil)
			report(t, "after linking again", again)

			var need []string
			ids := tolerated[a.name]
			if slices.Contains(ids, editedFrames) {
				if !bytes.Equal(frameBytes(t, want), frameBytes(t, got)) {
					need = append(need, editedFrames)
				}
				wantFrames, gotFrames := frames(t, want), frames(t, got)
				if len(wantFrames) < 500 {
					t.Fatalf("got %d functions with unwind information, want many", len(wantFrames))
				}
				report(t, "from GNU ld in unwind information", difference(wantFrames, gotFrames))
				withoutFrames(want)
				withoutFrames(got)
			}
			tolerances, err := divergences.ByID(slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return id == editedFrames })...)
			if err != nil {
				t.Fatal(err)
			}
			diff, used := elfdump.Diff(want, got, tolerances)
			report(t, "from GNU ld", diff)
			for _, id := range ids {
				if !slices.Contains(append(need, used...), id) {
					t.Errorf("%s is not needed; remove it", id)
				}
			}
		})
	}
}

// difference returns the lines that only one of two sorted lists has.
func difference(want, got []string) []string {
	var diff []string
	for i, j := 0, 0; i < len(want) || j < len(got); {
		switch {
		case j == len(got) || i < len(want) && want[i] < got[j]:
			diff = append(diff, "- "+want[i])
			i++
		case i == len(want) || got[j] < want[i]:
			diff = append(diff, "+ "+got[j])
			j++
		default:
			i, j = i+1, j+1
		}
	}
	return diff
}

// report fails a test if there are differences, and prints the first ones.
func report(t *testing.T, what string, diff []string) {
	t.Helper()
	if len(diff) > 0 {
		t.Errorf("%d lines differ %s (+ only in hyplink's result):\n%s", len(diff), what, strings.Join(diff[:min(len(diff), 20)], "\n"))
	}
}
