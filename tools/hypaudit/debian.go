// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	stdcontext "context"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/rules-hyp/rules_hyp/internal/bazelrun"
	"github.com/rules-hyp/rules_hyp/internal/debian"
	"github.com/rules-hyp/rules_hyp/internal/debkernel"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
	"github.com/rules-hyp/rules_hyp/internal/kallsyms"
	"github.com/rules-hyp/rules_hyp/internal/kernel/generate"
	"github.com/rules-hyp/rules_hyp/internal/textline"
	"github.com/rules-hyp/rules_hyp/internal/vmlinuz"
)

// debianOptions are those of `hypaudit image --debian`.
type debianOptions struct {
	name   string // PACKAGE[=VERSION]
	suite  string
	root   string // the directory of rules_hyp
	bazel  string
	object string // where the object is kept; empty: nowhere
	image  string // where the kernel's package is kept; empty: nowhere
}

// fetched is a kernel of Debian, and the object that was built for it.
type fetched struct {
	object, image string
	remove        func()
}

// Programs of Bazel get this long to end after an interrupt.
const bazelGrace = 30 * time.Second

// fetchDebian downloads a kernel of Debian and builds its hypervisor. Nothing is left when remove was called, or after an error.
func fetchDebian(o debianOptions, progress *textline.Writer) (_ *fetched, err error) {
	// An interrupt ends what runs, and then the command, which removes its files.
	ctx, stop := signal.NotifyContext(stdcontext.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root, err := o.rulesHyp()
	if err != nil {
		return nil, err
	}
	// Bazel's output directory must not be below a symbolic link.
	dir, err := os.MkdirTemp("", "hypaudit-")
	if err == nil {
		dir, err = filepath.EvalSymlinks(dir)
	}
	if err != nil {
		return nil, err
	}
	remove := func() { bazelrun.RemoveTree(dir) }
	defer func() {
		if err != nil {
			remove()
		}
	}()
	name, version, _ := strings.Cut(o.name, "=")
	progress.Linef("hypaudit: looking up %s", o.name)
	archives := &debian.Archives{Context: ctx, Dir: filepath.Join(dir, "apt")}
	kernel, err := debkernel.Find(func(spec string) (string, error) { return archives.Show(o.suite, "arm64", spec) }, name, version)
	if err != nil {
		return nil, err
	}
	rules, err := generate.KernelOf(kernel.Version)
	if err != nil {
		return nil, errcode.KernelUnsupported.Errorf("%s is Linux %s: %w", kernel.Image.Name, kernel.Version, err)
	}
	if got := generate.CompilerOf(rules.Platform); got == nil || got.String() != "gcc-"+kernel.GCC {
		return nil, errcode.KernelUnsupported.Errorf("%s was built with GCC %s, and %s has %v; give it the platform of another (docs/toolchain.md)", kernel.Image.Name, kernel.GCC, rules.Package(), got)
	}
	progress.Linef("hypaudit: downloading %s %s, %d MB", kernel.Image.Name, kernel.Image.Version, (kernel.Image.Size+999_999)/1_000_000)
	image, err := archives.Download(o.suite, "arm64", kernel.Image.Name+"="+kernel.Image.Version, dir)
	if err != nil {
		return nil, err
	}
	if err := checkHypervisor(image); err != nil {
		return nil, err
	}
	workspace := filepath.Join(dir, "workspace")
	if err := os.Mkdir(workspace, 0o755); err != nil {
		return nil, err
	}
	if err := kernel.WriteWorkspace(workspace, root, rules.Repository); err != nil {
		return nil, err
	}
	if kernel.Patches != "" {
		progress.Linef("hypaudit: Debian built it with the %s patches, which linux-source-%s does not have: if they change the hypervisor, it is not proven", kernel.Patches, kernel.Version)
	}
	progress.Linef("hypaudit: building the hypervisor of Linux %s with its configuration and GCC %s", kernel.Image.Version, kernel.GCC)
	object, err := o.build(ctx, root, workspace, filepath.Join(dir, "output"), "@rules_hyp//"+rules.Package()+":hyp_o")
	if err != nil {
		return nil, err
	}
	if o.image != "" {
		data, err := os.ReadFile(image)
		if err == nil {
			err = fileio.WriteBytes(o.image, data)
		}
		if err != nil {
			return nil, err
		}
	}
	return &fetched{object, image, remove}, nil
}

// hypPrefix is that of the symbols of nVHE code (arch/arm64/kernel/image-vars.h).
const hypPrefix = "__kvm_nvhe_"

// checkHypervisor returns an error for a package with a kernel that has no hypervisor, such as a realtime one of Debian 12: its configuration would not
// compile. What cannot be read is for the audit to say.
func checkHypervisor(name string) error {
	file, err := fileio.Map(name)
	if err != nil {
		return err
	}
	defer file.Close()
	kernel, err := vmlinuz.Open(name, file.Data)
	if err != nil {
		return nil
	}
	table, err := kallsyms.Find(kernel.Image)
	if err != nil || hasHypervisor(table.Symbols) {
		return nil
	}
	return errcode.NoHypervisor.Errorf("%s: the kernel has no hypervisor: none of its symbols starts with %s; it was built without CONFIG_KVM", filepath.Base(name), hypPrefix)
}

func hasHypervisor(symbols []kallsyms.Symbol) bool {
	return slices.ContainsFunc(symbols, func(s kallsyms.Symbol) bool { return strings.HasPrefix(s.Name, hypPrefix) })
}

// rulesHyp returns the directory of rules_hyp.
func (o *debianOptions) rulesHyp() (string, error) {
	root := o.root
	if root == "" {
		root = os.Getenv("BUILD_WORKSPACE_DIRECTORY")
	}
	root, err := filepath.Abs(root)
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(filepath.Join(root, "MODULE.bazel"))
	if err != nil || !bytes.Contains(text, []byte(`name = "rules_hyp"`)) {
		return "", errcode.NotRulesDirectory.Errorf("%s: is not the directory of rules_hyp; give it with --rules-hyp", root)
	}
	return root, nil
}

// build builds a target in a workspace, and returns the path of its file, which Bazel's server is not needed for any more.
func (o *debianOptions) build(ctx stdcontext.Context, root, workspace, output, target string) (_ string, err error) {
	program := o.bazel
	if program == "" {
		program = filepath.Join(root, "bazelw")
	}
	run := func(args ...string) (string, error) {
		cmd := exec.CommandContext(ctx, program, append([]string{"--output_base=" + output}, args...)...)
		cmd.Dir = workspace
		var stdout bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, os.Stderr
		cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
		cmd.WaitDelay = bazelGrace
		if err := cmd.Run(); err != nil {
			return "", errcode.BazelFailed.Errorf("%s %s: %w; its messages are above", program, args[0], err)
		}
		return strings.TrimSpace(stdout.String()), nil
	}
	defer func() {
		// Also after an interrupt: the server would stay, with its output directory removed.
		ctx = stdcontext.Background()
		if _, e := run("shutdown"); e != nil && err == nil {
			err = e
		}
	}()
	if _, err := run("build", "--", target); err != nil {
		return "", err
	}
	below, err := run("cquery", "--output=files", target)
	if err != nil {
		return "", err
	}
	execution, err := run("info", "execution_root")
	if err != nil {
		return "", err
	}
	data, err := os.ReadFile(filepath.Join(execution, below))
	if err != nil {
		return "", err
	}
	object := o.object
	if object == "" {
		object = filepath.Join(filepath.Dir(workspace), "hyp.o")
	}
	return object, fileio.WriteBytes(object, data)
}
