// SPDX-License-Identifier: Apache-2.0

// Package rebuild runs `hypaudit rebuild` on small workspaces whose actions have one
// fault each, with Bazel.
package rebuild

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/rebuild"
	"github.com/rules-hyp/rules_hyp/tests/remote/bed"
)

// workspace returns a directory for a workspace, beside a copy of this repository with
// its bazelw.
func workspace(t *testing.T) (w *bed.Workspace, source *bed.Workspace) {
	source = bed.SourceWorkspace(t)
	return &bed.Workspace{Dir: filepath.Join(filepath.Dir(source.Dir), "small")}, source
}

// quick are options of Bazel's server with which it starts faster. Each build starts one.
var quick = []string{"--startup_option=--host_jvm_args=-XX:TieredStopAtLevel=1", "--startup_option=--host_jvm_args=-XX:+UseSerialGC"}

// audit runs hypaudit, which must end with an exit code.
func audit(t *testing.T, w, source *bed.Workspace, code int, args ...string) *rebuild.Report {
	t.Helper()
	program, env := source.Bazel(t)
	cmd := exec.Command(filepath.Join(os.Getenv("TEST_SRCDIR"), os.Getenv("HYPAUDIT")), append([]string{"rebuild", "--json", "--bazel=" + program}, slices.Concat(quick, args)...)...)
	cmd.Dir, cmd.Env = w.Dir, env
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	t.Logf("hypaudit rebuild %s:\n%s", strings.Join(args, " "), &stderr)
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != code {
		t.Fatalf("%v, want exit code %d\n%s%s", err, code, &stderr, &stdout)
	}
	var r rebuild.Report
	if err := json.Unmarshal(stdout.Bytes(), &r); err != nil {
		t.Fatalf("%v\n%s", err, &stdout)
	}
	return &r
}

// text has a file that Bazel writes itself, with a variable of the actions' environment.
const text = `def _impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".txt")
    ctx.actions.write(out, "by %s\n" % ctx.configuration.default_shell_env.get("USER", "nobody"))
    return [DefaultInfo(files = depset([out]))]

text = rule(implementation = _impl)
`

// TestFaults has all faults in one workspace: each is found, by its cause, and nothing
// else.
func TestFaults(t *testing.T) {
	w, source := workspace(t)
	installCompiler(t, w)
	write(t, w, faults)
	w.Write(t, "defs.bzl", text)
	build, err := os.ReadFile(filepath.Join(w.Dir, "BUILD.bazel"))
	if err != nil {
		t.Fatal(err)
	}
	w.Write(t, "BUILD.bazel", "load(\":defs.bzl\", \"text\")\n\ntext(name = \"text\")\n\n"+string(build))
	page := filepath.Join(t.TempDir(), "report.html")
	r := audit(t, w, source, 1, "--html="+page, "--skip=jobs", "//:everything", "//:text")
	left := r.Findings
	for _, f := range faults {
		i := slices.IndexFunc(left, func(found rebuild.Finding) bool { return found.Action.Label == "//:"+f.name })
		if i < 0 {
			t.Errorf("%s: not found", f.name)
			continue
		}
		f.check(t, &left[i])
		left = slices.Delete(left, i, i+1)
	}
	if i := slices.IndexFunc(left, func(found rebuild.Finding) bool { return strings.HasSuffix(found.Action.Output, "/text.txt") }); i >= 0 {
		f := fault{name: "text", kind: rebuild.Written, causes: []string{"user"}, words: []string{"- by nobody", "+ by varied-user"}}
		f.check(t, &left[i])
		left = slices.Delete(left, i, i+1)
	} else {
		t.Error("text.txt: not found")
	}
	for _, f := range left {
		t.Errorf("found as well: %+v", f)
	}
	if r.Hidden != 1 {
		t.Errorf("%d actions follow, want that of //:everything", r.Hidden)
	}
	shown, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"<h1 class=\"different\">DIFFERENT: ", "function seconds", "//:pid", "host-name"} {
		if !bytes.Contains(shown, []byte(word)) {
			t.Errorf("the HTML report lacks %q", word)
		}
	}
	t.Logf("%d builds", len(r.Builds))
}

// check checks a finding.
func (f *fault) check(t *testing.T, found *rebuild.Finding) {
	t.Helper()
	kind := f.kind
	if kind == "" {
		kind = rebuild.Result
	}
	if found.Kind != kind || !slices.Equal(found.Causes, f.causes) {
		t.Errorf("%s: %s because of %q (%s), want %s because of %q", f.name, found.Kind, found.Causes, found.Verdict, kind, f.causes)
	}
	text := found.Verdict + "\n"
	for _, file := range found.Files {
		text += file.Type + "\n" + strings.Join(file.Lines, "\n") + "\n"
	}
	for _, word := range f.words {
		if !strings.Contains(text, word) {
			t.Errorf("%s: what is said lacks %q:\n%s", f.name, word, text)
		}
	}
}

// TestSound has no fault: nothing is reported, though everything is varied.
func TestSound(t *testing.T) {
	w, source := workspace(t)
	// Two at once, so that how many run at once can vary.
	write(t, w, []fault{{name: "a", command: "sleep 0.2; echo a >$@"}, {name: "b", command: "sleep 0.2; echo b >$@"}})
	r := audit(t, w, source, 0, "//:everything")
	if !r.Equal || len(r.Findings) != 0 || len(r.Builds) != 3 {
		t.Errorf("equal: %v in %d builds, findings: %+v", r.Equal, len(r.Builds), r.Findings)
	}
	for _, v := range r.Variations {
		if want := v.Name != "remote" && v.Name != "tools"; v.Made != want {
			t.Errorf("variation %s: made: %v (%s), want %v", v.Name, v.Made, v.Reason, want)
		}
	}
}

// modes has a tool whose output is the mode in which it was compiled.
const modes = `def _tool_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".sh")
    ctx.actions.run_shell(outputs = [out], command = "echo 'echo %s >$1' >$1" % ctx.var["COMPILATION_MODE"], arguments = [out.path], mnemonic = "Tool")
    return [DefaultInfo(files = depset([out]))]

tool = rule(implementation = _tool_impl)

def _user_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".out")
    ctx.actions.run_shell(outputs = [out], inputs = ctx.files.tool, command = "sh $1 $2", arguments = [ctx.files.tool[0].path, out.path], mnemonic = "Use")
    return [DefaultInfo(files = depset([out]))]

user = rule(implementation = _user_impl, attrs = {"tool": attr.label(cfg = "exec")})
`

// TestOtherGroup has a remote executor, on which a directory of this machine is
// missing, and a tool that works by its compilation mode.
func TestOtherGroup(t *testing.T) {
	w, source := workspace(t)
	write(t, w, nil)
	w.Write(t, "defs.bzl", modes)
	w.Write(t, "BUILD.bazel", `load(":defs.bzl", "tool", "user")

tool(name = "tool")

user(
    name = "user",
    tool = ":tool",
)

genrule(
    name = "place",
    outs = ["place.out"],
    cmd = "test -d /sys/kernel && echo here >$@ || echo elsewhere >$@",
)

genrule(
    name = "sound",
    outs = ["sound.out"],
    cmd = "echo sound >$@",
)
`)
	server := bed.New(t, bed.Shell(t))
	r := audit(t, w, source, 1, "--vary=tools,remote,umask", "--remote_executor="+server.Proxy.Endpoint(), "--option=--remote_default_exec_properties=inject=shell",
		"//:user", "//:place", "//:sound")
	for _, v := range r.Variations {
		if !v.Made {
			t.Errorf("%s was not made: %s", v.Name, v.Reason)
		}
	}
	wanted := []fault{
		{name: "place", causes: []string{"remote"}, words: []string{"- here", "+ elsewhere"}},
		{name: "user", causes: []string{"tools"}, words: []string{"- opt", "+ fastbuild"}},
	}
	if len(r.Findings) != len(wanted) {
		t.Fatalf("got %+v, want %d findings", r.Findings, len(wanted))
	}
	for _, f := range wanted {
		i := slices.IndexFunc(r.Findings, func(found rebuild.Finding) bool { return found.Action.Label == "//:"+f.name })
		if i < 0 {
			t.Errorf("%s: not found", f.name)
			continue
		}
		f.check(t, &r.Findings[i])
	}
}

// packages is a repository rule that takes a package by the host's name: a compiler for
// one host, another one for all others.
const packages = `def _impl(ctx):
    host = ctx.execute(["uname", "-n"]).stdout.strip()
    ctx.file("BUILD.bazel", "exports_files([\"cc\"])")
    ctx.file("cc", "#!/bin/sh\n# version %s\necho compiled >$1\n" % ("13" if host == "varied-host" else "12"))

packages = repository_rule(implementation = _impl)
packages_extension = module_extension(implementation = lambda ctx: packages(name = "cc"))
`

// TestCompiler has another compiler package on another host, with which an output
// differs.
func TestCompiler(t *testing.T) {
	w, source := workspace(t)
	write(t, w, []fault{{name: "compiled", command: "true"}})
	w.Write(t, "packages.bzl", packages)
	w.Write(t, "MODULE.bazel", module+"\next = use_extension(\"//:packages.bzl\", \"packages_extension\")\nuse_repo(ext, \"cc\")\n")
	w.Write(t, "BUILD.bazel", `genrule(
    name = "compiled",
    outs = ["compiled.o"],
    cmd = "sed -n 2p $(location @cc//:cc) >$@",
    tools = ["@cc//:cc"],
)
`)
	r := audit(t, w, source, 1, "--vary=host-name,umask", "//:compiled")
	if len(r.Findings) != 1 {
		t.Fatalf("got %+v, want one finding", r.Findings)
	}
	found := &r.Findings[0]
	want := fault{name: "compiled", kind: rebuild.Input, causes: []string{"host-name"}, words: []string{"- # version 12", "+ # version 13"}}
	want.check(t, found)
	if len(found.Inputs) != 1 || !strings.HasPrefix(found.Inputs[0], "external/") || !strings.HasSuffix(found.Inputs[0], "/cc") {
		t.Errorf("got the inputs %q, want the compiler", found.Inputs)
	}
}
