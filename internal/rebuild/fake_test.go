// SPDX-License-Identifier: Apache-2.0

package rebuild_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rules-hyp/rules_hyp/internal/bazelrun"
	"github.com/rules-hyp/rules_hyp/internal/execlog"
	"github.com/rules-hyp/rules_hyp/internal/execlog/execlogtest"
	"github.com/rules-hyp/rules_hyp/internal/rebuild"
)

// fake builds in memory: actions whose outputs are what a function says.
type fake struct {
	t          *testing.T
	actions    []fakeAction
	impossible map[string]string // variations that cannot be made: why
	ignored    []string          // variations that no action sees
	written    []string          // files that Bazel writes itself: they have the user's name in them
	fails      func(vary []string) bool
	builds     int
	random     *rand.Rand
	requests   []bazelrun.Request
}

type fakeAction struct {
	name   string
	inputs []string // names of other actions, or of sources
	tool   bool
	// output returns what it makes besides its inputs.
	output func(b *fakeBuild) string
}

// fakeBuild is what an action may look at.
type fakeBuild struct {
	bazelrun.Request
	number int
	random *rand.Rand
}

func (b *fakeBuild) has(name string) bool { return slices.Contains(b.Vary, name) }

func (f *fake) Check(_ context.Context, name string) error {
	if why := f.impossible[name]; why != "" {
		return errors.New(why)
	}
	return nil
}

func (f *fake) BaseStrategy(*bazelrun.Build) {}

func (f *fake) Run(_ context.Context, request bazelrun.Request) (*bazelrun.Build, error) {
	f.builds++
	f.requests = append(f.requests, request)
	b := &fakeBuild{request, f.builds, f.random}
	run := &bazelrun.Build{Number: f.builds, Root: f.t.TempDir(), Elapsed: time.Second, Log: &execlog.Log{}}
	if f.fails != nil && f.fails(request.Vary) {
		run.Failed = "ERROR: it failed"
		return run, nil
	}
	content := map[string]string{}
	var spawns []execlogtest.Spawn
	for _, a := range f.actions {
		set := &execlogtest.Set{}
		own := ""
		if a.output != nil {
			own = a.output(b)
		}
		if strings.HasPrefix(a.name, "external/") {
			// A file that no action makes.
			content[a.name] = own
			continue
		}
		text := a.name + "\n" + own
		dir := "bazel-out/k8-fastbuild/bin/"
		if a.tool {
			dir = "bazel-out/k8-opt-exec/bin/"
			if b.has(bazelrun.Tools) {
				dir, text = "bazel-out/k8-fastbuild-exec/bin/", text+"\nnot optimized"
			}
		}
		for _, name := range a.inputs {
			path := name
			for p := range content {
				if strings.HasSuffix(p, "/"+name) {
					path = p
				}
			}
			set.Files = append(set.Files, execlogtest.File{Path: path, Content: content[path]})
			if !strings.Contains(path, "-exec/") {
				text += "\n" + content[path]
			}
		}
		content[dir+a.name] = text
		spawns = append(spawns, execlogtest.Spawn{
			Spawn: execlog.Spawn{Mnemonic: "Make", Label: "//:" + a.name, Args: []string{"make"}, Runner: "linux-sandbox"},
			In:    set, Out: []execlogtest.File{{Path: dir + a.name, Content: text}},
		})
		file := filepath.Join(run.Root, dir+a.name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
			return nil, err
		}
	}
	run.Written = map[string]string{}
	for _, name := range f.written {
		run.Written["bazel-out/k8-fastbuild/bin/"+name] = fmt.Sprint(b.has(bazelrun.User))
	}
	var err error
	if run.Log, err = execlog.Read("log", execlogtest.JSON(spawns)); err != nil {
		return nil, err
	}
	run.Seen = map[string]string{}
	for _, name := range bazelrun.Names() {
		run.Seen[name] = "usual"
		if b.has(name) && !slices.Contains(f.ignored, name) {
			run.Seen[name] = "varied"
		}
	}
	if !slices.ContainsFunc(f.actions, func(a fakeAction) bool { return a.tool }) {
		run.Seen[bazelrun.Tools] = "none"
	}
	if request.Stopped != 0 {
		run.Seen[bazelrun.Date] = bazelrun.ClockStopped
	}
	return run, nil
}

func (f *fake) audit(t *testing.T, options rebuild.Options) *rebuild.Report {
	t.Helper()
	f.t = t
	options.Targets = []string{"//:all"}
	if options.Vary == nil {
		options.Vary = bazelrun.Names()
	}
	if f.impossible == nil {
		f.impossible = map[string]string{bazelrun.Remote: "no executor is given"}
	}
	r, err := rebuild.Run(context.Background(), f, options)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// when returns an output that differs if all of some variations are made.
func when(names ...string) func(b *fakeBuild) string {
	return func(b *fakeBuild) string {
		for _, name := range names {
			if !b.has(name) {
				return "usual"
			}
		}
		return "changed by " + strings.Join(names, " and ")
	}
}

// clock is an output that has the time in it.
func clock(b *fakeBuild) string {
	if b.Stopped != 0 {
		return fmt.Sprint(b.Stopped)
	}
	return fmt.Sprint(b.number)
}
