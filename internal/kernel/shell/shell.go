// SPDX-License-Identifier: Apache-2.0

// Package shell parses the shell commands that make -n prints.
//
// It understands the constructs of kbuild's recipes: words with quotes, lists,
// redirections and compound commands. It does not run or expand anything.
package shell

import (
	"fmt"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// Command is one simple command: a program and its arguments.
type Command struct {
	// Words are the program and its arguments, without quotes and escapes.
	Words []string
	// Output is the file that standard output is redirected to; empty for none.
	Output string
	// Nested is true in a compound command or a pipeline: the command may not run, or not with these files.
	Nested bool
}

// errExpansion is returned for a word that the shell would expand.
var errExpansion = errcode.CommandNotParsed.Errorf("has an expansion, whose value is only known at run time")

// Parse returns the simple commands of shell code, in order.
//
// A word with an expansion ($x, `x`, but not a glob) is an error unless the
// command is nested: the condition of an `if` may have one, a compile may not.
func Parse(text string) ([]Command, error) {
	file, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(text), "")
	if err != nil {
		return nil, err
	}
	var commands []Command
	for _, stmt := range file.Stmts {
		if commands, err = appendStmt(commands, stmt, false); err != nil {
			return nil, err
		}
	}
	return commands, nil
}

func appendStmt(commands []Command, stmt *syntax.Stmt, nested bool) ([]Command, error) {
	switch command := stmt.Cmd.(type) {
	case *syntax.CallExpr:
		return appendCall(commands, command, stmt.Redirs, nested)
	case *syntax.BinaryCmd:
		// If nothing fails, both sides of && run.
		if command.Op == syntax.AndStmt && !nested {
			commands, err := appendStmt(commands, command.X, nested)
			if err != nil {
				return nil, err
			}
			return appendStmt(commands, command.Y, nested)
		}
	}
	var failed error
	syntax.Walk(stmt, func(node syntax.Node) bool {
		inner, ok := node.(*syntax.Stmt)
		if !ok || inner == stmt || failed != nil {
			return failed == nil
		}
		if call, ok := inner.Cmd.(*syntax.CallExpr); ok {
			commands, failed = appendCall(commands, call, inner.Redirs, true)
			return false
		}
		return true
	})
	return commands, failed
}

func appendCall(commands []Command, call *syntax.CallExpr, redirects []*syntax.Redirect, nested bool) ([]Command, error) {
	command := Command{Nested: nested}
	for _, word := range call.Args {
		text, err := wordText(word)
		if err != nil && !nested {
			return nil, fmt.Errorf("col %d: %w", word.Pos().Col(), err)
		}
		command.Words = append(command.Words, text)
	}
	for _, redirect := range redirects {
		if redirect.Op != syntax.RdrOut && redirect.Op != syntax.AppOut && redirect.Op != syntax.RdrClob {
			continue
		}
		if redirect.N != nil && redirect.N.Value != "1" {
			continue
		}
		text, err := wordText(redirect.Word)
		if err != nil && !nested {
			return nil, fmt.Errorf("col %d: %w", redirect.Word.Pos().Col(), err)
		}
		command.Output = text
	}
	if len(command.Words) == 0 {
		return commands, nil
	}
	return append(commands, command), nil
}

// wordText returns the text of a word without quotes. If the word has an
// expansion, it returns the text around it and an error.
func wordText(word *syntax.Word) (string, error) {
	var b strings.Builder
	var failed error
	for _, part := range word.Parts {
		switch part := part.(type) {
		case *syntax.Lit:
			b.WriteString(unescape(part.Value, false))
		case *syntax.SglQuoted:
			if part.Dollar {
				failed = errExpansion
			}
			b.WriteString(part.Value)
		case *syntax.DblQuoted:
			for _, inner := range part.Parts {
				if lit, ok := inner.(*syntax.Lit); ok {
					b.WriteString(unescape(lit.Value, true))
				} else {
					failed = errExpansion
				}
			}
		default:
			failed = errExpansion
		}
	}
	return b.String(), failed
}

// unescape removes backslash escapes. In double quotes a backslash escapes only
// the characters in POSIX.1-2017 XCU 2.2.3.
func unescape(text string, quoted bool) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			b.WriteByte(text[i])
			continue
		}
		next := text[i+1]
		switch {
		case next == '\n':
		case !quoted || strings.IndexByte("$`\"\\", next) >= 0:
			b.WriteByte(next)
		default:
			b.WriteByte('\\')
			b.WriteByte(next)
		}
		i++
	}
	return b.String()
}

// Quote returns a line that a POSIX shell splits into the words.
func Quote(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = quoteWord(word)
	}
	return strings.Join(quoted, " ")
}

func quoteWord(word string) string {
	if word == "" {
		return "''"
	}
	plain := strings.IndexFunc(word, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-+=./,:@%", r))
	}) < 0
	if plain {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// Lines splits text into logical lines: a backslash at the end of a line joins it with the next.
func Lines(text string) []Line {
	var lines []Line
	physical := strings.Split(text, "\n")
	for i := 0; i < len(physical); i++ {
		line := Line{Number: i + 1, Text: physical[i]}
		for strings.HasSuffix(line.Text, `\`) && i+1 < len(physical) {
			i++
			line.Text += "\n" + physical[i]
		}
		lines = append(lines, line)
	}
	return lines
}

// Line is one logical line of a text.
type Line struct {
	// Number is the line's number in the text, counted from 1.
	Number int
	Text   string
}
