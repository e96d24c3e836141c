// SPDX-License-Identifier: Apache-2.0

package bed

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/rules-hyp/rules_hyp/tests/remote/proxy"
)

// Runners, as the execution log names them.
const (
	Remote   = "remote"
	CacheHit = "remote cache hit"
)

// Spawn is a program that an action ran, or whose result was in a cache.
type Spawn struct {
	Mnemonic string
	Label    string
	Runner   string // Remote, CacheHit, "linux-sandbox", "disk cache hit" …
	ExitCode int
	Inputs   []string // paths below the execution root
	Outputs  []Output
	// Properties are those of the execution platform.
	Properties map[string]string
}

// Output is a file that a spawn wrote.
type Output struct {
	Path   string // below the execution root
	Digest proxy.Digest
}

// Name identifies a spawn to people: the mnemonic and the name of its first output, "HypCompile trap.hyp.o".
func (s Spawn) Name() string {
	if len(s.Outputs) == 0 {
		return s.Mnemonic + " " + s.Label
	}
	return s.Mnemonic + " " + path.Base(s.Outputs[0].Path)
}

// Names returns the names of all spawns, sorted.
func (b *Build) Names() []string {
	var names []string
	for _, s := range b.Spawns {
		names = append(names, s.Name())
	}
	slices.Sort(names)
	return names
}

// Runners counts the spawns of each runner.
func (b *Build) Runners() map[string]int {
	count := map[string]int{}
	for _, s := range b.Spawns {
		count[s.Runner]++
	}
	return count
}

// Digests returns the digests of all outputs whose paths end with a suffix.
func (b *Build) Digests(suffix string) []proxy.Digest {
	var found []proxy.Digest
	for _, s := range b.Spawns {
		for _, o := range s.Outputs {
			if strings.HasSuffix(o.Path, suffix) {
				found = append(found, o.Digest)
			}
		}
	}
	return found
}

// logEntry is a SpawnExec of Bazel's src/main/protobuf/spawn.proto, as JSON.
type logEntry struct {
	Mnemonic      string
	TargetLabel   string
	Runner        string
	ExitCode      int
	Inputs        []logFile
	ListedOutputs []string
	ActualOutputs []logFile
	Platform      struct {
		Properties []struct{ Name, Value string }
	}
}

type logFile struct {
	Path   string
	Digest struct {
		Hash      string
		SizeBytes string // a 64-bit number
	}
}

// readSpawns reads an execution log. A build that failed early has none.
func readSpawns(name string) ([]Spawn, error) {
	file, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var spawns []Spawn
	for decoder := json.NewDecoder(file); ; {
		var entry logEntry
		if err := decoder.Decode(&entry); errors.Is(err, io.EOF) {
			return spawns, nil
		} else if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		spawn := Spawn{Mnemonic: entry.Mnemonic, Label: entry.TargetLabel, Runner: entry.Runner, ExitCode: entry.ExitCode, Properties: map[string]string{}}
		for _, property := range entry.Platform.Properties {
			spawn.Properties[property.Name] = property.Value
		}
		for _, input := range entry.Inputs {
			spawn.Inputs = append(spawn.Inputs, input.Path)
		}
		for _, output := range entry.ActualOutputs {
			size, _ := strconv.ParseInt(output.Digest.SizeBytes, 10, 64)
			spawn.Outputs = append(spawn.Outputs, Output{output.Path, proxy.Digest{Hash: output.Digest.Hash, Size: size}})
		}
		spawns = append(spawns, spawn)
	}
}
