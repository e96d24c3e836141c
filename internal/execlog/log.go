// SPDX-License-Identifier: Apache-2.0

// Package execlog reads Bazel's execution logs: what a build executed, with which
// inputs, and what came out.
//
// Bazel writes one of three formats, of --execution_log_json_file,
// --execution_log_binary_file and --execution_log_compact_file. [Read] tells them
// apart by their contents and makes the same [Log] of each. Known are the fields of
// Bazel 7.1 to 8; anything else in a log is an error, as it may change what the rest
// means.
//
// An action whose result was in Bazel's own action cache is in no log: the log of a
// build that had nothing to do is empty.
package execlog

// Format is how a log is written.
type Format int

// The formats, by the option of Bazel that writes them.
const (
	Empty   Format = iota // a log without anything: JSON or binary, of a build that executed nothing
	JSON                  // --execution_log_json_file
	Binary                // --execution_log_binary_file
	Compact               // --execution_log_compact_file
)

func (f Format) String() string { return [...]string{"empty", "JSON", "binary", "compact"}[f] }

// Known says which versions of Bazel write what this package reads.
const Known = "Bazel 7.1 to 8"

// FileID is an index of Log.Files.
type FileID uint32

// SetID is an index of Log.Sets. Set 0 is empty.
type SetID uint32

// Log is an execution log. Files and sets are shared among the spawns.
type Log struct {
	Format Format
	// HashFunction is the digest function, such as "SHA-256". It is empty if no digest is
	// in the log.
	HashFunction string
	// Invocation is the ID of the build. Only a compact log of Bazel 7.4 or later has it.
	Invocation string
	Files      []File // each once
	Sets       []Set
	Spawns     []Spawn         // in the order of the log
	Symlinks   []SymlinkAction // only in a compact log of Bazel 7.4 or later
}

// File is a file or an unresolved symlink at a path: one for each content that the
// path had.
type File struct {
	Path string // relative to the execution root
	// Hash is the digest in lowercase hexadecimal. It is empty for an unresolved symlink,
	// and may be for an empty file.
	Hash string
	Size int64
	// Target is what an unresolved symlink contains. It is empty for a file.
	Target string
}

// Set is a set of files: its own, and all those of other sets. A directory and the
// runfiles of a program are sets of the files in them; a directory without any file
// is a set without any.
type Set struct {
	Path  string // of a directory or runfiles tree; or empty
	Files []FileID
	Sets  []SetID // each smaller than the set's own
}

// Var is an environment variable or a property of the execution platform.
type Var struct{ Name, Value string }

// Spawn is one executed command of an action. Most actions have one; a test has more.
type Spawn struct {
	Mnemonic string
	Label    string // of the target, canonical; or empty
	Args     []string
	Env      []Var // as in the log
	Platform []Var // execution properties; as in the log
	Inputs   SetID
	Tools    SetID    // those of Inputs that are tools
	Listed   []string // paths of the declared outputs, sorted
	// Outputs are the files that were made, those in directories one by one, sorted by path.
	Outputs []FileID
	// Runner is what executed the command, such as "linux-sandbox", or "disk cache hit", or
	// "remote cache hit".
	Runner          string
	CacheHit        bool   // a disk or remote cache had the result
	Status          string // of a failure; or empty
	ExitCode        int32
	Remotable       bool // allowed to run remotely
	Cacheable       bool // allowed to be cached
	RemoteCacheable bool // allowed to be cached remotely
	TimeoutMillis   int64
	// Digest is the one of the action, in lowercase hexadecimal. It is there if a disk or
	// remote cache, or remote execution was in use.
	Digest     string
	DigestSize int64
}

// SymlinkAction is an action that made a symlink to a file, without a spawn.
type SymlinkAction struct {
	Input, Output   string // paths
	Label, Mnemonic string
}
