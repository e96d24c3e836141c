// SPDX-License-Identifier: Apache-2.0

// Package bazelrun builds targets of a Bazel workspace again and again under varied
// conditions, and keeps what each build executed and made.
//
// Each build works on a copy of the workspace and in an output base that only this
// package uses, without results of earlier builds and of caches. To the copy a package
// is added whose one action, built with the targets, writes what an action sees: that a
// variation is in effect is observed.
package bazelrun

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/execlog"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
	"github.com/rules-hyp/rules_hyp/internal/vary"
)

// Options say what is built, and how.
type Options struct {
	Program   string   // Bazel; with a slash, relative to the workspace
	Workspace string   // absolute path
	Root      string   // the directory that is copied: the workspace or one above it
	Targets   []string // of the workspace
	Startup   []string // further startup options
	Flags     []string // further options of each build
	Remote    string   // endpoint of a remote executor; or empty
	// Dir is an empty directory for everything that is written. It should not be in /tmp,
	// which sandboxes replace.
	Dir string
}

// Runner builds.
type Runner struct {
	options       Options
	dir           string
	locale        string
	otherStrategy string // what the variation Strategy changes to
	start         time.Time
	builds        int
	copies        map[string]string // what is at a path of a workspace: the kind of copy
	used          map[string]bool   // output bases
}

// New makes a Runner. Close removes what it wrote.
func New(options Options) (*Runner, error) {
	if _, err := os.Lstat(filepath.Join(options.Workspace, probePackage)); !errors.Is(err, fs.ErrNotExist) {
		return nil, errcode.AuditDirectory.Errorf("%s: has a directory %s, whose name is needed for an action that observes the conditions; rename it", options.Workspace, probePackage)
	}
	dir, err := filepath.EvalSymlinks(options.Dir)
	if err != nil {
		return nil, err
	}
	r := &Runner{options: options, dir: dir, start: time.Now(), locale: pickLocale(), otherStrategy: "local", copies: map[string]string{}, used: map[string]bool{}}
	if err := os.Mkdir(r.variedHome(), 0o755); err != nil {
		return nil, err
	}
	// The user's own settings of Bazel hold with another home as well.
	if home, err := os.UserHomeDir(); err == nil {
		if err := copyFile(filepath.Join(home, ".bazelrc"), filepath.Join(r.variedHome(), ".bazelrc"), 0o644); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	return r, errors.Join(r.shareDownloads(), r.writePasswd())
}

// shareDownloads makes Bazel's usual directory of downloads that of the builds as well,
// unless a setting names another one.
func (r *Runner) shareDownloads() error {
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil // nothing was downloaded before
	}
	const downloads = "cache/repos/v1"
	usual := filepath.Join(cache, "bazel", "_bazel_"+os.Getenv("USER"), downloads)
	if st, err := os.Stat(usual); err != nil || !st.IsDir() {
		return nil
	}
	link := filepath.Join(r.userRoot(), downloads)
	return errors.Join(os.MkdirAll(filepath.Dir(link), 0o755), os.Symlink(usual, link))
}

// userRoot is where Bazel unpacks itself.
func (r *Runner) userRoot() string { return filepath.Join(r.dir, "user") }

// Close removes everything that the builds made. Results of Run can no longer be read.
func (r *Runner) Close() error { return RemoveTree(r.dir) }

// Request is what to vary in a build.
type Request struct {
	Vary []string
	// Stopped stops the clock at this time, in nanoseconds since 1970; 0: it goes on.
	Stopped int64
	// Refetch fetches external repositories again, under the varied conditions.
	Refetch bool
	// Progress gets how many of how many actions ran, from time to time; or nil.
	Progress func(done, all int)
}

// Build is a build that ended.
type Build struct {
	Number int
	// Failed is the end of Bazel's messages if the build failed.
	Failed string
	Log    *execlog.Log // without the action that observes
	// Written are the digests of files that Bazel wrote itself, by path.
	Written map[string]string
	Root    string // the directory with the outputs, by their paths in the log
	Seen    map[string]string
	Elapsed time.Duration
}

// Read returns an output.
func (b *Build) Read(path string) ([]byte, error) { return os.ReadFile(filepath.Join(b.Root, path)) }

// Discard removes the outputs.
func (b *Build) Discard() { RemoveTree(b.Root) }

// BaseStrategy says what executed the actions of a build without variations: Strategy
// changes it.
func (r *Runner) BaseStrategy(b *Build) {
	r.otherStrategy = "local"
	for i := range b.Log.Spawns {
		if strings.HasSuffix(b.Log.Spawns[i].Runner, "sandbox") {
			return
		}
	}
	r.otherStrategy = "sandboxed,local"
}

// Check finds out whether the machine can make the conditions of a variation. The error
// is the reason why not.
func (r *Runner) Check(ctx context.Context, name string) error {
	switch name {
	case Remote:
		if r.options.Remote == "" {
			return errcode.ExecutorMissing.Errorf("no executor is given (--remote_executor)")
		}
		return nil
	case User, HostName, Umask, Processors, Date, FileOrder:
	default:
		return nil
	}
	spec := r.conditions(newSet([]string{name}), 0)
	return vary.Check(ctx, spec, variedUser, r.dir)
}

// Run builds the targets.
func (r *Runner) Run(ctx context.Context, request Request) (*Build, error) {
	r.builds++
	b := &Build{Number: r.builds, Root: filepath.Join(r.dir, "outputs", fmt.Sprint(r.builds))}
	s := newSet(request.Vary)
	workspace, err := r.workspace(s)
	if err != nil {
		return nil, err
	}
	base := filepath.Join(r.dir, "out")
	if s[OutputBase] {
		base = filepath.Join(r.dir, "a-directory-with-a-longer-name", "varied-output-base")
	}
	files := filepath.Join(r.dir, "builds", fmt.Sprint(b.Number))
	if err := os.MkdirAll(files, 0o755); err != nil {
		return nil, err
	}
	startup := append([]string{"--output_user_root=" + r.userRoot(), "--output_base=" + base, "--max_idle_secs=300"}, r.options.Startup...)
	bazel := func(args ...string) []string { return append(append([]string{r.options.Program}, startup...), args...) }
	log, profile := filepath.Join(files, "log"), filepath.Join(files, "profile.gz")
	flags := append([]string{
		"build", "--color=no", "--curses=no", "--show_progress_rate_limit=5", "--noshow_timestamps", "--symlink_prefix=/",
		"--disk_cache=", "--noremote_accept_cached", "--noremote_upload_local_results",
		"--execution_log_binary_file=" + log, "--generate_json_trace_profile", "--profile=" + profile,
	}, r.options.Flags...)
	flags = append(flags, r.flags(s)...)
	targets := append([]string{"--"}, append(r.options.Targets, probeLabel)...)
	shutdown := [][]string{bazel("shutdown")}

	start := time.Now()
	var clean [][]string
	switch {
	case r.used[base] && request.Refetch:
		clean = [][]string{bazel("clean", "--expunge")}
	case r.used[base]:
		clean = [][]string{bazel("clean")}
	}
	if fresh := !r.used[base] || request.Refetch; fresh && (s[Date] || request.Stopped != 0) {
		// Certificates of servers are not valid at another date.
		today := newSet(request.Vary)
		delete(today, Date)
		spec := r.conditions(today, 0)
		spec.Dir, spec.After = workspace, shutdown
		fetch := append(append(append([]string(nil), flags...), "--nobuild"), targets...)
		spec.Commands = append(clean, bazel(fetch...))
		clean = nil
		if code, output, err := r.command(ctx, spec, s, nil); err != nil {
			return nil, err
		} else if code != 0 {
			b.Failed = tail(output)
		}
	}
	r.used[base] = true
	if b.Failed == "" {
		spec := r.conditions(s, request.Stopped)
		spec.Dir, spec.After = workspace, shutdown
		build := append(append([]string(nil), flags...), targets...)
		spec.Commands = append(clean, bazel(build...))
		code, output, err := r.command(ctx, spec, s, request.Progress)
		if err != nil {
			return nil, err
		}
		if code != 0 {
			b.Failed = tail(output)
		}
	}
	b.Elapsed = time.Since(start)
	return b, r.collect(b, base, log, profile)
}

// command runs Bazel and returns its exit code and messages.
func (r *Runner) command(ctx context.Context, spec vary.Spec, s set, progress func(done, all int)) (int, string, error) {
	messages := &progressWriter{report: progress}
	code, err := vary.Run(ctx, spec, r.environment(s), messages, messages)
	return code, messages.buffer.String(), err
}

// collect reads what a build executed and keeps its outputs.
func (r *Runner) collect(b *Build, base, log, profile string) error {
	file, err := fileio.Map(log)
	if errors.Is(err, fs.ErrNotExist) || b.Failed != "" && err != nil {
		if b.Failed == "" {
			return errcode.LogIncomplete.Errorf("Bazel wrote no execution log; hypaudit needs %s", execlog.Known)
		}
		b.Log = &execlog.Log{}
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	if b.Log, err = execlog.Read(log, file.Data); err != nil {
		return err
	}
	execroots, err := filepath.Glob(filepath.Join(base, "execroot", "*"))
	if err != nil {
		return err
	}
	observation := ""
	var kept []execlog.Spawn
	for i := range b.Log.Spawns {
		s := &b.Log.Spawns[i]
		if s.CacheHit || strings.HasSuffix(s.Runner, "cache hit") {
			return errcode.CacheHit.Errorf("%s %s: its result came from a cache (%s), which no build of an audit may use; is there an option that asks for it?", s.Mnemonic, s.Label, s.Runner)
		}
		for _, id := range s.Outputs {
			path := b.Log.Files[id].Path
			if isProbe(s) {
				observation = path
			}
			if b.Log.Files[id].Target == "" {
				if err := keep(execroots, path, b.Root); err != nil && b.Failed == "" {
					return err
				}
			}
		}
		if !isProbe(s) {
			kept = append(kept, *s)
		}
	}
	if b.Failed != "" {
		b.Log.Spawns = kept
		return nil
	}
	if observation == "" {
		return errcode.LogIncomplete.Errorf("the action of %s, which observes the conditions, is not in the execution log", probeLabel)
	}
	data, err := b.Read(observation)
	if err != nil {
		return err
	}
	var o vary.Observation
	if err := json.Unmarshal(data, &o); err != nil {
		return errcode.LogIncomplete.Errorf("%s: %w", observation, err)
	}
	if b.Written, err = written(execroots, b.Log, b.Root); err != nil {
		return err
	}
	n, err := concurrency(profile)
	if err != nil {
		return err
	}
	b.Log.Spawns = kept
	b.Seen = seen(&o, b.Log, n)
	return nil
}

// keep links an output into a directory, from which a later `clean` does not remove it.
func keep(execroots []string, path, root string) error {
	target := filepath.Join(root, path)
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	var first error
	for _, execroot := range execroots {
		from, err := filepath.EvalSymlinks(filepath.Join(execroot, path))
		if err == nil {
			if err = os.Link(from, target); err == nil || errors.Is(err, fs.ErrExist) {
				return nil
			}
		}
		first = cmp.Or(first, err)
	}
	return errcode.LogIncomplete.Errorf("%s: is in the execution log, but cannot be kept: %w", path, cmp.Or(first, fs.ErrNotExist))
}
