// SPDX-License-Identifier: Apache-2.0

// Package execlogtest writes execution logs for tests, in the three formats of Bazel
// 7.7.
package execlogtest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/rules-hyp/rules_hyp/internal/execlog"
)

// Spawn is a spawn: In, Tool and Out are for the fields Inputs, Tools, Outputs and, if
// it is nil, Listed.
type Spawn struct {
	execlog.Spawn
	In, Tool *Set
	Out      []File
}

// Set is a set of inputs.
type Set struct {
	Files []File
	Sets  []*Set
}

// File is a file, or a symlink if it has a Target.
type File struct{ Path, Content, Target string }

// Digest returns the SHA-256 digest of contents.
func Digest(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}

// Clone returns a copy of spawns whose fields and sets can be changed one by one.
func Clone(spawns []Spawn) []Spawn {
	spawns = slices.Clone(spawns)
	for i := range spawns {
		s := &spawns[i]
		s.Args, s.Env, s.Platform, s.Out = slices.Clone(s.Args), slices.Clone(s.Env), slices.Clone(s.Platform), slices.Clone(s.Out)
		s.In, s.Tool = s.In.clone(), s.Tool.clone()
	}
	return spawns
}

func (s *Set) clone() *Set {
	if s == nil {
		return nil
	}
	c := &Set{Files: slices.Clone(s.Files)}
	for _, set := range s.Sets {
		c.Sets = append(c.Sets, set.clone())
	}
	return c
}

// files returns the files of a set, sorted by path, each once.
func (s *Set) files() []File {
	if s == nil {
		return nil
	}
	files := slices.Clone(s.Files)
	for _, set := range s.Sets {
		files = append(files, set.files()...)
	}
	slices.SortFunc(files, func(x, y File) int { return bytes.Compare([]byte(x.Path), []byte(y.Path)) })
	return slices.Compact(files)
}

// listed returns the declared outputs.
func (s *Spawn) listed() []string {
	if s.Listed != nil {
		return s.Listed
	}
	var paths []string
	for _, f := range s.Out {
		paths = append(paths, f.Path)
	}
	slices.Sort(paths)
	return paths
}

type object = map[string]any

// JSON returns the log of --execution_log_json_file.
func JSON(spawns []Spawn) []byte {
	var out bytes.Buffer
	for i := range spawns {
		s := &spawns[i]
		tools := map[string]bool{}
		for _, f := range s.Tool.files() {
			tools[f.Path] = true
		}
		o := object{
			"commandArgs": s.Args, "environmentVariables": vars(s.Env), "platform": object{"properties": vars(s.Platform)},
			"inputs": files(s.In.files(), tools), "listedOutputs": s.listed(), "actualOutputs": files(s.Out, nil),
			"remotable": s.Remotable, "cacheable": s.Cacheable, "remoteCacheable": s.RemoteCacheable, "cacheHit": s.CacheHit,
			"timeoutMillis": strconv.FormatInt(s.TimeoutMillis, 10), "mnemonic": s.Mnemonic, "targetLabel": s.Label,
			"runner": s.Runner, "status": s.Status, "exitCode": s.ExitCode,
			"metrics": object{"totalTime": "0.148s", "inputBytes": "12"},
		}
		if s.Digest != "" {
			o["digest"] = object{"hash": s.Digest, "sizeBytes": strconv.FormatInt(s.DigestSize, 10), "hashFunctionName": "SHA256"}
		}
		data, err := json.MarshalIndent(o, "", "  ")
		if err != nil {
			panic(err)
		}
		out.Write(data)
	}
	return out.Bytes()
}

func vars(list []execlog.Var) []object {
	objects := []object{}
	for _, v := range list {
		objects = append(objects, object{"name": v.Name, "value": v.Value})
	}
	return objects
}

func files(list []File, tools map[string]bool) []object {
	objects := []object{}
	for _, f := range list {
		o := object{"path": f.Path, "isTool": tools[f.Path], "symlinkTargetPath": f.Target}
		if f.Target == "" {
			o["digest"] = object{"hash": Digest(f.Content), "sizeBytes": strconv.Itoa(len(f.Content)), "hashFunctionName": "SHA-256"}
		}
		objects = append(objects, o)
	}
	return objects
}
