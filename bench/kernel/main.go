// SPDX-License-Identifier: Apache-2.0

// Command kernel measures the hypervisor's build by kbuild and by Bazel on the same kernel tree: after the same edit, first one and then the other.
//
//	kernel -objects DIR -workspace DIR -bazel COMMAND [options] MAKE-ARGUMENT…
//
// The tree is one in which `make prepare` has run, and the workspace has its object as a target (docs/kernel.md). Give it a copy: files of the tree are
// edited, and restored at the end. Build the program and run it outside of Bazel, which it starts itself.
//
// Times are wall clock, medians of -runs. Each case has one edit per run, and kbuild and Bazel take turns in being first. kbuild makes the
// directory's object alone, not the kernel.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// bench is one measurement.
type bench struct {
	source, objects, dir, workspace, target string
	bazel, make                             []string
	runs                                    int
	first                                   int // number of the first edit
	saved                                   map[string][]byte
	log                                     io.Writer
}

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "kernel:", err)
		os.Exit(1)
	}
}

func run(args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("kernel", flag.ContinueOnError)
	b := &bench{saved: map[string][]byte{}, log: stderr, first: 1 + rand.IntN(30000)}
	var bazel, cases string
	flags.StringVar(&b.objects, "objects", "", "the prepared tree, or the object tree of O=, a `directory`")
	flags.StringVar(&b.dir, "dir", "arch/arm64/kvm/hyp/nvhe", "the `directory` in the tree that kbuild builds")
	flags.StringVar(&b.workspace, "workspace", "", "the Bazel workspace, a `directory`")
	flags.StringVar(&b.target, "target", "//hypervisor:hyp_o", "the `label` of the object")
	flags.StringVar(&bazel, "bazel", "bazel", "the `command`, with startup options")
	flags.IntVar(&b.runs, "runs", 5, "the `number` of runs")
	flags.StringVar(&cases, "cases", "", "only these cases, a `list` of names with commas")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if b.objects == "" || b.workspace == "" {
		return errors.New("-objects and -workspace are needed; -h for help")
	}
	b.source = b.objects
	if link, err := filepath.EvalSymlinks(filepath.Join(b.objects, "source")); err == nil {
		b.source = link
	}
	b.bazel = strings.Fields(bazel)
	b.make = append([]string{"make", "-s", "-j2", "ARCH=arm64", "-C", b.objects}, append(flags.Args(), b.dir+"/")...)
	return b.all(cases, stdout)
}

// all measures the cases and prints the table.
func (b *bench) all(only string, stdout io.Writer) (err error) {
	chosen := cases
	if only != "" {
		chosen = nil
		for name := range strings.SplitSeq(only, ",") {
			i := slices.IndexFunc(cases, func(c testCase) bool { return c.name == name })
			if i < 0 {
				return fmt.Errorf("-cases: no case %q", name)
			}
			chosen = append(chosen, cases[i])
		}
	}
	defer func() { err = errors.Join(err, b.restore()) }()
	interrupt := make(chan os.Signal, 1)
	signal.Notify(interrupt, os.Interrupt)
	go func() {
		<-interrupt
		b.restore()
		os.Exit(130)
	}()
	fmt.Fprintln(stdout, "| case | kbuild | Bazel | Bazel / kbuild | goal |\n|---|---|---|---|---|")
	for _, c := range chosen {
		kbuild, bazel, err := b.measure(c)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		fmt.Fprintf(stdout, "| %s | %s | %s | %.2f | %.2f |\n", c.name, seconds(kbuild), seconds(bazel), bazel.Seconds()/kbuild.Seconds(), c.goal)
	}
	return nil
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

// measure runs one case and returns the medians.
func (b *bench) measure(c testCase) (kbuild, bazel time.Duration, err error) {
	if err := b.settle(); err != nil {
		return 0, 0, err
	}
	var made, built []time.Duration
	for n := range b.runs {
		if err := c.prepare(b, n); err != nil {
			return 0, 0, err
		}
		steps := []func() error{
			func() error { return appendTime(&made, func() error { return b.command("", b.make...) }) },
			func() error { return appendTime(&built, func() error { return b.build(c.options(b)...) }) },
		}
		if n%2 == 1 {
			slices.Reverse(steps)
		}
		for _, step := range steps {
			if err := step(); err != nil {
				return 0, 0, err
			}
		}
		fmt.Fprintf(b.log, "%s: kbuild %s, Bazel %s\n", c.name, seconds(made[n]), seconds(built[n]))
	}
	return median(made), median(built), nil
}

// settle brings both to the state of the sources as they are.
func (b *bench) settle() error {
	if err := b.restore(); err != nil {
		return err
	}
	if err := b.command("", b.make...); err != nil {
		return err
	}
	return b.build()
}

func (b *bench) build(options ...string) error {
	args := append(slices.Clone(b.bazel), "build", "--noshow_progress", "--ui_event_filters=-info")
	return b.command(b.workspace, append(append(args, options...), b.target)...)
}

// command runs a command and shows its output if it fails.
func (b *bench) command(dir string, args ...string) error {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return nil
}

// edit puts text before and after a file of the source tree as it was at first.
func (b *bench) edit(name, before, after string) error {
	file := filepath.Join(b.source, name)
	old, ok := b.saved[file]
	if !ok {
		var err error
		if old, err = os.ReadFile(file); err != nil {
			return err
		}
		b.saved[file] = old
	}
	return os.WriteFile(file, slices.Concat([]byte(before), old, []byte(after)), 0o644)
}

// restore undoes all edits.
func (b *bench) restore() error {
	var errs []error
	for file, text := range b.saved {
		errs = append(errs, os.WriteFile(file, text, 0o644))
		delete(b.saved, file)
	}
	return errors.Join(errs...)
}

func appendTime(times *[]time.Duration, step func() error) error {
	start := time.Now()
	if err := step(); err != nil {
		return err
	}
	*times = append(*times, time.Since(start))
	return nil
}

func median(times []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(times))
	return sorted[len(sorted)/2]
}
