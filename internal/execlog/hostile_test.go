// SPDX-License-Identifier: Apache-2.0

package execlog_test

import (
	"bytes"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/rules-hyp/rules_hyp/internal/execlog"
	. "github.com/rules-hyp/rules_hyp/internal/execlog/execlogtest"
)

// TestTruncated cuts a log of each format at every byte: it is an error, unless
// between two spawns, or in the part of a compact log that has nothing more.
func TestTruncated(t *testing.T) {
	for _, w := range writers {
		data := w.write(spawns())
		whole := map[int]bool{len(data): true, 0: true}
		for n := range spawns() {
			whole[len(w.write(spawns()[:n]))] = w.format != execlog.Compact
		}
		for n := range data {
			log, err := execlog.Read("log", data[:n:n])
			switch {
			case whole[n] && err != nil:
				t.Errorf("%s: %d of %d bytes: %v", w.name, n, len(data), err)
			case !whole[n] && err == nil:
				t.Errorf("%s: %d of %d bytes are read as %d spawns", w.name, n, len(data), len(log.Spawns))
			case err != nil && n > 200 && !strings.Contains(err.Error(), "the log ends inside"):
				t.Errorf("%s: %d of %d bytes: %v", w.name, n, len(data), err)
			}
		}
	}
}

// TestForeign has files that are no logs.
func TestForeign(t *testing.T) {
	pack := func(s string) string {
		z, _ := zstd.NewWriter(nil)
		return string(z.EncodeAll([]byte(s), nil))
	}
	for _, test := range []struct{ name, data, want string }{
		{"text", "This is a text of some lines.\nIt is no log.\n", "log: is no execution log; name a file that --execution_log_json_file"},
		{"source", "#include <stdio.h>\n", "log: is no execution log"},
		{"object", "\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00", "log: is no execution log"},
		{"array", "[1, 2]", "log: is no execution log"},
		{"zeros", strings.Repeat("\x00", 100), "no spawn of an execution log"},
		{"other JSON", `{"schema": 1}`, "is JSON, but no execution log: unknown field: SpawnExec has one with the name \"schema\""},
		{"empty object", `{}`, "is JSON, but no execution log: a spawn without commandArgs"},
		{"broken JSON", `{"commandArgs": [}`, `'}' where the JSON should have a string`},
		{"unknown word", `{"commandArgs": nil}`, "an unknown word in the JSON"},
		{"unknown escape", `{"commandArgs": ["\x"]}`, "an unknown escape in the JSON"},
		{"no number", `{"commandArgs": [], "timeoutMillis": "many"}`, `a number that is none: "many"`},
		{"future JSON", string(JSON(spawns())) + `{"commandArgs": [], "sandbox": true}`, "unknown field: SpawnExec has one with the name \"sandbox\"; known are the logs of Bazel 7.1 to 8"},
		{"deep JSON", `{"commandArgs": [], "metrics": ` + strings.Repeat("[", 1000), "nested too deep"},
		{"two functions", strings.Replace(string(JSON(spawns())), `"hashFunctionName": "SHA-256"`, `"hashFunctionName": "BLAKE3"`, 1), "in one log"},
		{"packed text", pack("This is a text of some lines.\nIt is no log.\n"), "log: +0x0: "},
		{"packed zeros", pack(strings.Repeat("\x00", 100)), "no entry of an execution log"},
		{"broken frame", "\x28\xb5\x2f\xfd" + strings.Repeat("\xff", 100), "log: +0x0: "},
		{"long entry", pack("\xff\xff\xff\xff\xff\x01"), "an entry of 68719476735 bytes"},
	} {
		log, err := execlog.Read("log", []byte(test.data))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, %v; want %q", test.name, log, err, test.want)
		}
	}
}

// memory returns how many bytes f allocates in all.
func memory(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestClaims has lengths that are not there, and frames that unpack to very much.
func TestClaims(t *testing.T) {
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	// An entry of 256 MiB of which nothing is there, and one of 64 MiB of zeros.
	claims := z.EncodeAll([]byte{0x80, 0x80, 0x80, 0x80, 0x01}, nil)
	zeros := z.EncodeAll(append([]byte{0x80, 0x80, 0x80, 0x20}, make([]byte, 64<<20)...), nil)
	for name, test := range map[string]struct {
		data []byte
		max  uint64
	}{
		"claimed":        {claims, 32 << 20},
		"zeros":          {zeros, 512 << 20},
		"binary":         {[]byte{0xff, 0xff, 0xff, 0xff, 0x0f, 0x0a, 1, 'x'}, 1 << 20},
		"claimed window": {[]byte{0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xff, 0x01, 0, 0}, 32 << 20},
	} {
		used := memory(func() {
			if log, err := execlog.Read("log", test.data); err == nil {
				t.Errorf("%s: %v", name, log)
			}
		})
		if used > test.max {
			t.Errorf("%s: %d bytes allocated, want at most %d", name, used, test.max)
		}
	}
}

// TestMultiplied has a small log whose runfiles trees together have more files than
// fit in the memory that it may need.
func TestMultiplied(t *testing.T) {
	e := NewEntries()
	var ids []uint32
	for i := range 2000 {
		ids = append(ids, e.File(File{Path: strings.Repeat("x", 200) + string(rune('a'+i%26)) + strings.Repeat("y", i/26), Content: "1"}))
	}
	set := e.Add(6, IDs(5, ids...))
	for i := range 5000 {
		e.Add(10, Text(1, strings.Repeat("t", 1+i)), Number(2, set))
	}
	data := e.Pack()
	if len(data) > 8<<20 {
		t.Fatalf("%d bytes", len(data))
	}
	used := memory(func() {
		_, err := execlog.ReadWithin("log", data, 32<<20)
		if err == nil || !strings.Contains(err.Error(), "the log needs more than 32 MiB of memory; write a compact log") {
			t.Errorf("%v", err)
		}
	})
	if max := uint64(256 << 20); used > max {
		t.Errorf("%d bytes allocated, want at most %d", used, max)
	}
}

func FuzzRead(f *testing.F) {
	for _, w := range writers {
		f.Add(w.write(spawns()), false)
	}
	// Mutated frames hardly ever unpack: the entries themselves, packed by the test.
	e := NewEntries()
	list := spawns()
	e.Spawn(&list[0])
	tree := e.Add(4, Text(1, "tree"), Message(2, Text(1, "a")))
	set := e.Add(6, IDs(5, tree, 1))
	links := e.Add(9, Message(1, Text(1, "pkg/data"), Number(2, tree)))
	runfiles := e.Add(10, Text(1, "r"), Number(2, set), Number(3, links), Number(4, e.Add(9, IDs(2, links))), Text(5, "e"), Number(7, 1))
	spawnOf(e, e.Add(6, IDs(4, set), IDs(5, runfiles)))
	f.Add(e.Unpacked, true)
	f.Fuzz(func(t *testing.T, data []byte, pack bool) {
		if pack {
			data = (&Entries{Unpacked: data}).Pack()
		}
		log, err := execlog.Read("log", data)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n") || !strings.HasPrefix(err.Error(), "log: ") {
				t.Errorf("%q", err)
			}
			return
		}
		flat := execlog.NewFlattener(log)
		for i := range log.Spawns {
			flat.Inputs(&log.Spawns[i])
			for _, id := range log.Spawns[i].Outputs {
				_ = log.Files[id]
			}
		}
		for i := range log.Sets {
			for _, id := range log.Sets[i].Sets {
				if int(id) >= i {
					t.Errorf("set %d refers to set %d", i, id)
				}
			}
		}
		if again, err := execlog.Read("log", bytes.Clone(data)); err != nil || len(again.Files) != len(log.Files) {
			t.Errorf("read twice: %v", err)
		}
	})
}
