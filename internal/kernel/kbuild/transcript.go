// SPDX-License-Identifier: Apache-2.0

// Package kbuild reads what kbuild would do in a directory.
//
// A dry run (`make -n V=1 DIR/`) prints each recipe as shell code: traces, traps,
// the command itself, bookkeeping. A Transcript has the commands that make the
// directory's files, without paths of the machine; a Plan is their meaning.
package kbuild

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/kernel/shell"
)

// SourceRoot is the root of the source tree in a transcript.
const SourceRoot = "$(srctree)"

// Transcript is the part of a dry run that makes a directory's files.
type Transcript struct {
	// Dir is the directory of the dry run, relative to the tree's root.
	Dir string
	// Release is the kernel's version, such as "6.1.176".
	Release string
	// LLD is the major version of LLVM's linker; 0 if it is another one, or not known.
	LLD      int
	Commands []shell.Command
}

// bookkeeping are commands of kbuild's recipes that make nothing that is
// linked: traces, traps, dependency files, export checks, the directory's archive.
var bookkeeping = map[string]bool{
	":": true, "[": true, "ar": true, "cat": true, "check-local-export": true, "cmp": true, "echo": true, "exit": true,
	"false": true, "fixdep": true, "gen_symversions": true, "grep": true, "kill": true, "ln": true, "make": true, "mkdir": true,
	"mv": true, "nm": true, "printf": true, "rm": true, "set": true, "test": true, "touch": true, "trap": true, "true": true,
	"xargs": true,
}

// Program returns the name of a command's program without directory and target
// triple: aarch64-linux-gnu-ld is ld, ld.lld-14 is ld.lld.
func Program(command string) string {
	name := path.Base(command)
	for _, known := range []string{"gcc", "clang", "ld", "ld.bfd", "ld.lld", "objcopy", "llvm-objcopy", "strip", "llvm-strip", "ar", "llvm-ar", "nm", "llvm-nm"} {
		stem := strings.TrimRight(name, "0123456789.")
		stem = strings.TrimSuffix(stem, "-")
		if stem == known || strings.HasSuffix(stem, "-"+known) {
			return strings.TrimPrefix(known, "llvm-")
		}
	}
	return name
}

// FromDryRun returns a directory's commands from the output of make.
//
// sourceRoot is the source tree's path as make prints it; it is replaced by
// SourceRoot. Lines without the directory's name are ignored; one with the name
// that is not shell code is an error.
func FromDryRun(text, dir, sourceRoot, release string) (*Transcript, error) {
	transcript := &Transcript{Dir: dir, Release: release}
	for _, line := range shell.Lines(text) {
		if !strings.Contains(line.Text, dir+"/") {
			continue
		}
		commands, err := shell.Parse(line.Text)
		if err != nil {
			return nil, errcode.CommandNotParsed.Errorf("dry run:%d: cannot be parsed: %w; report the line with the kernel's version", line.Number, err)
		}
		for _, command := range commands {
			command.Words = withoutWrapper(command.Words)
			if !concerns(command, dir) {
				continue
			}
			for i, word := range command.Words {
				command.Words[i] = normalize(word, sourceRoot)
				if i > 0 && command.Words[i-1] == "-isystem" && compilerHeaders.MatchString(word) {
					command.Words[i] = CompilerHeaders
				}
			}
			if command.Nested {
				if file := writes(command); file != "" {
					return nil, errcode.CommandNotParsed.Errorf("dry run:%d: %s is made by a conditional command (%s); hypgen knows plain ones only",
						line.Number, file, path.Base(command.Words[0]))
				}
				continue
			}
			transcript.Commands = append(transcript.Commands, command)
		}
	}
	return transcript, nil
}

// ReplaceRoot replaces the path of the object tree by SourceRoot as well: in a repository, both are one.
func (t *Transcript) ReplaceRoot(objects string) {
	for _, command := range t.Commands {
		for i, word := range command.Words {
			command.Words[i] = normalize(word, objects)
		}
	}
}

// Compiler returns the program of the first compile, as kbuild calls it; empty if there is none.
func (t *Transcript) Compiler() string {
	for _, command := range t.Commands {
		if program := Program(command.Words[0]); program == "gcc" || program == "clang" {
			for _, word := range command.Words {
				if word == "-c" {
					return command.Words[0]
				}
			}
		}
	}
	return ""
}

// concerns tells whether a command may be part of making a directory's objects.
func concerns(command shell.Command, dir string) bool {
	if bookkeeping[Program(command.Words[0])] {
		return false
	}
	if strings.HasPrefix(command.Output, dir+"/") {
		return true
	}
	for _, word := range command.Words {
		if strings.HasPrefix(word, dir+"/") {
			return true
		}
	}
	return false
}

// writes returns the object or script that a nested command makes.
func writes(command shell.Command) string {
	for i, word := range command.Words {
		if word == "-o" && i+1 < len(command.Words) {
			if ext := path.Ext(command.Words[i+1]); ext == ".o" || ext == ".lds" {
				return command.Words[i+1]
			}
		}
	}
	return ""
}

// withoutWrapper returns a command without a cache of compiles or the like before the compiler.
func withoutWrapper(words []string) []string {
	if len(words) > 1 && slices.Contains([]string{"ccache", "distcc", "icecc", "sccache"}, path.Base(words[0])) {
		return words[1:]
	}
	return words
}

// beforePaths are options that have a path joined to them.
var beforePaths = []string{"-I", "-L", "-isystem", "-iquote", "-idirafter", "-include", "-imacros"}

// normalize replaces the source root in a word, where a path starts and the root's last directory ends.
func normalize(word, sourceRoot string) string {
	if sourceRoot == "" || sourceRoot == "." {
		return word
	}
	const around = "=\"',:;"
	var b strings.Builder
	done := 0
	for i := 0; i < len(word); {
		rest, found := strings.CutPrefix(word[i:], sourceRoot)
		starts := i == 0 || strings.IndexByte(around, word[i-1]) >= 0 || slices.Contains(beforePaths, word[:i])
		if found && starts && (rest == "" || rest[0] == '/' || strings.IndexByte(around, rest[0]) >= 0) {
			b.WriteString(word[done:i])
			b.WriteString(SourceRoot)
			i += len(sourceRoot)
			done = i
			continue
		}
		i++
	}
	return b.String() + word[done:]
}

// Format returns the transcript as text: a header, then one command per line.
func (t *Transcript) Format() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# What kbuild's dry run of %s prints for Linux %s, one command per line.\n", t.Dir, t.Release)
	fmt.Fprintf(&b, "# %s is the root of the source tree. Generated by hypgen.\n", SourceRoot)
	if t.LLD > 0 {
		fmt.Fprintf(&b, lldHeader+"\n", t.LLD)
	}
	for _, command := range t.Commands {
		b.WriteString(shell.Quote(command.Words))
		if command.Output != "" {
			b.WriteString(" > " + shell.Quote([]string{command.Output}))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// Lines at the start of a transcript.
const (
	header    = "# What kbuild's dry run of %s prints for Linux %s one command per line."
	lldHeader = "# The linker is lld %d."
)

// ParseTranscript parses the output of Format.
func ParseTranscript(text string) (*Transcript, error) {
	transcript := &Transcript{}
	first, rest, _ := strings.Cut(text, "\n")
	if _, err := fmt.Sscanf(first, header, &transcript.Dir, &transcript.Release); err != nil {
		return nil, errcode.TranscriptMalformed.Errorf("line 1: got %q, want the header of a transcript; make one with -write-transcript", first)
	}
	transcript.Release = strings.TrimSuffix(transcript.Release, ",")
	for line := range strings.Lines(rest) {
		if _, err := fmt.Sscanf(line, lldHeader, &transcript.LLD); err == nil {
			break
		}
	}
	for _, line := range shell.Lines(rest) {
		commands, err := shell.Parse(line.Text)
		if err != nil {
			return nil, errcode.TranscriptMalformed.Errorf("line %d: %w", line.Number+1, err)
		}
		transcript.Commands = append(transcript.Commands, commands...)
	}
	return transcript, nil
}
