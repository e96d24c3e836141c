// Package kbuild reads what kbuild would do in a folder.
//
// The dry run (`make -n V=1 FOLDER/`) prints each recipe as a shell text:
// traces, traps, the command itself, bookkeeping. A Transcript keeps the
// commands that make the folder's files, free of the machine's paths; a Plan is
// what they mean.
package kbuild

import (
	"fmt"
	"path"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/kernel/shell"
)

// SourceRoot stands for the root of the source tree in a transcript.
const SourceRoot = "$(srctree)"

// Transcript is the part of a dry run that makes a folder's files.
type Transcript struct {
	// Folder is the folder that was asked for, relative to the tree's root.
	Folder string
	// Release is the kernel's version, such as "6.1.176".
	Release  string
	Commands []shell.Command
}

// bookkeeping are commands of kbuild's recipes that make nothing that is
// linked: traces, traps, dependency files, export checks, the folder's archive.
var bookkeeping = map[string]bool{
	":": true, "[": true, "ar": true, "cat": true, "check-local-export": true, "cmp": true, "echo": true, "exit": true,
	"false": true, "fixdep": true, "gen_symversions": true, "grep": true, "kill": true, "ln": true, "make": true, "mkdir": true,
	"mv": true, "nm": true, "printf": true, "rm": true, "set": true, "test": true, "touch": true, "trap": true, "true": true,
	"xargs": true,
}

// Program returns the name of a command's program without folder and target
// triple: aarch64-linux-gnu-ld is ld, ld.lld-14 is ld.lld.
func Program(command string) string {
	name := path.Base(command)
	for _, known := range []string{"gcc", "clang", "ld", "ld.bfd", "ld.lld", "objcopy", "llvm-objcopy", "ar", "llvm-ar", "nm", "llvm-nm"} {
		stem := strings.TrimRight(name, "0123456789.")
		stem = strings.TrimSuffix(stem, "-")
		if stem == known || strings.HasSuffix(stem, "-"+known) {
			return strings.TrimPrefix(known, "llvm-")
		}
	}
	return name
}

// FromDryRun picks a folder's commands out of what make printed.
//
// sourceRoot is the source tree's path as make prints it; each occurrence
// becomes SourceRoot. Lines that do not name the folder are no concern of it
// and may be anything; a line that does and is no shell text is an error.
func FromDryRun(text, folder, sourceRoot, release string) (*Transcript, error) {
	transcript := &Transcript{Folder: folder, Release: release}
	for _, line := range shell.Lines(text) {
		if !strings.Contains(line.Text, folder+"/") {
			continue
		}
		commands, err := shell.Parse(line.Text)
		if err != nil {
			return nil, fmt.Errorf("dry run:%d: no shell text: %w; report the line with the kernel's version", line.Number, err)
		}
		for _, command := range commands {
			if !concerns(command, folder) {
				continue
			}
			for i, word := range command.Words {
				command.Words[i] = normalize(word, sourceRoot)
			}
			if command.Nested {
				if file := writes(command); file != "" {
					return nil, fmt.Errorf("dry run:%d: %s is made by a conditional command (%s); hypgen knows plain ones only",
						line.Number, file, path.Base(command.Words[0]))
				}
				continue
			}
			transcript.Commands = append(transcript.Commands, command)
		}
	}
	return transcript, nil
}

// concerns tells whether a command may take part in making a folder's objects.
func concerns(command shell.Command, folder string) bool {
	if bookkeeping[Program(command.Words[0])] {
		return false
	}
	if strings.HasPrefix(command.Output, folder+"/") {
		return true
	}
	for _, word := range command.Words {
		if strings.HasPrefix(word, folder+"/") {
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

// normalize replaces the source root in a word.
func normalize(word, sourceRoot string) string {
	if sourceRoot == "" || sourceRoot == "." {
		return word
	}
	return strings.ReplaceAll(word, sourceRoot+"/", SourceRoot+"/")
}

// Format returns the transcript as text: a header, then one command a line.
func (t *Transcript) Format() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# What kbuild's dry run of %s prints for Linux %s, one command a line.\n", t.Folder, t.Release)
	fmt.Fprintf(&b, "# The source tree's root is written %s. Written by hypgen.\n", SourceRoot)
	for _, command := range t.Commands {
		b.WriteString(shell.Quote(command.Words))
		if command.Output != "" {
			b.WriteString(" > " + shell.Quote([]string{command.Output}))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

const header = "# What kbuild's dry run of %s prints for Linux %s one command a line."

// ParseTranscript reads what Format wrote.
func ParseTranscript(text string) (*Transcript, error) {
	transcript := &Transcript{}
	first, rest, _ := strings.Cut(text, "\n")
	if _, err := fmt.Sscanf(first, header, &transcript.Folder, &transcript.Release); err != nil {
		return nil, fmt.Errorf("line 1: got %q, want the header of a transcript; write it with --write-transcript", first)
	}
	transcript.Release = strings.TrimSuffix(transcript.Release, ",")
	for _, line := range shell.Lines(rest) {
		commands, err := shell.Parse(line.Text)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line.Number+1, err)
		}
		transcript.Commands = append(transcript.Commands, commands...)
	}
	return transcript, nil
}
