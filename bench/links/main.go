// SPDX-License-Identifier: Apache-2.0

// Command links runs the partial links of a kernel build again, with the linker that made them and with hyplink, in turns.
//
//	links -objects DIR -hyplink FILE [-linker FILE] [-runs N] [-compare]
//
// The links are those that kbuild recorded (.cmd) in an object tree that was built: of modules' objects, of modules, of vmlinux.o, of the hypervisor.
// Nothing in the tree changes. Times are wall clock: a run does all links of a kind, one after another, and the table has the medians of -runs.
// With -compare, the objects are compared as well, by hyplink compare; the order of sections and of symbols and the values of build IDs do not count.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// bench is one measurement.
type bench struct {
	objects, hyplink, linker string
	runs                     int
	temporary                string
}

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "links:", err)
		os.Exit(1)
	}
}

func run(args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("links", flag.ContinueOnError)
	b := &bench{}
	compare := false
	flags.StringVar(&b.objects, "objects", "", "the tree that was built, or the object tree of O=, a `directory`")
	flags.StringVar(&b.hyplink, "hyplink", "", "hyplink, a `file`")
	flags.StringVar(&b.linker, "linker", "", "the other linker, a `file`; by default the one that kbuild recorded")
	flags.IntVar(&b.runs, "runs", 5, "the `number` of runs")
	flags.BoolVar(&compare, "compare", false, "compare the objects, too")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if b.objects == "" || b.hyplink == "" || b.runs < 1 {
		return errors.New("-objects, -hyplink and a positive number of -runs are needed; -h for help")
	}
	var err error
	if b.hyplink, err = filepath.Abs(b.hyplink); err != nil {
		return err
	}
	links, err := recorded(b.objects)
	if err != nil {
		return err
	}
	if b.temporary, err = os.MkdirTemp("", "links-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.temporary)
	fmt.Fprintln(stdout, "| links | number | other linker | hyplink | hyplink / other |\n|---|---|---|---|---|")
	var differ []string
	for _, kind := range kinds {
		chosen := slices.DeleteFunc(slices.Clone(links), func(l link) bool { return l.kind() != kind })
		if len(chosen) == 0 {
			continue
		}
		other, hyplink, err := b.measure(chosen)
		if err != nil {
			return err
		}
		fmt.Fprintf(stdout, "| %s | %d | %s | %s | %.2f |\n", kind, len(chosen), seconds(other), seconds(hyplink), hyplink.Seconds()/other.Seconds())
		for _, l := range chosen {
			if !compare {
				break
			}
			text, err := b.compare(l)
			if err != nil {
				return err
			}
			if text != "" {
				differ = append(differ, l.output+"\n"+text)
			}
		}
	}
	if len(differ) > 0 {
		return fmt.Errorf("%d of %d objects differ:\n%s", len(differ), len(links), strings.Join(differ, ""))
	}
	if compare {
		fmt.Fprintf(stdout, "\n%d objects are equal.\n", len(links))
	}
	return nil
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

// measure returns the medians of all links of a kind.
func (b *bench) measure(links []link) (other, hyplink time.Duration, err error) {
	var times [2][]time.Duration
	for n := range b.runs {
		for turn := range 2 {
			which := (n + turn) % 2
			start := time.Now()
			for _, l := range links {
				if err := b.link(l, which); err != nil {
					return 0, 0, err
				}
			}
			times[which] = append(times[which], time.Since(start))
		}
	}
	return median(times[0]), median(times[1]), nil
}

func median(times []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(times))
	return sorted[len(sorted)/2]
}

// names are those of the results of the two linkers in the temporary directory.
var names = [2]string{"other.o", "hyplink.o"}

// link makes a link with one of the two linkers.
func (b *bench) link(l link, which int) error {
	command := slices.Clone(l.linker)
	switch {
	case which == 1:
		command = []string{b.hyplink, "ld"}
	case b.linker != "":
		command = []string{b.linker}
	}
	return b.command(append(append(command, l.args...), "-o", filepath.Join(b.temporary, names[which]))...)
}

// command runs a program in the tree. A linker that is GNU's or hyplink's warns of nothing.
func (b *bench) command(args ...string) error {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = b.objects
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return nil
}

// compare compares the results of both linkers for a link, and returns the differences.
func (b *bench) compare(l link) (string, error) {
	for which := range names {
		if err := b.link(l, which); err != nil {
			return "", err
		}
	}
	cmd := exec.Command(b.hyplink, "compare", "--ignore=notes,section-order,symbol-order,relocation-form", names[0], names[1])
	cmd.Dir = b.temporary
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && exit.ExitCode() == 1:
		return string(out), nil
	case err != nil:
		return "", fmt.Errorf("hyplink compare: %w\n%s", err, out)
	}
	return "", nil
}
