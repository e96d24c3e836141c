// SPDX-License-Identifier: Apache-2.0

package compile

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// options is what Run must know of a compiler's command line.
type options struct {
	// source and output are the source file and the argument of -o.
	source, output string
	// preprocesses and assembles say which of these steps the compiler takes.
	preprocesses, assembles bool
	// responseFiles are the files that the command line has as @FILE.
	responseFiles []string
	// named are the words in the command line that may be names of files, such as FILE in -specs=FILE. A header that is named there was read,
	// although no dependency file says so.
	named []string
	// includes are the directories in which an assembler searches.
	includes []string
	// search are the directories in which the preprocessor searches, in its order: -iquote, -I, -isystem, -idirafter.
	search []string
}

// maxResponseFiles limits how many response files one command may have, since one may name itself.
const maxResponseFiles = 1000

// parseOptions reads a command line, including its response files.
func parseOptions(args []string) (*options, error) {
	if len(args) < 2 {
		return nil, errcode.Operands.Errorf("the compiler has no arguments; the last one must be the source")
	}
	o := &options{source: args[len(args)-1], assembles: true}
	words, err := o.expand(args[1:])
	if err != nil {
		return nil, err
	}
	o.preprocesses = path.Ext(o.source) != ".s"
	directories := map[string][]string{}
	for i, w := range words {
		next := ""
		if i+1 < len(words) {
			next = words[i+1]
		}
		switch {
		case w == "-E", w == "-S", w == "-fsyntax-only":
			o.assembles = false
		case w == "-o":
			o.output = next
		case w == "-x":
			o.preprocesses = next != "assembler"
		default:
			if option, dir := includeDirectory(w, next); option != "" {
				directories[option] = append(directories[option], dir)
				if option != idirafter {
					o.includes = append(o.includes, dir)
				}
			}
		}
		o.named = append(o.named, strings.FieldsFunc(w, func(r rune) bool { return strings.ContainsRune("=,@", r) })...)
	}
	for _, option := range includeOptions {
		o.search = append(o.search, directories[option]...)
	}
	return o, nil
}

const idirafter = "-idirafter"

// includeOptions are the options for include directories, in the order in which the preprocessor searches these.
var includeOptions = []string{"-iquote", "-I", "-isystem", idirafter}

// includeDirectory returns the option and the directory of an option for an include directory; the option is empty for another word. next is
// the word after it.
func includeDirectory(word, next string) (option, dir string) {
	for _, option := range includeOptions {
		switch rest, ok := strings.CutPrefix(word, option); {
		case ok && rest == "":
			return option, next
		case ok:
			return option, rest
		}
	}
	return "", ""
}

// expand replaces each @FILE by the words of the file, as gcc does. The name of a file that does not exist is an ordinary argument.
func (o *options) expand(args []string) ([]string, error) {
	var words []string
	for _, a := range args {
		if len(a) < 2 || a[0] != '@' {
			words = append(words, a)
			continue
		}
		text, err := os.ReadFile(a[1:])
		if errors.Is(err, fs.ErrNotExist) {
			words = append(words, a)
			continue
		}
		if err != nil {
			return nil, err
		}
		o.responseFiles = append(o.responseFiles, a[1:])
		if len(o.responseFiles) > maxResponseFiles {
			return nil, errcode.ResponseFiles.Errorf("%s: more than %d response files; one of them names itself", a[1:], maxResponseFiles)
		}
		inner, err := o.expand(splitWords(string(text)))
		if err != nil {
			return nil, err
		}
		words = append(append(words, a), inner...)
	}
	return words, nil
}

// splitWords splits a response file as gcc does: at blanks, except in quotes and after a backslash.
func splitWords(text string) []string {
	var (
		words  []string
		word   strings.Builder
		inWord bool
		quote  rune
		escape bool
	)
	for _, r := range text {
		switch {
		case escape:
			word.WriteRune(r)
			escape = false
		case r == '\\':
			escape, inWord = true, true
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, inWord = r, true
		case strings.ContainsRune(" \t\r\n\v\f", r):
			if inWord {
				words = append(words, word.String())
			}
			word.Reset()
			inWord = false
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	if inWord {
		words = append(words, word.String())
	}
	return words
}
