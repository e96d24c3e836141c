// SPDX-License-Identifier: Apache-2.0

// Package clangd writes the compilation database of a kernel directory, for clangd and other tools that parse with clang
//
// ("JSON Compilation Database Format Specification" of Clang).
package clangd

import (
	"encoding/json"
	"path"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/kernel/kbuild"
	"github.com/rules-hyp/rules_hyp/internal/kernel/tree"
)

// gccOnly are the options of gcc, in kernels from 5.10 to 7.2, that clang has not. One that ends with = stands for all its values. clangd shows no
// diagnostics of a file with an option that it does not know.
var gccOnly = []string{
	"--param=", "-fconserve-stack", "-fdiagnostics-show-context=", "-femit-struct-debug-baseonly", "-fmin-function-alignment=", "-fno-allow-store-data-races",
	"-fno-ipa-cp-clone", "-fno-ipa-ra", "-fno-partial-inlining", "-fno-var-tracking", "-fno-var-tracking-assignments", "-fplugin=", "-fstrict-flex-arrays=",
	"-ftrivial-auto-var-init=", "-fvar-tracking", "-fvar-tracking-assignments", "-fzero-init-padding-bits=", "-mabi=lp64",
}

// forClang are added to the options for gcc: unknown warnings do not matter, and kbuild turns off those about GNU extensions for clang.
var forClang = []string{"-Wno-unknown-warning-option", "-Wno-gnu"}

// gccOnlyPrefix begins options of gcc's plugins.
const gccOnlyPrefix = "-fplugin-arg-"

// entry is one compile.
type entry struct {
	Directory string   `json:"directory"`
	File      string   `json:"file"`
	Output    string   `json:"output"`
	Arguments []string `json:"arguments"`
}

// Database returns the database of all sources that kbuild compiles in the directory of a transcript: kbuild's own commands, with the paths of the tree
// on this machine. Those for gcc are without the options that clang has not.
func Database(transcript *kbuild.Transcript, t *tree.Tree) ([]byte, error) {
	// What other commands write, such as hyp-reloc.S, is no source.
	made := map[string]bool{}
	for _, command := range transcript.Commands {
		if command.Output != "" {
			made[path.Clean(command.Output)] = true
		}
	}
	entries := []entry{}
	for _, command := range transcript.Commands {
		words := command.Words
		program := kbuild.Program(words[0])
		if program != "gcc" && program != "clang" || !slices.Contains(words, "-c") {
			continue
		}
		e := entry{Directory: t.Objects}
		for i := 0; i < len(words); i++ {
			word := strings.ReplaceAll(words[i], kbuild.SourceRoot, t.Source)
			switch {
			case strings.HasPrefix(word, "-Wp,-M"):
				continue
			// The compiler's own headers: clang has others.
			case word == "-isystem" && i+1 < len(words) && words[i+1] == kbuild.CompilerHeaders:
				i++
				continue
			case program == "gcc" && isGCCOnly(word):
				continue
			case program == "gcc" && word == "--param":
				i++
				continue
			case word == "-o" && i+1 < len(words):
				e.Output = path.Clean(words[i+1])
			}
			e.Arguments = append(e.Arguments, word)
		}
		source := e.Arguments[len(e.Arguments)-1]
		if extension := path.Ext(source); extension != ".c" && extension != ".S" || e.Output == "" {
			return nil, errcode.CommandUnknown.Errorf("%s: a compile without a source or an output: %s", transcript.Dir, strings.Join(words, " "))
		}
		if made[path.Clean(source)] {
			continue
		}
		if !path.IsAbs(source) {
			// kbuild runs in the object tree.
			source = path.Join(t.Objects, source)
		}
		e.File = path.Clean(source)
		e.Arguments[len(e.Arguments)-1] = e.File
		if program == "gcc" {
			e.Arguments = slices.Insert(e.Arguments, len(e.Arguments)-1, forClang...)
		}
		entries = append(entries, e)
	}
	if len(entries) == 0 {
		return nil, errcode.NothingCompiled.Errorf("%s: kbuild compiles nothing there", transcript.Dir)
	}
	text, err := json.MarshalIndent(entries, "", "  ")
	return append(text, '\n'), err
}

func isGCCOnly(word string) bool {
	name, _, hasValue := strings.Cut(word, "=")
	if hasValue {
		name += "="
	}
	return slices.Contains(gccOnly, word) || slices.Contains(gccOnly, name) || strings.HasPrefix(word, gccOnlyPrefix)
}
