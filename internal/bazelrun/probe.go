// SPDX-License-Identifier: Apache-2.0

package bazelrun

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rules-hyp/rules_hyp/internal/execlog"
	"github.com/rules-hyp/rules_hyp/internal/vary"
)

// The package that is added to the copies of the workspace: an action that writes what
// it sees of the conditions.
const (
	probePackage = "hypaudit_probe"
	probeLabel   = "//" + probePackage + ":probe"
	probeName    = "HypauditProbe" // mnemonic
	probeOutput  = probePackage + "/probe.json"
)

const probeBuild = `load(":probe.bzl", "probe")

probe(
    name = "probe",
    srcs = ["1", "2", "3", "4"],
    program = "program",
)
`

// The arguments are those of vary.ObserveArgs.
const probeRule = `def _impl(ctx):
    out = ctx.actions.declare_file("probe.json")
    ctx.actions.run(
        outputs = [out],
        inputs = ctx.files.srcs,
        executable = ctx.file.program,
        arguments = [%s],
        mnemonic = "` + probeName + `",
        use_default_shell_env = True,
    )
    return [DefaultInfo(files = depset([out]))]

probe = rule(
    implementation = _impl,
    attrs = {
        "program": attr.label(allow_single_file = True),
        "srcs": attr.label_list(allow_files = True),
    },
)
`

// addProbe adds the package to a copy of the workspace.
func addProbe(workspace string, modified time.Time, otherStamps bool) error {
	dir := filepath.Join(workspace, probePackage)
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	var args []string
	for _, arg := range vary.ObserveArgs("\x00", "\x01") {
		switch arg {
		case "\x00":
			args = append(args, "ctx.files.srcs[0].dirname")
		case "\x01":
			args = append(args, "out.path")
		default:
			args = append(args, fmt.Sprintf("%q", arg))
		}
	}
	files := map[string]string{"BUILD.bazel": probeBuild, "probe.bzl": fmt.Sprintf(probeRule, strings.Join(args, ", "))}
	for _, name := range []string{"1", "2", "3", "4"} {
		files[name] = name + "\n"
	}
	if otherStamps {
		modified = modified.Add(-otherStamp)
	}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := errors.Join(os.WriteFile(path, []byte(text), 0o644), os.Chtimes(path, modified, modified)); err != nil {
			return err
		}
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	return copyFile(self, filepath.Join(dir, "program"), 0o755)
}

// ClockStopped is what is seen of the date while the clock stands still.
const ClockStopped = "stands still"

// isProbe reports whether a spawn is the probe's.
func isProbe(s *execlog.Spawn) bool { return s.Mnemonic == probeName }

// seen returns what an observation, the log and the profile show of each variation.
func seen(o *vary.Observation, log *execlog.Log, concurrent int) map[string]string {
	values := map[string]string{
		Path:       filepath.Dir(filepath.Dir(o.Real)),
		OutputBase: outputBase(o.Dir),
		User:       o.User,
		Home:       o.Home,
		HostName:   o.HostName,
		Umask:      fmt.Sprintf("%03o", o.Umask),
		Processors: fmt.Sprint(o.Processors),
		Jobs:       fmt.Sprintf("%d at once", concurrent),
		FileOrder:  o.Order,
		TimeStamps: time.Unix(o.ModTime, 0).UTC().Format(time.DateTime),
	}
	variable := func(name string) string {
		if value, ok := o.Env[name]; ok {
			return name + "=" + value
		}
		return name + " unset"
	}
	values[TimeZone], values[Locale], values[Environment] = variable("TZ"), variable("LC_ALL"), variable(variedVariable)
	if !o.Locales {
		values[Locale] += " (not installed: only programs that read the variable themselves see it)"
	}
	values[Date] = seenDate(o)
	values[Strategy], values[Tools] = runners(log), toolDirectories(log)
	values[Remote] = values[Strategy]
	return values
}

// seenDate compares a date that an action saw with this machine's.
func seenDate(o *vary.Observation) string {
	shift := time.Until(time.Unix(0, o.Now)).Round(time.Hour)
	switch {
	case o.Later == o.Now:
		return ClockStopped
	case shift.Abs() < time.Hour:
		return "this machine's"
	}
	return fmt.Sprintf("%+d hours", int(shift.Hours()))
}

// outputBase returns the directory in which an action's working directory is: the output
// base, without the numbers that Bazel gives to sandboxes.
func outputBase(dir string) string {
	dir, _, _ = strings.Cut(dir, "/execroot/")
	dir, _, _ = strings.Cut(dir, "/sandbox/")
	return dir
}

// runners tells what executed the actions.
func runners(log *execlog.Log) string {
	count := map[string]int{}
	for i := range log.Spawns {
		if s := &log.Spawns[i]; !isProbe(s) {
			count[s.Runner]++
		}
	}
	return counts(count)
}

// IsTool reports whether a path is below an execution configuration's directory, where
// tools are built.
func IsTool(path string) bool {
	dir, _, _ := strings.Cut(strings.TrimPrefix(path, "bazel-out/"), "/")
	return strings.HasPrefix(path, "bazel-out/") && (strings.HasSuffix(dir, "-exec") || strings.Contains(dir, "-exec-"))
}

// counts formats counts by name.
func counts(count map[string]int) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(count)) {
		parts = append(parts, fmt.Sprintf("%s ×%d", name, count[name]))
	}
	if parts == nil {
		return "none"
	}
	return strings.Join(parts, ", ")
}

// toolDirectories names the directories of the execution configurations.
func toolDirectories(log *execlog.Log) string {
	count := map[string]int{}
	for i := range log.Spawns {
		for _, path := range log.Spawns[i].Listed {
			if IsTool(path) {
				dir, _, _ := strings.Cut(strings.TrimPrefix(path, "bazel-out/"), "/")
				count[dir]++
				break
			}
		}
	}
	return counts(count)
}
