// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bazelbuild/buildtools/build"
	"golang.org/x/sys/unix"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
	"github.com/rules-hyp/rules_hyp/internal/kernel/buildfile"
	"github.com/rules-hyp/rules_hyp/internal/kernel/generate"
	"github.com/rules-hyp/rules_hyp/internal/kernel/keep"
	"github.com/rules-hyp/rules_hyp/internal/kernel/prepare"
	"github.com/rules-hyp/rules_hyp/internal/kernel/workspace"
	"github.com/rules-hyp/rules_hyp/internal/textline"
)

// Files of a workspace.
const (
	bazelwName    = "bazelw"
	moduleName    = "MODULE.bazel"
	bazelrcName   = ".bazelrc"
	versionName   = ".bazelversion"
	ignoreName    = ".bazelignore"
	packageFile   = "BUILD.bazel"
	headersName   = "headers.txt"
	undefinedName = "undefined.txt"
	databaseName  = "compile_commands.json"
)

// workspaceSuffix is what the default workspace's name has after that of the source tree.
const workspaceSuffix = "-hyp"

// initFile is a file of the workspace.
type initFile struct {
	name       string // relative to the workspace
	text       []byte // what it should be
	before     []byte // what it is; nil if it does not exist
	executable bool
	notes      []string
}

// initFiles are the files of a workspace.
type initFiles struct {
	run   *initializer
	root  string
	rules string // the apparent name of rules_hyp
	files []*initFile
	kept  []string // files of the user that are not touched
}

// openWorkspace finds the workspace and makes the files that do not depend on kbuild. It writes nothing.
func (r *initializer) openWorkspace() (*initFiles, error) {
	root, err := r.workspaceRoot()
	if err != nil {
		return nil, err
	}
	f := &initFiles{run: r, root: root}
	if err := f.addModule(); err != nil {
		return nil, err
	}
	return f, f.checkPackage()
}

// workspaceRoot returns the workspace's directory, which need not exist.
func (r *initializer) workspaceRoot() (string, error) {
	dir := r.initConfig.workspace
	if dir == "" {
		current, err := filepath.EvalSymlinks(r.currentDirectory)
		if err != nil {
			return "", err
		}
		dir = current
		if prepare.Inside(current, r.place.Source) || prepare.Inside(current, r.place.Objects) {
			dir = r.place.Source + workspaceSuffix
		}
	}
	// Of a directory that does not exist, the part that does.
	rest, existing := "", filepath.Clean(dir)
	for {
		resolved, err := filepath.EvalSymlinks(existing)
		if err == nil {
			dir = filepath.Join(resolved, rest)
			existing = resolved
			break
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
		rest, existing = filepath.Join(filepath.Base(existing), rest), filepath.Dir(existing)
	}
	for _, root := range []string{r.place.Source, r.place.Objects} {
		if prepare.Inside(dir, root) {
			return "", errcode.WorkspacePlace.Errorf("-workspace: %s is in the kernel tree %s, where hypgen writes no files of Bazel; give a directory outside of it", dir, root)
		}
	}
	if info, err := os.Stat(existing); err != nil || !info.IsDir() {
		return "", errcode.WorkspacePlace.Errorf("-workspace: %s is not a directory; give another one", existing)
	}
	if err := unix.Access(existing, unix.W_OK|unix.X_OK); err != nil && !r.check {
		return "", errcode.NotWritable.Errorf("-workspace: %s cannot be written to: %w; name another directory with -workspace", existing, err)
	}
	return dir, nil
}

// addModule makes MODULE.bazel and what belongs to it.
func (f *initFiles) addModule() error {
	r := f.run
	before, err := f.read(moduleName)
	if err != nil {
		return err
	}
	if before == nil {
		for _, name := range []string{"WORKSPACE", "WORKSPACE.bazel"} {
			if _, err := os.Lstat(filepath.Join(f.root, name)); err == nil {
				return errcode.WorkspacePlace.Errorf("%s: is a workspace without MODULE.bazel, and hypgen init writes that; docs/kernel.md says what to write into WORKSPACE, "+
					"or name another directory with -workspace", filepath.Join(f.root, name))
			}
		}
	}
	module, err := workspace.ParseModule(filepath.Join(f.root, moduleName), before)
	if err != nil {
		return err
	}
	if module.IsRules() {
		return errcode.WorkspacePlace.Errorf("%s: is rules_hyp itself; name a directory for your workspace with -workspace", f.root)
	}
	source, err := r.rulesSource(f.root, module.HasRules())
	if err != nil {
		return err
	}
	module.SetRules(source)
	err = module.SetKernel(workspace.Kernel{
		Repository: r.repository,
		Path:       relativePath(f.root, r.place.Objects),
		Headers:    "//" + r.pkg + ":" + headersName,
	})
	if err != nil {
		return err
	}
	f.rules = module.RulesRepository()
	f.add(&initFile{name: moduleName, text: module.Text(), before: before})
	if err := f.addSettings(); err != nil {
		return err
	}
	return f.addBazelw(module.RulesPath())
}

// rulesSource returns where rules_hyp comes from; nil if that is to stay as it is.
func (r *initializer) rulesSource(root string, has bool) (*workspace.Source, error) {
	source := &workspace.Source{Version: r.rulesVersion, Archive: r.archive, Integrity: r.integrity, StripPrefix: r.top, Registry: r.registry}
	switch {
	case r.rulesHyp != "":
		checkout, err := filepath.EvalSymlinks(r.rulesHyp)
		if err != nil || !workspace.IsCheckout(checkout) {
			return nil, errcode.RulesUnknown.Errorf("-rules_hyp: %s has no MODULE.bazel of rules_hyp; give the directory of a checkout", r.rulesHyp)
		}
		source.Checkout = relativePath(root, checkout)
	case r.givenSource:
	case has:
		return nil, nil
	default:
		command := os.Args[0]
		if strings.Contains(command, "/") {
			command = r.absolute(command)
		}
		program, err := os.Executable()
		if err != nil {
			program = ""
		}
		checkout := os.Getenv("BUILD_WORKSPACE_DIRECTORY")
		if !workspace.IsCheckout(checkout) {
			checkout = workspace.FindCheckout(command, program)
		}
		if checkout == "" {
			return nil, errcode.RulesUnknown.Errorf("%s: needs rules_hyp, and hypgen does not know where it is: give the directory of a checkout (-rules_hyp DIRECTORY), "+
				"an archive (-archive URL -sha256 HASH) or a registry (-registry URL)", filepath.Join(root, moduleName))
		}
		source.Checkout = relativePath(root, checkout)
	}
	return source, nil
}

// addSettings makes .bazelrc, .bazelversion and .bazelignore, unless they exist.
func (f *initFiles) addSettings() error {
	registry := f.run.registry
	bazelrc, err := f.read(bazelrcName)
	if err != nil {
		return err
	}
	if bazelrc != nil && registry != "" && !workspace.HasRegistry(bazelrc, registry) {
		return errcode.RegistryMissing.Errorf("%s: does not name the registry of rules_hyp; add the line `common --registry=%s`, above one with --registry=https://bcr.bazel.build/",
			filepath.Join(f.root, bazelrcName), registry)
	}
	f.addMissing(bazelrcName, bazelrc, workspace.Bazelrc(registry, f.run.otherRegistries...))
	version, err := f.read(versionName)
	if err != nil {
		return err
	}
	f.addMissing(versionName, version, []byte(workspace.BazelVersion+"\n"))

	// `//...` would search a kernel tree for packages.
	var inside []string
	for _, dir := range []string{f.run.place.Source, f.run.place.Objects} {
		if prepare.Inside(dir, f.root) {
			relative, err := filepath.Rel(f.root, dir)
			if err != nil {
				return err
			}
			inside = append(inside, filepath.ToSlash(relative))
		}
	}
	ignore, err := f.read(ignoreName)
	if err != nil {
		return err
	}
	if text := workspace.Ignore(ignore, inside...); text != nil {
		f.add(&initFile{name: ignoreName, text: text, before: ignore})
	}
	return nil
}

// addBazelw makes a script that runs the bazelw of a checkout, unless there is none or the user has a bazelw.
func (f *initFiles) addBazelw(checkout string) error {
	if checkout == "" {
		return nil
	}
	program := filepath.Join(checkout, bazelwName)
	if !filepath.IsAbs(program) {
		program = filepath.Join(f.root, program)
	}
	if _, err := os.Stat(program); err != nil {
		return nil
	}
	before, err := f.read(bazelwName)
	if err != nil {
		return err
	}
	if before != nil && !bytes.Contains(before, []byte(workspace.Mark)) {
		f.kept = append(f.kept, bazelwName)
		return nil
	}
	f.add(&initFile{name: bazelwName, text: workspace.Bazelw(checkout), before: before, executable: true})
	return nil
}

// checkPackage checks that the package is hypgen's.
func (f *initFiles) checkPackage() error {
	pkg := filepath.Join(f.root, f.run.pkg)
	if _, err := os.Lstat(filepath.Join(pkg, "BUILD")); err == nil {
		return errcode.PackageOccupied.Errorf("%s: a BUILD.bazel beside it would hide it from Bazel; give another directory with -package", filepath.Join(pkg, "BUILD"))
	}
	name := path.Join(f.run.pkg, packageFile)
	before, err := f.read(name)
	if err != nil {
		return err
	}
	if before != nil && !bytes.Contains(before, []byte(buildfile.CommandLabel)) {
		return errcode.PackageOccupied.Errorf("%s: was not written by hypgen; give another directory with -package, or remove the file", filepath.Join(f.root, name))
	}
	return nil
}

// request returns the request for the files of the package.
func (f *initFiles) request(platform string) *generate.Request {
	in := func(name string) string { return path.Join(f.run.pkg, name) }
	command, database := f.run.command(), in(databaseName)
	if f.run.check {
		// A check may be made elsewhere than where the files were written, with other paths.
		command, database = f.writtenCommand(command), ""
	}
	return &generate.Request{
		BuildFile:       in(packageFile),
		Headers:         in(headersName),
		Undefined:       in(undefinedName),
		CompileCommands: database,
		Configured:      true,
		Build: buildfile.Options{
			Repository: f.run.repository,
			Rules:      "@" + f.rules + "//rules:defs.bzl",
			Name:       f.run.name,
			Platform:   platform,
			Command:    command,
		},
	}
}

// writtenCommand returns the command in the head of the BUILD file, or command if there is none.
func (f *initFiles) writtenCommand(command string) string {
	name := path.Join(f.run.pkg, packageFile)
	text, err := f.read(name)
	if err != nil || text == nil {
		return command
	}
	file, err := keep.ParseBuild(name, text)
	if err != nil {
		return command
	}
	for _, stmt := range file.Stmt {
		if head, ok := stmt.(*build.StringExpr); ok {
			if _, after, found := strings.Cut(head.Value, buildfile.CommandLabel); found {
				written, _, _ := strings.Cut(after, "\n")
				return written
			}
		}
	}
	return command
}

// setGenerated adds the files of the package, merged with those that exist.
func (f *initFiles) setGenerated(files []generate.File) error {
	for _, made := range files {
		before, err := f.read(made.Name)
		if err != nil {
			return err
		}
		file := &initFile{name: made.Name, text: made.Text, before: before}
		if before != nil && path.Base(made.Name) == packageFile {
			result, err := keep.Merge(filepath.Join(f.root, made.Name), before, made.Text)
			if err != nil {
				return err
			}
			file.text = result.Text
			if len(result.Kept) > 0 {
				file.notes = append(file.notes, "kept by # keep: "+strings.Join(result.Kept, ", "))
			}
			if len(result.Dropped) > 0 {
				file.notes = append(file.notes, "removed, without # keep: "+strings.Join(result.Dropped, ", "))
			}
			if removed := edits(result.Removed); len(removed) > 0 {
				file.notes = append(file.notes, "replaced, without # keep: "+some(removed))
			}
		}
		f.add(file)
	}
	return nil
}

// maxNamed is how many edits of a file a note names. Another version of the kernel has many other options.
const maxNamed = 12

// some returns the first of the names, and how many there are besides.
func some(names []string) string {
	text := strings.Join(names[:min(len(names), maxNamed)], ", ")
	if more := len(names) - maxNamed; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// edits leaves the command of the last run out of what was replaced: nobody edits it.
func edits(removed []string) []string {
	return slices.DeleteFunc(removed, func(what string) bool { return strings.HasPrefix(what, "tree: regenerate: ") })
}

// read reads a file of the workspace; nil if it does not exist.
func (f *initFiles) read(name string) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(f.root, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if text == nil && err == nil {
		text = []byte{}
	}
	return text, err
}

func (f *initFiles) add(file *initFile) { f.files = append(f.files, file) }

// addMissing adds a file that is written once, and is the user's from then on.
func (f *initFiles) addMissing(name string, before, text []byte) {
	if before != nil && !bytes.Equal(before, text) {
		f.kept = append(f.kept, name)
		return
	}
	f.add(&initFile{name: name, text: text, before: before})
}

// changed tells whether a file is to be written.
func (file *initFile) changed() bool {
	return file.before == nil || !bytes.Equal(file.before, file.text)
}

// check returns an error that names the files that are out of date.
func (f *initFiles) check() error {
	var different []string
	for _, file := range f.files {
		if file.changed() {
			different = append(different, filepath.Join(f.root, file.name))
		}
	}
	if len(different) == 0 {
		return nil
	}
	return errcode.OutOfDate.Errorf("%s: out of date; run hypgen init without -check", strings.Join(different, ", "))
}

// write writes what has changed. If one file cannot be written, those before it are as they were.
func (f *initFiles) write(log *textline.Writer) (err error) {
	undo := &undo{}
	defer func() {
		if err != nil {
			err = errors.Join(err, undo.run())
		}
	}()
	for _, file := range f.files {
		if !file.changed() {
			continue
		}
		name := filepath.Join(f.root, file.name)
		if err := undo.makeDirectory(filepath.Dir(name)); err != nil {
			return err
		}
		if err := fileio.WriteBytes(name, file.text); err != nil {
			return err
		}
		undo.add(name, file.before)
		if file.executable {
			if err := os.Chmod(name, 0o755); err != nil {
				return err
			}
		}
	}
	for _, file := range f.files {
		what := "unchanged"
		if file.changed() {
			what = "wrote"
		}
		log.Linef("hypgen: %s %s%s", what, filepath.Join(f.root, file.name), strings.Join(append([]string{""}, file.notes...), "; "))
	}
	f.logKept(log)
	return nil
}

// logKept names the files of the user that were not touched.
func (f *initFiles) logKept(log *textline.Writer) {
	for _, name := range f.kept {
		log.Linef("hypgen: kept %s, which is yours", filepath.Join(f.root, name))
	}
}
