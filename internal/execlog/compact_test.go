// SPDX-License-Identifier: Apache-2.0

package execlog_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/rules-hyp/rules_hyp/internal/execlog"
	. "github.com/rules-hyp/rules_hyp/internal/execlog/execlogtest"
)

// inputsOf returns the inputs of the last spawn of a compact log, as lines.
func inputsOf(t *testing.T, e *Entries) []string {
	t.Helper()
	log, err := execlog.Read("log", e.Pack())
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, in := range execlog.NewFlattener(log).Inputs(&log.Spawns[len(log.Spawns)-1]) {
		lines = append(lines, fmt.Sprintf("%s=%d%s", in.Path, in.Size, in.Target))
	}
	return lines
}

// spawnOf adds a spawn with an input set.
func spawnOf(e *Entries, set uint32) { e.Raw(Message(7, Text(1, "run"), Number(4, set))) }

func file(path, content string) []byte {
	return Message(2, Text(1, path), DigestOf(2, content, ""))
}

// TestDirectories has directories as inputs and outputs, with the fields of Bazel 7.1
// and with those of 7.4.
func TestDirectories(t *testing.T) {
	for _, fields := range [][3]uint32{{1, 2, 3}, {5, 5, 5}} {
		e := NewEntries()
		directory := e.Add(4, Text(1, "tree"), file("a", "1"), file("sub/b", "22"))
		empty := e.Add(4, Text(1, "nothing"))
		plain := e.File(File{Path: "plain", Content: "333"})
		link := e.File(File{Path: "link", Target: "plain"})
		set := e.Add(6, IDs(protowire.Number(fields[0]), plain), Number(protowire.Number(fields[1]), directory), IDs(protowire.Number(fields[1]), empty), IDs(protowire.Number(fields[2]), link))
		e.Raw(Message(7, Text(1, "run"), Number(4, set), Message(6, Number(protowire.Number(fields[1]), directory)), Message(6, Number(protowire.Number(fields[2]), link))))
		want := []string{"link=0plain", "plain=3", "tree/a=1", "tree/sub/b=2"}
		if have := inputsOf(t, e); !slices.Equal(have, want) {
			t.Errorf("%v: inputs %q, want %q", fields, have, want)
		}
		log, err := execlog.Read("log", e.Pack())
		if err != nil {
			t.Fatal(err)
		}
		s := log.Spawns[0]
		if want := []string{"link", "tree"}; !slices.Equal(s.Listed, want) || len(s.Outputs) != 3 {
			t.Errorf("%v: outputs %q, %v", fields, s.Listed, s.Outputs)
		}
	}
}

// TestRunfiles puts a tree together: symlinks, artifacts, empty files, root symlinks
// and the repository mapping, of which later ones are there if two have one path.
func TestRunfiles(t *testing.T) {
	e := NewEntries()
	source := e.File(File{Path: "pkg/data", Content: "1"})
	generated := e.File(File{Path: "bazel-out/k8-opt/bin/pkg/tool", Content: "22"})
	external := e.File(File{Path: "bazel-out/k8-opt/bin/external/lib+/x", Content: "333"})
	tree := e.Add(4, Text(1, "bazel-out/k8-opt/bin/pkg/tree"), file("leaf", "55555"))
	inner := e.Add(6, IDs(5, source))
	set := e.Add(6, IDs(4, inner), IDs(5, generated, external, tree))
	symlinks := e.Add(9, Message(1, Text(1, "pkg/data"), Number(2, generated)), Message(1, Text(1, "../other/s"), Number(2, generated)), Message(1, Text(1, "dir"), Number(2, tree)), Message(1, Text(1, "none")))
	outer := e.Add(9, Message(1, Text(1, "pkg/s"), Number(2, source)), IDs(2, symlinks))
	roots := e.Add(9, Message(1, Text(1, "root"), Number(2, source)))
	for _, test := range []struct {
		legacy bool
		want   []string
	}{
		{false, []string{"_main/dir/leaf=5", "_main/none=0", "_main/pkg/__init__.py=0", "_main/pkg/data=1", "_main/pkg/s=1", "_main/pkg/tool=2", "_main/pkg/tree/leaf=5", "_repo_mapping=4", "lib+/x=3", "other/__init__.py=0", "other/s=2", "root=1"}},
		{true, []string{"_main/dir/leaf=5", "_main/external/lib+/x=3", "_main/external/other/s=2", "_main/none=0", "_main/pkg/__init__.py=0", "_main/pkg/data=1", "_main/pkg/s=1", "_main/pkg/tool=2", "_main/pkg/tree/leaf=5", "_repo_mapping=4", "lib+/x=3", "other/__init__.py=0", "other/s=2", "root=1"}},
	} {
		fields := [][]byte{Text(1, "t.runfiles"), Number(2, set), Number(3, outer), Number(4, roots), Text(5, "pkg/__init__.py"), Text(5, "../other/__init__.py"), Message(6, DigestOf(2, "4444", ""))}
		if test.legacy {
			fields = append(fields, Number(7, 1))
		}
		runfiles := e.Add(10, fields...)
		spawnOf(e, e.Add(6, IDs(5, runfiles)))
		have := inputsOf(t, e)
		for i := range test.want {
			test.want[i] = "t.runfiles/" + test.want[i]
		}
		if !slices.Equal(have, test.want) {
			t.Errorf("legacy %v:\nhave %q\nwant %q", test.legacy, have, test.want)
		}
	}
	// A tree without anything of the main repository has a file that makes its directory.
	only := e.Add(6, IDs(5, external))
	spawnOf(e, e.Add(6, IDs(5, e.Add(10, Text(1, "u.runfiles"), Number(2, only)))))
	if have, want := inputsOf(t, e), []string{"u.runfiles/_main/.runfile=0", "u.runfiles/lib+/x=3"}; !slices.Equal(have, want) {
		t.Errorf("have %q, want %q", have, want)
	}
}

// TestSiblingLayout has runfiles of a build with external repositories beside the main
// one.
func TestSiblingLayout(t *testing.T) {
	e := NewEntries()
	e.Unpacked = nil
	e.Raw(Message(2, Text(1, "SHA-256"), Text(2, "_main"), Number(3, 1)))
	var ids []uint32
	for _, path := range []string{"../lib/src", "bazel-out/lib/k8-opt/bin/made", "bazel-out/k8-opt/bin/mine", "own"} {
		ids = append(ids, e.File(File{Path: path, Content: "1"}))
	}
	spawnOf(e, e.Add(6, IDs(5, e.Add(10, Text(1, "r"), Number(2, e.Add(6, IDs(5, ids...)))))))
	want := []string{"r/_main/mine=1", "r/_main/own=1", "r/lib/made=1", "r/lib/src=1"}
	if have := inputsOf(t, e); !slices.Equal(have, want) {
		t.Errorf("have %q, want %q", have, want)
	}
}

// TestSymlinkAction has an action without a spawn.
func TestSymlinkAction(t *testing.T) {
	e := NewEntries()
	e.Raw(Message(8, Text(1, "in"), Text(2, "out"), Text(3, "//x"), Text(4, "Symlink")))
	log, err := execlog.Read("log", e.Pack())
	if want := []execlog.SymlinkAction{{Input: "in", Output: "out", Label: "//x", Mnemonic: "Symlink"}}; err != nil || !reflect.DeepEqual(log.Symlinks, want) {
		t.Errorf("%v, %v, want %v", log, err, want)
	}
}

// TestReferences has entries that refer to what is not there, or is something else.
func TestReferences(t *testing.T) {
	for _, test := range []struct {
		name, want string
		write      func(e *Entries)
	}{
		{"input before its file", "refers to entry 7, which is not before it", func(e *Entries) { e.Add(6, IDs(5, 7)) }},
		{"itself", "refers to entry 1, which is not before it", func(e *Entries) { e.Add(6, IDs(4, 1)) }},
		{"file as a set", "refers to entry 1, which is a file, as an input set", func(e *Entries) { e.Add(6, IDs(4, e.File(File{Path: "x"}))) }},
		{"set as an input", "refers to entry 1, which is an input set, as an input", func(e *Entries) { e.Add(6, IDs(5, e.Add(6))) }},
		{"set as an output", "refers to entry 1, which is an input set, as an output", func(e *Entries) { e.Raw(Message(7, Message(6, Number(5, e.Add(6))))) }},
		{"file as inputs", "refers to entry 1, which is a file, as an input set", func(e *Entries) { spawnOf(e, e.File(File{Path: "x"})) }},
		{"directory as symlinks", "as a set of runfiles symlinks", func(e *Entries) { e.Add(10, Number(3, e.Add(4, Text(1, "d")))) }},
		{"set as a runfile", "which is an input set, as a runfile", func(e *Entries) {
			e.Add(10, Number(3, e.Add(9, Message(1, Text(1, "a"), Number(2, e.Add(6))))))
		}},
		{"two of one ID", "a second entry 1", func(e *Entries) { e.Add(6); e.Raw(Number(1, 1), Message(6)) }},
		{"two types", "an entry of two types", func(e *Entries) { e.Raw(Message(6), Message(6)) }},
		{"no type", "an entry without a type", func(e *Entries) { e.Raw(Number(1, 1)) }},
		{"unknown type", "unknown type of entry: number 11; known are the logs of Bazel 7.1 to 8", func(e *Entries) { e.Add(11) }},
		{"unknown field", "unknown field: Spawn has one with the number 19 and the wire type 0; known are", func(e *Entries) { e.Raw(Message(7, Number(19, 1))) }},
		{"other wire type", "unknown field: Spawn has one with the number 1 and the wire type 0", func(e *Entries) { e.Raw(Message(7, Number(1, 1))) }},
		{"fixed64", "wire type 1", func(e *Entries) { e.Raw(Message(7, []byte{1<<3 | 1, 0, 0, 0, 0, 0, 0, 0, 0})) }},
		{"field too long", "field 1 of Spawn goes beyond its end", func(e *Entries) { e.Raw(Message(7, []byte{1<<3 | 2, 9, 'x'})) }},
		{"no path", "a file without a path", func(e *Entries) { e.Add(3) }},
		{"two digest functions", `digests of "SHA-256" and of "BLAKE3" in one log`, func(e *Entries) { e.Raw(Message(2, Text(1, "BLAKE3"))) }},
	} {
		e := NewEntries()
		test.write(e)
		_, err := execlog.Read("log", e.Pack())
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "log: +0x") {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
}
