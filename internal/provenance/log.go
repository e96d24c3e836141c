// SPDX-License-Identifier: Apache-2.0

package provenance

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/execlog"
)

// emptyDigest is the SHA-256 of an empty file.
const emptyDigest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// logBuild is the build of an execution log.
type logBuild struct {
	name      string
	log       *execlog.Log
	flat      *execlog.Flattener
	root      string
	files     map[string]execlog.FileID
	ambiguous map[string]bool
	producers map[string]int
	made      map[string]int // by digest
}

// FromLog returns the build of an execution log. The name is for errors. Files whose
// contents are needed are below root, the execution root; they have to have the digests
// that the log says.
func FromLog(name string, log *execlog.Log, root string) (Build, error) {
	if len(log.Spawns) == 0 {
		return nil, &Fault{CauseBuild, name + " is the log of a build that executed nothing; build in an output base of its own"}
	}
	if log.HashFunction != "SHA-256" {
		return nil, errcode.LogUnsuitable.Errorf("%s: has digests of %q; build with --digest_function=sha256", name, log.HashFunction)
	}
	b := &logBuild{name, log, execlog.NewFlattener(log), root, map[string]execlog.FileID{}, map[string]bool{}, map[string]int{}, map[string]int{}}
	for i := range log.Files {
		f := &log.Files[i]
		if _, twice := b.files[f.Path]; twice {
			b.ambiguous[f.Path] = true
		}
		b.files[f.Path] = execlog.FileID(i)
	}
	for i := range log.Spawns {
		s := &log.Spawns[i]
		for _, id := range s.Outputs {
			f := &log.Files[id]
			b.producers[f.Path] = i
			// Of several, the one whose first output comes first: the order of a log is no property of the build.
			if j, ok := b.made[f.Hash]; !ok || firstOutput(log, i) < firstOutput(log, j) {
				b.made[f.Hash] = i
			}
		}
	}
	return b, nil
}

func (b *logBuild) Producer(path string) (int, bool) {
	i, ok := b.producers[path]
	return i, ok
}

func firstOutput(log *execlog.Log, spawn int) string {
	return log.Files[log.Spawns[spawn].Outputs[0]].Path
}

func (b *logBuild) Copied(digest string) (int, bool) {
	i, ok := b.made[digest]
	return i, ok
}

func (b *logBuild) Action(i int) (*Action, error) {
	s := &b.log.Spawns[i]
	if s.Status != "" || s.ExitCode != 0 {
		return nil, errcode.LogUnsuitable.Errorf("%s: %s of %s failed: exit code %d %s", b.name, s.Mnemonic, s.Label, s.ExitCode, s.Status)
	}
	a := &Action{Mnemonic: s.Mnemonic, Label: s.Label, Command: s.Args}
	for _, v := range s.Env {
		if a.Env == nil {
			a.Env = map[string]string{}
		}
		a.Env[v.Name] = v.Value
	}
	for _, id := range b.flat.Files(s.Inputs) {
		in := b.log.Files[id].Path
		if strings.HasPrefix(in, outputRoot) && mapped(in) == in {
			return nil, errcode.LogUnsuitable.Errorf("%s: %s of %s has mapped paths, such as %s, which do not say what made a file; build with --experimental_output_paths=off", b.name, s.Mnemonic, s.Label, in)
		}
		a.Inputs = append(a.Inputs, in)
	}
	for _, id := range s.Outputs {
		a.Outputs = append(a.Outputs, b.log.Files[id].Path)
	}
	return a, nil
}

func (b *logBuild) Digest(path string) (string, error) {
	id, ok := b.files[path]
	if !ok {
		return "", errcode.LogUnsuitable.Errorf("%s: has no digest of %s", b.name, path)
	}
	if b.ambiguous[path] {
		return "", errcode.LogUnsuitable.Errorf("%s: %s had different contents during the build; build again", b.name, path)
	}
	f := &b.log.Files[id]
	switch {
	case f.Target != "":
		return "", errcode.LogUnsuitable.Errorf("%s: %s is a symbolic link that was not resolved", b.name, path)
	case f.Hash == "" && f.Size == 0:
		return emptyDigest, nil
	case !hexDigest.MatchString(f.Hash):
		return "", errcode.LogUnsuitable.Errorf("%s: %s: %q is no SHA-256", b.name, path, f.Hash)
	}
	return f.Hash, nil
}

func (b *logBuild) Contents(path string) ([]byte, error) {
	want, err := b.Digest(path)
	if err != nil || want == emptyDigest {
		return nil, err
	}
	return readVerified(b.root, path, want)
}

// readVerified reads a file, which has to have a digest.
func readVerified(root, path, want string) ([]byte, error) {
	full := filepath.Join(root, filepath.FromSlash(path))
	data, err := os.ReadFile(full)
	if err != nil {
		return nil, errcode.BuildFileUnreadable.Errorf("%s: cannot be read: %v", full, err)
	}
	if got := sha256Hex(data); got != want {
		return nil, &Fault{CauseBuild, fmt.Sprintf("%s has SHA-256 %s, and the build had %s", full, got, want)}
	}
	return data, nil
}

func sha256Hex(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func (b *logBuild) OutputsOf(label string) []string {
	label = CanonicalLabel(label)
	var out []string
	for i := range b.log.Spawns {
		if s := &b.log.Spawns[i]; CanonicalLabel(s.Label) == label {
			for _, id := range s.Outputs {
				out = append(out, b.log.Files[id].Path)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// FileDigest returns the SHA-256 of a file.
func FileDigest(path string) (string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	return sha256Hex(data), nil
}
