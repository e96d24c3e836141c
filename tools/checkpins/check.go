// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/rules-hyp/rules_hyp/internal/debian"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// advice is what to do about a package that was removed.
const advice = "set " + debian.SnapshotVariable + " to an archive of old versions or " + debian.MirrorVariable + " to a mirror that has it, or pin a newer one"

// checker checks locks.
type checker struct {
	finder  *debian.Finder
	proxies []string
	indexes map[string]debian.Index
}

// report is what became of the pins of one lock.
type report struct {
	places [debian.Kept + 1]int
	newer  int      // the suite has a newer one, which the lock allows
	left   int      // no longer in the suite, and needed only if others depend on it
	bad    []string // what cannot be had
	notes  []string // what can be had otherwise
}

func (r *report) summary() string {
	var words []string
	for _, count := range []struct {
		n    int
		what string
	}{
		{r.places[debian.AtPath], "as pinned"},
		{r.places[debian.Moved], debian.Moved.String()},
		{r.places[debian.Kept], debian.Kept.String()},
		{r.newer, "newer in the suite"},
		{r.left, "no longer in the suite"},
		{len(r.bad), "cannot be had"},
	} {
		if count.n > 0 {
			words = append(words, fmt.Sprintf("%d %s", count.n, count.what))
		}
	}
	if len(words) == 0 {
		return "nothing is pinned"
	}
	return strings.Join(words, ", ")
}

// check checks a lock. An error is about the lock itself.
func (c *checker) check(ctx context.Context, file string) (*report, error) {
	k := kindOf(file)
	if k == packagePaths {
		// A file that does not exist is an empty lock to those who write it.
		if _, err := os.Stat(file); err != nil {
			return nil, err
		}
		lock, err := debian.ReadLock(file)
		if err != nil {
			return nil, err
		}
		return c.packages(ctx, lock.Packages), nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	switch k {
	case suitePackages, suiteRuntime:
		return c.suite(ctx, file, string(data), k == suiteRuntime)
	case bazelwModules, goSum:
		modules, err := parseModules(string(data))
		if err != nil {
			return nil, err
		}
		return c.modules(ctx, modules), nil
	}
	return nil, errcode.LockMalformed.Errorf("not a lock: want *.lock.json, a lock in tools/bazelw/ARCHITECTURE, or go.sum")
}

// parallel is how many requests are sent at once.
const parallel = 8

// each calls f for all numbers below n, some at once.
func each(n int, f func(i int)) {
	var wait sync.WaitGroup
	slots := make(chan struct{}, parallel)
	for i := range n {
		wait.Add(1)
		slots <- struct{}{}
		go func() {
			defer wait.Done()
			f(i)
			<-slots
		}()
	}
	wait.Wait()
}

// packages looks for packages by their paths.
func (c *checker) packages(ctx context.Context, pinned []debian.Package) *report {
	places := make([]debian.Place, len(pinned))
	failures := make([]error, len(pinned))
	each(len(pinned), func(i int) { places[i], failures[i] = c.finder.Find(ctx, pinned[i]) })
	r := &report{}
	for i, p := range pinned {
		switch {
		case places[i] != debian.Gone:
			r.places[places[i]]++
			if places[i] != debian.AtPath {
				r.notes = append(r.notes, fmt.Sprintf("%s %s: %s", p.Name, p.Version, places[i]))
			}
		case failures[i] != nil:
			r.bad = append(r.bad, fmt.Sprintf("%s %s: no answer: %s", p.Name, p.Version, oneLine(failures[i])))
		default:
			r.bad = append(r.bad, fmt.Sprintf("%s %s: gone (%s); %s", p.Name, p.Version, p.Path, advice))
		}
	}
	return r
}

func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }

// suiteName is the suite of bazelw's root directory, as in tools/bazelw/provide.sh.
const suiteName = "forky"

// indexDate matches the day of the index that a lock is from.
var indexDate = regexp.MustCompile(`(?m)^#.*index of (\d{4}-\d{2}-\d{2})`)

// suite looks for bazelw's packages in the suite's indexes, in the order in which provide.sh tries them: the first that has all of packages.lock.
func (c *checker) suite(ctx context.Context, file, text string, isRuntime bool) (*report, error) {
	directory := filepath.Dir(file)
	arch := filepath.Base(directory)
	lists := map[string]string{filepath.Base(file): text}
	for _, name := range []string{"packages.lock", "runtime.lock"} {
		if _, ok := lists[name]; ok {
			continue
		}
		data, err := os.ReadFile(filepath.Join(directory, name))
		if err != nil {
			return nil, err
		}
		lists[name] = string(data)
	}
	pinned, err := debian.ParsePins(lists["packages.lock"])
	if err != nil {
		return nil, fmt.Errorf("packages.lock: %w", err)
	}
	pins, err := debian.ParsePins(text)
	if err != nil {
		return nil, err
	}
	index, kept, failures := c.choose(ctx, arch, lists["runtime.lock"], pinned)
	if index == nil {
		return nil, errcode.NoMirror.Errorf("no mirror has the suite %s; set %s to one that has it%s", suiteName, debian.MirrorVariable, suffix(failures))
	}
	r := &report{}
	for _, p := range pins {
		newest := index.Newest(p.Name)
		switch {
		case index.Has(p):
			place := debian.AtPath
			if kept {
				place = debian.Kept
			}
			r.places[place]++
		case isRuntime && newest == "":
			r.left++
			r.notes = append(r.notes, fmt.Sprintf("%s %s: no longer in %s", p.Name, p.Version, suiteName))
		case isRuntime && debian.CompareVersions(newest, p.Version) > 0:
			r.newer++
			r.notes = append(r.notes, fmt.Sprintf("%s %s: %s has %s", p.Name, p.Version, suiteName, newest))
		case newest == p.Version:
			r.bad = append(r.bad, fmt.Sprintf("%s %s: %s has it with another SHA-256; do not use that mirror", p.Name, p.Version, suiteName))
		default:
			r.bad = append(r.bad, fmt.Sprintf("%s %s: gone, %s has %s; %s%s", p.Name, p.Version, suiteName, orNone(newest), advice, suffix(failures)))
		}
	}
	return r, nil
}

func orNone(version string) string {
	if version == "" {
		return "none"
	}
	return version
}

func suffix(failures []error) string {
	if len(failures) == 0 {
		return ""
	}
	return " (no answer: " + oneLine(errors.Join(failures...)) + ")"
}

// choose returns the first index that has all of packages.lock, otherwise the first there is, and whether it is one of an archive of old versions.
func (c *checker) choose(ctx context.Context, arch, runtime string, pinned []debian.Pin) (best debian.Index, kept bool, failures []error) {
	bases := append([]string{}, c.finder.Mirrors...)
	if match := indexDate.FindStringSubmatch(runtime); match != nil {
		if day, err := time.Parse(time.DateOnly, match[1]); err == nil {
			for _, base := range c.finder.Snapshots {
				for _, at := range []time.Time{day.AddDate(0, 0, 1), day.Add(12 * time.Hour)} {
					bases = append(bases, base+"/archive/debian/"+at.Format("20060102T150405Z"))
				}
			}
		}
	}
	for i, base := range bases {
		index, ok := c.indexes[base+" "+arch]
		if !ok {
			var err error
			if index, err = c.finder.Index(ctx, base, suiteName, arch); err != nil {
				failures = append(failures, err)
				continue
			}
			c.indexes[base+" "+arch] = index
		}
		if index == nil {
			continue
		}
		all := true
		for _, p := range pinned {
			all = all && index.Has(p)
		}
		if all {
			return index, i >= len(c.finder.Mirrors), failures
		}
		if best == nil {
			best = index
		}
	}
	return best, false, failures
}
