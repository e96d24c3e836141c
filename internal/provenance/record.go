// SPDX-License-Identifier: Apache-2.0

package provenance

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// record is the build that the aspect of the rules recorded.
type record struct {
	name      string
	root      string
	actions   []*Action
	producers map[string]int
	digests   map[string]string
	made      map[string]int // by digest; nil until somebody asks
}

// recordLine is a line of a record: an action.
type recordLine struct {
	Mnemonic string            `json:"mnemonic"`
	Label    string            `json:"label"`
	Command  []string          `json:"command"`
	Env      map[string]string `json:"env"`
	Inputs   []string          `json:"inputs"`
	Outputs  []string          `json:"outputs"`
}

// maxLine is how long a line of a record may be, in bytes.
const maxLine = 64 << 20

// FromRecord returns the build of a record: a JSON object a line, one for each action
// with a command. Digests are those of the files below root.
func FromRecord(name string, text []byte, root string) (Build, error) {
	r := &record{name: name, root: root, producers: map[string]int{}, digests: map[string]string{}}
	in := bufio.NewScanner(bytes.NewReader(text))
	in.Buffer(nil, maxLine)
	for n := 1; in.Scan(); n++ {
		if len(bytes.TrimSpace(in.Bytes())) == 0 {
			continue
		}
		var l recordLine
		d := json.NewDecoder(bytes.NewReader(in.Bytes()))
		d.DisallowUnknownFields()
		if err := d.Decode(&l); err != nil {
			return nil, errcode.RecordMalformed.Errorf("%s:%d: is no action of a record: %v", name, n, err)
		}
		if _, err := d.Token(); !errors.Is(err, io.EOF) || len(l.Command) == 0 || len(l.Outputs) == 0 {
			return nil, errcode.RecordMalformed.Errorf("%s:%d: is no action of a record: it needs a command and outputs", name, n)
		}
		if len(l.Env) == 0 {
			l.Env = nil
		}
		a := &Action{l.Mnemonic, l.Label, l.Command, l.Env, l.Inputs, l.Outputs}
		for _, out := range a.Outputs {
			if i, twice := r.producers[out]; twice && !r.actions[i].sameRun(a) {
				return nil, errcode.RecordMalformed.Errorf("%s:%d: two actions make %s", name, n, out)
			}
			r.producers[out] = len(r.actions)
		}
		r.actions = append(r.actions, a)
	}
	if err := in.Err(); err != nil {
		return nil, errcode.RecordMalformed.Errorf("%s: cannot be read: %v", name, err)
	}
	return r, nil
}

// sameRun reports whether two lines are about one action, which several targets share.
func (a *Action) sameRun(b *Action) bool {
	return slices.Equal(a.Command, b.Command) && slices.Equal(a.Inputs, b.Inputs) && reflect.DeepEqual(a.Env, b.Env)
}

func (r *record) Producer(path string) (int, bool) {
	i, ok := r.producers[path]
	return i, ok
}

func (r *record) Copied(digest string) (int, bool) {
	if r.made == nil {
		r.made = map[string]int{}
		for i, a := range r.actions {
			for _, out := range a.Outputs {
				// What cannot be read is no file that another one is a copy of.
				d, err := r.Digest(out)
				if j, ok := r.made[d]; err == nil && (!ok || slices.Min(a.Outputs) < slices.Min(r.actions[j].Outputs)) {
					r.made[d] = i
				}
			}
		}
	}
	i, ok := r.made[digest]
	return i, ok
}

func (r *record) Action(i int) (*Action, error) { return r.actions[i], nil }

func (r *record) Digest(path string) (string, error) {
	if d, ok := r.digests[path]; ok {
		return d, nil
	}
	d, err := digestOf(filepath.Join(r.root, filepath.FromSlash(path)))
	if err != nil {
		return "", fmt.Errorf("%s: %w", r.name, err)
	}
	r.digests[path] = d
	return d, nil
}

func (r *record) Contents(path string) ([]byte, error) {
	want, err := r.Digest(path)
	if err != nil {
		return nil, err
	}
	return readVerified(r.root, path, want)
}

func (r *record) OutputsOf(label string) []string {
	label = CanonicalLabel(label)
	var out []string
	for _, a := range r.actions {
		if CanonicalLabel(a.Label) == label {
			out = append(out, a.Outputs...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// digestOf is the SHA-256 of a file, or the dirHash of a directory.
func digestOf(path string) (string, error) {
	st, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !st.IsDir() {
		data, err := os.ReadFile(path)
		return sha256Hex(data), err
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return "", err
	}
	var files []File
	err = filepath.WalkDir(real, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(real, p)
		files = append(files, File{filepath.ToSlash(rel), sha256Hex(data)})
		return err
	})
	return DirHash(files), err
}
