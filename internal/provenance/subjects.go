// SPDX-License-Identifier: Apache-2.0

package provenance

import (
	"fmt"
	"slices"
	"strings"
)

// validation is the mnemonic of the action that checks an object: it reads the object, and
// what it writes is no result.
const validation = "HypCheck"

// FindSubjects returns the outputs of a target that a statement is to be of: those with
// the given digests, or without any the target's hyp.o, or else what no other action of the
// target reads. The name is the build's, for errors. What is of another build is a
// [*Fault].
func FindSubjects(name string, b Build, target string, digests []string) ([]string, error) {
	outputs := b.OutputsOf(target)
	if len(outputs) == 0 {
		return nil, &Fault{CauseBuild, fmt.Sprintf("%s has no action of %s; build it in an output base of its own: what Bazel did not execute is in no log", name, CanonicalLabel(target))}
	}
	if len(digests) == 0 {
		return ownResults(b, outputs)
	}
	var subjects []string
	for _, digest := range digests {
		i := slices.IndexFunc(outputs, func(out string) bool {
			d, err := b.Digest(out)
			return err == nil && d == digest
		})
		if i < 0 {
			return nil, &Fault{CauseBuild, fmt.Sprintf("no output of %s in %s has SHA-256 %s", CanonicalLabel(target), name, digest)}
		}
		subjects = append(subjects, outputs[i])
	}
	slices.Sort(subjects)
	return slices.Compact(subjects), nil
}

// ownResults returns the results among a target's outputs.
func ownResults(b Build, outputs []string) ([]string, error) {
	read := map[string]bool{}
	var results []string
	for _, out := range outputs {
		if strings.HasSuffix(out, "/hyp.o") {
			return []string{out}, nil
		}
		i, _ := b.Producer(out)
		a, err := b.Action(i)
		if err != nil {
			return nil, err
		}
		if a.Mnemonic == validation {
			continue
		}
		results = append(results, out)
		for _, in := range a.Inputs {
			read[in] = true
		}
	}
	return slices.DeleteFunc(results, func(out string) bool { return read[out] || strings.HasSuffix(out, ".unused") }), nil
}
