// SPDX-License-Identifier: Apache-2.0

package bazelrun

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rules-hyp/rules_hyp/internal/vary"
)

// The names of the variations.
const (
	Path        = "path"
	OutputBase  = "output-base"
	User        = "user"
	Home        = "home"
	HostName    = "host-name"
	Umask       = "umask"
	TimeZone    = "time-zone"
	Locale      = "locale"
	Environment = "environment"
	Date        = "date"
	Jobs        = "jobs"
	Processors  = "processors"
	FileOrder   = "file-order"
	TimeStamps  = "time-stamps"
	Strategy    = "strategy"
	Remote      = "remote"
	Tools       = "tools"
)

// Variation is something that a build can vary.
type Variation struct {
	Name string
	What string // for people
	// Reach says what sees it and what does not.
	Reach string
}

// Variations are all that there are.
var Variations = []Variation{
	{Path, "the workspace's path, and its length", "everything that reads the working directory or absolute paths; the workspace is a copy"},
	{OutputBase, "the path of Bazel's output base, and its length", "the execution root of actions that run on this machine, sandboxed or not"},
	{User, "the user's name", "/etc/passwd, USER and LOGNAME; not the number of the user"},
	{Home, "the home directory", "/etc/passwd and HOME"},
	{HostName, "the host's name", "uname and gethostname of every process on this machine"},
	{Umask, "the umask", "every process on this machine"},
	{TimeZone, "the time zone", "TZ, in actions with Bazel's default environment; /etc/localtime stays"},
	{Locale, "the locale", "LC_ALL and LANG, in actions with Bazel's default environment"},
	{Environment, "another variable, and another PATH", "actions with Bazel's default environment"},
	{Date, "the date", "the clock of every 64-bit process on this machine, static or not; not the time stamps that the kernel gives to files, and not 32-bit programs"},
	{Jobs, "how many actions run at once", "Bazel's --jobs"},
	{Processors, "the number of processors", "the affinity mask of every process on this machine"},
	{FileOrder, "the order of files in directories", "every directory that a 64-bit process on this machine lists, a buffer at a time"},
	{TimeStamps, "the inodes and time stamps of source files", "the copy of the workspace; files of external repositories get new ones with output-base"},
	{Strategy, "how actions run: sandboxed or not", "actions that the workspace does not give a strategy of their own"},
	{Remote, "where actions run: on the remote executor", "actions that may run remotely"},
	{Tools, "the compilation mode of the tools", "tools that the build compiles; prebuilt ones stay"},
}

// Names returns the names of all variations.
func Names() []string {
	names := make([]string, len(Variations))
	for i, v := range Variations {
		names[i] = v.Name
	}
	return names
}

// bazelServer is the program of Bazel's server, which starts the actions. It would wait
// forever for a clock that stands still.
const bazelServer = "java"

// Values under variation. The time zone is a POSIX one, which needs no data files.
const (
	variedUser     = "varied-user"
	variedHost     = "varied-host"
	variedZone     = "VRY-11:45"
	variedUmask    = 0o077
	variedVariable = "HYPAUDIT_VARIED"
	variedPath     = "/varied"
	variedClock    = (400*24+7)*time.Hour + 13*time.Minute
)

// set is a set of variations.
type set map[string]bool

func newSet(names []string) set {
	s := set{}
	for _, name := range names {
		s[name] = true
	}
	return s
}

// conditions returns what a build's processes see, but for its commands.
func (r *Runner) conditions(s set, stopped int64) vary.Spec {
	spec := vary.Spec{Umask: -1, ReverseDirs: s[FileOrder], Stopped: stopped, StoppedBelow: bazelServer}
	if s[Umask] {
		spec.Umask = variedUmask
	}
	if s[HostName] {
		spec.HostName = variedHost
	}
	if s[Processors] {
		spec.Processors = 1
	}
	if s[Date] && stopped == 0 {
		spec.Clock = variedClock
	}
	switch {
	case s[User] && s[Home]:
		spec.Passwd = r.passwd("user-home")
	case s[User]:
		spec.Passwd = r.passwd("user")
	case s[Home]:
		spec.Passwd = r.passwd("home")
	}
	return spec
}

func (r *Runner) passwd(name string) string { return filepath.Join(r.dir, "passwd-"+name) }

// writePasswd writes the files for /etc/passwd: the machine's, with another name or
// home directory of the user.
func (r *Runner) writePasswd() error {
	name, home := "user", "/"
	if u, err := user.LookupId(fmt.Sprint(os.Getuid())); err == nil {
		name, home = u.Username, u.HomeDir
	}
	var others strings.Builder
	text, _ := os.ReadFile("/etc/passwd") // what is not there names nobody
	for line := range strings.Lines(string(text)) {
		if fields := strings.Split(line, ":"); len(fields) > 2 && fields[2] != fmt.Sprint(os.Getuid()) {
			others.WriteString(strings.TrimSuffix(line, "\n") + "\n")
		}
	}
	for file, entry := range map[string][2]string{"user": {variedUser, home}, "home": {name, r.variedHome()}, "user-home": {variedUser, r.variedHome()}} {
		line := fmt.Sprintf("%s:x:%d:%d::%s:/bin/sh\n", entry[0], os.Getuid(), os.Getgid(), entry[1])
		if err := os.WriteFile(r.passwd(file), []byte(line+others.String()), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func (r *Runner) variedHome() string { return filepath.Join(r.dir, "home-of-varied-user") }

// actionEnv returns the variables that a variation sets, for Bazel itself and for its
// actions.
func (r *Runner) actionEnv(s set) map[string]string {
	env := map[string]string{}
	if s[User] {
		env["USER"], env["LOGNAME"] = variedUser, variedUser
	}
	if s[Home] {
		env["HOME"] = r.variedHome()
	}
	if s[TimeZone] {
		env["TZ"] = variedZone
	}
	if s[Locale] {
		env["LC_ALL"], env["LANG"] = r.locale, r.locale
	}
	if s[Environment] {
		env[variedVariable] = "1"
	}
	return env
}

// environment returns the environment of Bazel.
func (r *Runner) environment(s set) []string {
	env := map[string]string{}
	for _, entry := range os.Environ() {
		name, value, _ := strings.Cut(entry, "=")
		env[name] = value
	}
	if s[Environment] {
		env["PATH"] += ":" + variedPath
	}
	if s[Home] && env["XDG_CACHE_HOME"] == "" {
		// Where the program that starts Bazel keeps it.
		env["XDG_CACHE_HOME"] = filepath.Join(env["HOME"], ".cache")
	}
	maps.Copy(env, r.actionEnv(s))
	list := make([]string, 0, len(env))
	for _, name := range slices.Sorted(maps.Keys(env)) {
		list = append(list, name+"="+env[name])
	}
	return list
}

// flags returns the options of a build.
func (r *Runner) flags(s set) []string {
	var flags []string
	env := r.actionEnv(s)
	for _, name := range slices.Sorted(maps.Keys(env)) {
		flags = append(flags, "--action_env="+name+"="+env[name], "--host_action_env="+name+"="+env[name])
	}
	if s[Jobs] {
		flags = append(flags, "--jobs=1")
	}
	switch {
	case s[Remote]:
		flags = append(flags, "--remote_executor="+r.options.Remote, "--spawn_strategy=remote,sandboxed,local", "--noremote_local_fallback", "--remote_download_outputs=all")
	case s[Strategy]:
		flags = append(flags, "--spawn_strategy="+r.otherStrategy, "--genrule_strategy="+r.otherStrategy)
	}
	if s[Tools] {
		flags = append(flags, "--host_compilation_mode=fastbuild")
	}
	return flags
}

// pickLocale returns a locale that is not C, if possible one that is installed.
func pickLocale() string {
	const preferred = "tr_TR.UTF-8" // i and I are no pair there
	out, err := exec.Command("locale", "-a").Output()
	if err != nil {
		return preferred
	}
	best := preferred
	for name := range strings.FieldsSeq(string(out)) {
		if strings.HasPrefix(name, "tr_TR") {
			return name
		}
		if name != "POSIX" && name != "C" && !strings.HasPrefix(name, "C.") {
			best = name
		}
	}
	return best
}
