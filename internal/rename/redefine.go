// SPDX-License-Identifier: Apache-2.0

package rename

import (
	"fmt"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// Redefinitions are renames of symbols. All happen at once, so two symbols may
// change names. The nil value has none.
type Redefinitions struct {
	exact    map[string]string
	sources  map[string]string // new name -> old name, of exact
	patterns []redefinition
}

// redefinition renames what has a prefix and a suffix to what stands between
// others.
type redefinition struct {
	oldPrefix, oldSuffix string
	newPrefix, newSuffix string
	star                 bool // the new name keeps what stood between
}

// Add adds a rename. With wildcards, one "*" in the old name stands for any
// bytes, and one in the new name for the same bytes. An old name given twice,
// and two of one new name, are errors.
func (r *Redefinitions) Add(from, to string, wildcards bool) error {
	switch {
	case from == "":
		return errcode.BadRename.Errorf("no old name in %q", from+"="+to)
	case to == "":
		return errcode.BadRename.Errorf("no new name for %q", from)
	case checkSpelling(to) != nil:
		return checkSpelling(to)
	case wildcards && strings.Contains(from, "*"):
		return r.addPattern(from, to)
	}
	if r.exact == nil {
		r.exact, r.sources = map[string]string{}, map[string]string{}
	}
	if old, ok := r.exact[from]; ok {
		return errcode.RenameConflict.Errorf("%s gets two new names, %s and %s", from, old, to)
	}
	if old, ok := r.sources[to]; ok {
		return errcode.RenameConflict.Errorf("%s is the new name of both %s and %s", to, old, from)
	}
	r.exact[from], r.sources[to] = to, from
	return nil
}

func (r *Redefinitions) addPattern(from, to string) error {
	p := redefinition{newPrefix: to}
	p.oldPrefix, p.oldSuffix, _ = strings.Cut(from, "*")
	if strings.Contains(p.oldSuffix, "*") {
		return errcode.BadRename.Errorf("more than one * in %q", from)
	}
	if before, after, ok := strings.Cut(to, "*"); ok {
		if strings.Contains(after, "*") {
			return errcode.BadRename.Errorf("more than one * in %q", to)
		}
		p.newPrefix, p.newSuffix, p.star = before, after, true
	}
	r.patterns = append(r.patterns, p)
	return nil
}

// AddFile adds the renames of a file: an old and a new name on each line; "#"
// starts a comment (objcopy --redefine-syms).
func (r *Redefinitions) AddFile(path string, text []byte, wildcards bool) error {
	for i, line := range strings.Split(string(text), "\n") {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		at := func(n int) string { return fmt.Sprintf("%s:%d:%d", path, i+1, strings.Index(line, words[n])+1) }
		switch {
		case len(words) == 0:
			continue
		case len(words) == 1:
			return errcode.BadRename.Errorf("%s: no new name for %s; write both on one line", at(0), words[0])
		case len(words) > 2:
			return errcode.BadRename.Errorf("%s: %q after the new name; put one pair on each line", at(2), words[2])
		}
		if err := r.Add(words[0], words[1], wildcards); err != nil {
			return fmt.Errorf("%s: %w; take one of the two out", at(0), err)
		}
	}
	return nil
}

// lookup returns the new name of a symbol. A name that is given as it is goes
// before patterns, and the first pattern before the others.
func (r *Redefinitions) lookup(name string) (string, bool) {
	if to, ok := r.exact[name]; ok {
		return to, true
	}
	for _, p := range r.patterns {
		if len(name) < len(p.oldPrefix)+len(p.oldSuffix) || !strings.HasPrefix(name, p.oldPrefix) || !strings.HasSuffix(name, p.oldSuffix) {
			continue
		}
		if !p.star {
			return p.newPrefix, true
		}
		return p.newPrefix + name[len(p.oldPrefix):len(name)-len(p.oldSuffix)] + p.newSuffix, true
	}
	return "", false
}

// apply renames symbols.
func (r *Redefinitions) apply(syms []elfobj.Symbol) {
	if r.empty() {
		return
	}
	for i := range syms {
		if s := &syms[i]; named(s) {
			if to, ok := r.lookup(s.Name); ok {
				s.Name = to
			}
		}
	}
}

func (r *Redefinitions) empty() bool { return r == nil || len(r.exact) == 0 && len(r.patterns) == 0 }
