// SPDX-License-Identifier: Apache-2.0

package execlogtest

import (
	"slices"

	"github.com/klauspost/compress/zstd"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/rules-hyp/rules_hyp/internal/execlog"
)

// Text returns a field of a message with text.
func Text(number protowire.Number, s string) []byte {
	return protowire.AppendString(protowire.AppendTag(nil, number, protowire.BytesType), s)
}

// Number returns a field of a message with a number.
func Number[T ~uint32 | ~int | ~int64 | ~int32](number protowire.Number, v T) []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, number, protowire.VarintType), uint64(v))
}

// Message returns a field of a message with a message of the given fields.
func Message(number protowire.Number, fields ...[]byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, number, protowire.BytesType), slices.Concat(fields...))
}

// IDs returns a packed field with numbers.
func IDs(number protowire.Number, ids ...uint32) []byte {
	var packed []byte
	for _, id := range ids {
		packed = protowire.AppendVarint(packed, uint64(id))
	}
	return Message(number, packed)
}

// DigestOf returns a Digest field of contents.
func DigestOf(number protowire.Number, content, function string) []byte {
	fields := [][]byte{Text(1, Digest(content)), Number(2, len(content))}
	if function != "" {
		fields = append(fields, Text(3, function))
	}
	return Message(number, fields...)
}

func flag(number protowire.Number, set bool) []byte {
	if !set {
		return nil
	}
	return Number(number, 1)
}

// Binary returns the log of --execution_log_binary_file.
func Binary(spawns []Spawn) []byte {
	var out []byte
	for i := range spawns {
		s := &spawns[i]
		tools := map[string]bool{}
		for _, f := range s.Tool.files() {
			tools[f.Path] = true
		}
		m := variables(2, s.Env)
		m = append(texts(1, s.Args), m...)
		m = append(m, Message(3, variables(1, s.Platform))...)
		for _, f := range s.In.files() {
			m = append(m, Message(4, expanded(f), flag(3, tools[f.Path]))...)
		}
		m = append(m, texts(5, s.listed())...)
		m = append(m, slices.Concat(flag(6, s.Remotable), flag(7, s.Cacheable), Number(8, s.TimeoutMillis), Text(10, s.Mnemonic))...)
		for _, f := range s.Out {
			m = append(m, Message(11, expanded(f))...)
		}
		m = append(m, slices.Concat(Text(12, s.Runner), flag(13, s.CacheHit), Text(14, s.Status), Number(15, s.ExitCode),
			flag(16, s.RemoteCacheable), Text(18, s.Label), actionDigest(19, s, "SHA256"), Message(20, Number(11, 12)))...)
		out = protowire.AppendBytes(out, m)
	}
	return out
}

func texts(number protowire.Number, list []string) (m []byte) {
	for _, s := range list {
		m = append(m, Text(number, s)...)
	}
	return m
}

func variables(number protowire.Number, list []execlog.Var) (m []byte) {
	for _, v := range list {
		m = append(m, Message(number, Text(1, v.Name), Text(2, v.Value))...)
	}
	return m
}

// expanded returns the fields of a File of a SpawnExec.
func expanded(f File) []byte {
	if f.Target != "" {
		return slices.Concat(Text(1, f.Path), Text(4, f.Target))
	}
	return slices.Concat(Text(1, f.Path), DigestOf(2, f.Content, "SHA-256"))
}

func actionDigest(number protowire.Number, s *Spawn, function string) []byte {
	if s.Digest == "" {
		return nil
	}
	fields := slices.Concat(Text(1, s.Digest), Number(2, s.DigestSize))
	if function != "" {
		fields = append(fields, Text(3, function)...)
	}
	return Message(number, fields)
}

// Entries are the entries of a compact log.
type Entries struct {
	Unpacked []byte
	last     uint32
	files    map[File]uint32
	sets     map[*Set]uint32
}

// NewEntries returns the Invocation.
func NewEntries() *Entries {
	e := &Entries{files: map[File]uint32{}, sets: map[*Set]uint32{}}
	e.Raw(Message(2, Text(1, "SHA-256"), Text(2, "_main"), Text(4, "12345678-1234-1234-1234-123456789abc")))
	return e
}

// Raw adds an entry of the given fields.
func (e *Entries) Raw(fields ...[]byte) {
	e.Unpacked = protowire.AppendBytes(e.Unpacked, slices.Concat(fields...))
}

// Add adds an entry of a type that has the given fields, and returns its ID.
func (e *Entries) Add(number protowire.Number, fields ...[]byte) uint32 {
	e.last++
	e.Raw(Number(1, e.last), Message(number, fields...))
	return e.last
}

// File adds a file or symlink, once.
func (e *Entries) File(f File) uint32 {
	id, ok := e.files[f]
	switch {
	case ok:
		return id
	case f.Target != "":
		id = e.Add(5, Text(1, f.Path), Text(2, f.Target))
	default:
		id = e.Add(3, Text(1, f.Path), DigestOf(2, f.Content, ""))
	}
	e.files[f] = id
	return id
}

// Set adds an input set, once.
func (e *Entries) Set(s *Set) uint32 {
	if s == nil {
		return 0
	}
	if id, ok := e.sets[s]; ok {
		return id
	}
	var files, sets []uint32
	for _, set := range s.Sets {
		sets = append(sets, e.Set(set))
	}
	for _, f := range s.Files {
		files = append(files, e.File(f))
	}
	id := e.Add(6, IDs(4, sets...), IDs(5, files...))
	e.sets[s] = id
	return id
}

// Spawn adds a spawn.
func (e *Entries) Spawn(s *Spawn) {
	in, tool := e.Set(s.In), e.Set(s.Tool)
	var outputs []byte
	made := map[string]bool{}
	for _, f := range s.Out {
		made[f.Path] = true
		outputs = append(outputs, Message(6, Number(5, e.File(f)))...)
	}
	for _, path := range s.listed() {
		if !made[path] {
			outputs = append(outputs, Message(6, Text(4, path))...)
		}
	}
	e.Raw(Message(7, texts(1, s.Args), variables(2, s.Env), Message(3, variables(1, s.Platform)), Number(4, in), Number(5, tool), outputs,
		Text(7, s.Label), Text(8, s.Mnemonic), Number(9, s.ExitCode), Text(10, s.Status), Text(11, s.Runner), flag(12, s.CacheHit),
		flag(13, s.Remotable), flag(14, s.Cacheable), flag(15, s.RemoteCacheable), actionDigest(16, s, ""), Number(17, s.TimeoutMillis),
		Message(18, Number(11, 12))))
}

// Pack returns the log of --execution_log_compact_file.
func (e *Entries) Pack() []byte {
	z, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err != nil {
		panic(err)
	}
	return z.EncodeAll(e.Unpacked, nil)
}

// Compact returns the log of --execution_log_compact_file.
func Compact(spawns []Spawn) []byte {
	e := NewEntries()
	for i := range spawns {
		e.Spawn(&spawns[i])
	}
	return e.Pack()
}
