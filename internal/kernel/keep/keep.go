// SPDX-License-Identifier: Apache-2.0

// Package keep merges a generated BUILD file with the one that it replaces, so
// that hand edits with a comment `# keep` stay.
//
// The comment may be at the end of a line or in a line of its own above:
//
//   - of an element of a list: the element stays in the list, after the element that it followed;
//   - of an attribute or an assignment: its value stays;
//   - of a target or another statement: all of it stays. So does one that the generated file does not have, if anything in it has the comment.
package keep

import (
	"strings"

	"github.com/bazelbuild/buildtools/build"
)

// Marked tells whether an expression has a comment `# keep`, or `# keep: REASON`.
func Marked(expr build.Expr) bool {
	comments := expr.Comment()
	for _, list := range [][]build.Comment{comments.Before, comments.Suffix, comments.After} {
		for _, comment := range list {
			text := strings.TrimSpace(strings.TrimPrefix(comment.Token, "#"))
			if text == "keep" || strings.HasPrefix(text, "keep:") {
				return true
			}
		}
	}
	return false
}

// markedStatement is Marked for a statement. The comment at the end of a
// one-line call or assignment belongs to its last part, in the parser's tree.
func markedStatement(expr build.Expr) bool {
	if Marked(expr) {
		return true
	}
	switch expr := expr.(type) {
	case *build.CallExpr:
		return Marked(expr.X) || Marked(&expr.End)
	case *build.AssignExpr:
		return markedValue(expr)
	case *build.LoadStmt:
		return Marked(expr.Module) || Marked(&expr.Rparen)
	}
	return false
}

// hasMark tells whether a part of a statement is marked.
func hasMark(stmt build.Expr) bool {
	found := false
	build.Walk(stmt, func(expr build.Expr, _ []build.Expr) {
		switch expr := expr.(type) {
		case *build.CallExpr:
			found = found || Marked(&expr.End)
		case *build.ListExpr:
			found = found || Marked(&expr.End)
		case *build.DictExpr:
			found = found || Marked(&expr.End)
		}
		found = found || Marked(expr)
	})
	return found
}

// markedValue is Marked for an assignment or attribute: also if the comment is after the value's end.
func markedValue(assign *build.AssignExpr) bool {
	if Marked(assign) || Marked(assign.LHS) || Marked(assign.RHS) {
		return true
	}
	switch value := assign.RHS.(type) {
	case *build.ListExpr:
		return Marked(&value.End)
	case *build.DictExpr:
		return Marked(&value.End)
	}
	return false
}

// Result is a merged file.
type Result struct {
	Text []byte
	// Kept are the edits that stayed, in words.
	Kept []string
	// Dropped are statements of the old file that the generated one does not have, and that are not marked.
	Dropped []string
	// Removed are the parts of other statements of which the same can be said: elements of lists, entries of dicts, attributes, and values that are
	// others now. They need not be hand edits: the generator may write others than before.
	Removed []string
}

// Merge returns the generated file with the marked edits of the old one. name is the old file's, for errors.
func Merge(name string, old, generated []byte) (*Result, error) {
	before, err := ParseBuild(name, old)
	if err != nil {
		return nil, err
	}
	after, err := ParseBuild(name, generated)
	if err != nil {
		return nil, err
	}
	m := &merger{result: &Result{}}
	byKey := map[string]int{}
	for i, stmt := range after.Stmt {
		if key := statementKey(stmt); key != "" {
			byKey[key] = i
		}
	}
	var loads, others []build.Expr
	for _, stmt := range before.Stmt {
		key := statementKey(stmt)
		i, generated := byKey[key]
		marked := markedStatement(stmt)
		if !generated && !marked {
			marked = hasMark(stmt)
		}
		switch {
		case generated && key != "" && marked:
			after.Stmt[i] = stmt
			m.kept(key)
		case generated && key != "":
			m.statement(key, stmt, after.Stmt[i])
		case marked && isLoad(stmt):
			loads = append(loads, stmt)
			m.kept(key)
		case marked:
			others = append(others, stmt)
			m.kept(describe(stmt))
		case key != "" || !isText(stmt):
			m.result.Dropped = append(m.result.Dropped, describe(stmt))
		}
	}
	after.Stmt = append(insertLoads(after.Stmt, loads), others...)
	m.result.Text = build.Format(after)
	if len(m.result.Kept) == 0 {
		// Formatting is the generator's.
		m.result.Text = generated
	}
	return m.result, nil
}

type merger struct{ result *Result }

func (m *merger) kept(what string) { m.result.Kept = append(m.result.Kept, what) }

func (m *merger) removed(what string) { m.result.Removed = append(m.result.Removed, what) }

// statement merges the marked parts of an old statement into the generated one.
func (m *merger) statement(key string, old, generated build.Expr) {
	switch old := old.(type) {
	case *build.AssignExpr:
		if to, ok := generated.(*build.AssignExpr); ok {
			m.value(key, old.RHS, to.RHS)
		}
	case *build.CallExpr:
		if to, ok := generated.(*build.CallExpr); ok {
			m.call(key, old, to)
		}
	}
}

func (m *merger) call(key string, old, generated *build.CallExpr) {
	attributes := map[string]int{}
	for i, argument := range generated.List {
		if name := attributeName(argument); name != "" {
			attributes[name] = i
		}
	}
	position := 0
	for _, argument := range old.List {
		name := attributeName(argument)
		if name == "" {
			if position < len(generated.List) && attributeName(generated.List[position]) == "" {
				m.value(key, argument, generated.List[position])
			}
			position++
			continue
		}
		attribute := argument.(*build.AssignExpr)
		i, ok := attributes[name]
		switch {
		case markedValue(attribute) && ok:
			generated.List[i] = attribute
			m.kept(key + ": " + name)
		case markedValue(attribute):
			generated.List = append(generated.List, attribute)
			generated.ForceMultiLine = true
			m.kept(key + ": " + name)
		case ok:
			m.value(key+": "+name, attribute.RHS, generated.List[i].(*build.AssignExpr).RHS)
		default:
			m.removed(key + ": " + name)
		}
	}
}

// value merges marked elements of lists, also of those in sums and in dicts.
func (m *merger) value(what string, old, generated build.Expr) {
	switch old := old.(type) {
	case *build.ListExpr:
		if to, ok := generated.(*build.ListExpr); ok {
			m.list(what, old, to)
		} else if to, ok := generated.(*build.BinaryExpr); ok {
			m.value(what, old, to.Y)
		}
	case *build.BinaryExpr:
		if to, ok := generated.(*build.BinaryExpr); ok {
			m.value(what, old.X, to.X)
			m.value(what, old.Y, to.Y)
		} else {
			m.value(what, old.Y, generated)
		}
	case *build.DictExpr:
		if to, ok := generated.(*build.DictExpr); ok {
			m.dict(what, old, to)
		}
	default:
		if was := plain(old); was != plain(generated) {
			m.removed(what + ": " + was)
		}
	}
}

func (m *merger) list(what string, old, generated *build.ListExpr) {
	at := 0
	for _, element := range old.List {
		text := plain(element)
		found := -1
		for i, other := range generated.List {
			if plain(other) == text {
				found = i
				break
			}
		}
		switch {
		case found >= 0:
			if Marked(element) {
				generated.List[found] = element
				m.kept(what + ": " + text)
			}
			at = found + 1
		case Marked(element):
			generated.List = append(generated.List[:at:at], append([]build.Expr{element}, generated.List[at:]...)...)
			generated.ForceMultiLine = true
			at++
			m.kept(what + ": " + text)
		default:
			m.removed(what + ": " + text)
		}
	}
}

func (m *merger) dict(what string, old, generated *build.DictExpr) {
	for _, entry := range old.List {
		key := plain(entry.Key)
		found := -1
		for i, other := range generated.List {
			if plain(other.Key) == key {
				found = i
			}
		}
		marked := Marked(entry) || Marked(entry.Key) || Marked(entry.Value)
		if list, ok := entry.Value.(*build.ListExpr); ok {
			marked = marked || Marked(&list.End)
		}
		switch {
		case marked && found >= 0:
			generated.List[found] = entry
			m.kept(what + ": " + key)
		case marked:
			generated.List = append(generated.List, entry)
			m.kept(what + ": " + key)
		case found >= 0:
			m.value(what+": "+key, entry.Value, generated.List[found].Value)
		default:
			m.removed(what + ": " + key)
		}
	}
}

// insertLoads inserts load statements after the first one.
func insertLoads(statements, loads []build.Expr) []build.Expr {
	if len(loads) == 0 {
		return statements
	}
	at := 0
	for i, stmt := range statements {
		if isLoad(stmt) {
			at = i + 1
			break
		}
	}
	return append(statements[:at:at], append(loads, statements[at:]...)...)
}

// statementKey identifies a statement in both files: "" for text.
func statementKey(stmt build.Expr) string {
	switch stmt := stmt.(type) {
	case *build.AssignExpr:
		return plain(stmt.LHS)
	case *build.CallExpr:
		for _, argument := range stmt.List {
			if attributeName(argument) == "name" {
				return plain(argument.(*build.AssignExpr).RHS)
			}
		}
		return plain(stmt.X)
	case *build.LoadStmt:
		return "load of " + stmt.Module.Value
	}
	return ""
}

// describe returns a statement in words.
func describe(stmt build.Expr) string {
	if key := statementKey(stmt); key != "" {
		return key
	}
	first, _, _ := strings.Cut(strings.TrimSpace(build.FormatString(stmt)), "\n")
	return first
}

func isLoad(stmt build.Expr) bool {
	_, ok := stmt.(*build.LoadStmt)
	return ok
}

// isText tells whether a statement is a comment or the head of a generated file.
func isText(stmt build.Expr) bool {
	switch stmt.(type) {
	case *build.CommentBlock, *build.StringExpr:
		return true
	}
	return false
}

func attributeName(argument build.Expr) string {
	assign, ok := argument.(*build.AssignExpr)
	if !ok {
		return ""
	}
	return plain(assign.LHS)
}

// plain returns the text of an expression without comments.
func plain(expr build.Expr) string {
	switch expr := expr.(type) {
	case *build.StringExpr:
		return expr.Value
	case *build.Ident:
		return expr.Name
	}
	return strings.TrimSpace(build.FormatString(expr))
}
