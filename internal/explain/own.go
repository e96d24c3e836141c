// SPDX-License-Identifier: Apache-2.0

package explain

import (
	"slices"
	"strconv"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/execlog"
	"github.com/rules-hyp/rules_hyp/internal/linediff"
)

// Kinds of changes.
const (
	Input         = "input"         // contents of a file, or whether it is an input
	Argument      = "argument"      // of the command line
	Environment   = "environment"   // a variable
	Property      = "property"      // of the execution platform
	Setting       = "setting"       // timeout, or whether it may be cached or run remotely
	Outputs       = "outputs"       // what is declared
	Configuration = "configuration" // the name of the directory for outputs
	Unknown       = "unknown"       // the key, by something that the logs do not have
	Result        = "result"        // the outputs, though the key is the same
	Failure       = "failure"       // success or failure, though the key is the same
)

// Change is a change that has its reason in none of the other actions.
type Change struct {
	Kind string `json:"kind"`
	// Name is the path, variable, property or setting. Arguments have none.
	Name string `json:"name"`
	// Before and After are the values, arguments or digests; empty if there is none.
	Before string `json:"before"`
	After  string `json:"after"`
	Added  bool   `json:"added"` // only the second log has it
	Gone   bool   `json:"gone"`  // only the first log has it
	Tool   bool   `json:"tool"`  // the input is a tool
	From   string `json:"from"`  // where an input is from
	By     string `json:"by"`    // the action that made the input
}

// Where inputs are from.
const (
	FromSource    = "source"
	FromExternal  = "external"         // repository
	FromBazel     = "bazel"            // written by Bazel, without a command
	FromFirst     = "action of log 1"  // that log 2 does not have
	FromSecond    = "action of log 2"  // that log 1 does not have
	FromUnchanged = "unchanged action" // which made the same in both builds
	FromCycle     = "cycle"            // of actions that need each other
)

// ownChanges returns what changed in an action itself.
func (c *comparison) ownChanges(a, b *execlog.Spawn, inputs []inputChange) []Change {
	var own []Change
	if len(a.Listed) > 0 && len(b.Listed) > 0 {
		before, _ := configuration(a.Listed[0])
		after, _ := configuration(b.Listed[0])
		if before != after && c.renamed[before] == after {
			own = append(own, Change{Kind: Configuration, Before: before, After: after})
		}
	}
	listed := a.Listed
	if len(c.renamed) > 0 {
		listed = make([]string, len(a.Listed))
		for i, path := range a.Listed {
			listed[i] = c.rename(path)
		}
		slices.Sort(listed)
	}
	var moved map[string]bool
	if !slices.Equal(listed, b.Listed) {
		moved = map[string]bool{}
		for _, h := range linediff.Diff(listed, b.Listed) {
			own = append(own, hunkChange(Outputs, h))
			for _, path := range slices.Concat(h.Removed, h.Added) {
				moved[path] = true
			}
		}
	}
	own = append(own, c.argumentChanges(a.Args, b.Args, inputs, moved)...)
	own = append(own, varChanges(Environment, c.renameVars(a.Env), b.Env)...)
	own = append(own, varChanges(Property, a.Platform, b.Platform)...)
	setting := func(name, before, after string) {
		if before != after {
			own = append(own, Change{Kind: Setting, Name: name, Before: before, After: after})
		}
	}
	setting("timeout in ms", strconv.FormatInt(a.TimeoutMillis, 10), strconv.FormatInt(b.TimeoutMillis, 10))
	setting("cacheable", strconv.FormatBool(a.Cacheable), strconv.FormatBool(b.Cacheable))
	setting("remotely cacheable", strconv.FormatBool(a.RemoteCacheable), strconv.FormatBool(b.RemoteCacheable))
	setting("remotable", strconv.FormatBool(a.Remotable), strconv.FormatBool(b.Remotable))
	return own
}

// renameVars returns variables of a with the names that the configurations have in b.
func (c *comparison) renameVars(list []execlog.Var) []execlog.Var {
	if len(c.renamed) == 0 {
		return list
	}
	list = slices.Clone(list)
	for i := range list {
		list[i].Value = c.renameIn(list[i].Value)
	}
	return list
}

// argumentChanges returns how the command lines differ. An argument that names an
// input or output which is there in only one log follows from that.
func (c *comparison) argumentChanges(before, after []string, inputs []inputChange, moved map[string]bool) []Change {
	if slices.Equal(before, after) {
		return nil
	}
	if len(c.renamed) > 0 {
		renamed := make([]string, len(before))
		for i, arg := range before {
			renamed[i] = c.renameIn(arg)
		}
		before = renamed
	}
	follows := map[string]bool{}
	for _, change := range inputs {
		if change.before < 0 || change.after < 0 {
			follows[c.table.paths[change.path]] = true
		}
	}
	var changes []Change
	for _, h := range linediff.Diff(before, after) {
		own := false
		for _, arg := range slices.Concat(h.Removed, h.Added) {
			own = own || !follows[arg] && !moved[arg]
		}
		if own {
			changes = append(changes, hunkChange(Argument, h))
		}
	}
	return changes
}

func hunkChange(kind string, h linediff.Hunk) Change {
	return Change{Kind: kind, Before: quote(h.Removed), After: quote(h.Added), Added: len(h.Removed) == 0, Gone: len(h.Added) == 0}
}

// quote joins arguments with blanks; one that a shell would split is quoted.
func quote(args []string) string {
	quoted := make([]string, len(args))
	for i, arg := range args {
		if quoted[i] = arg; arg == "" || strings.ContainsAny(arg, " \t\n\"'\\$`;&|<>()*?[]") {
			quoted[i] = "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
		}
	}
	return strings.Join(quoted, " ")
}

// varChanges compares variables by name.
func varChanges(kind string, before, after []execlog.Var) []Change {
	if slices.Equal(before, after) {
		return nil
	}
	old := map[string]string{}
	for _, v := range before {
		old[v.Name] = v.Value
	}
	var changes []Change
	for _, v := range after {
		was, ok := old[v.Name]
		delete(old, v.Name)
		if !ok || was != v.Value {
			changes = append(changes, Change{Kind: kind, Name: v.Name, Before: was, After: v.Value, Added: !ok})
		}
	}
	for _, v := range before {
		if was, ok := old[v.Name]; ok {
			delete(old, v.Name)
			changes = append(changes, Change{Kind: kind, Name: v.Name, Before: was, Gone: true})
		}
	}
	slices.SortFunc(changes, func(x, y Change) int { return strings.Compare(x.Name, y.Name) })
	return changes
}
