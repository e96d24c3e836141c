// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// sample is one run of one contestant.
type sample struct {
	wall, cpu time.Duration
	peak      int64 // of the largest process, in bytes
}

// measure runs a command with bench/runner.c and returns its measurements.
func (b *bench) measure(argv []string) (sample, error) {
	argv = b.tools.runner.command(argv...)
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir = b.out
	cmd.Env = []string{"LC_ALL=C", "PATH=/usr/bin:/bin", "TMPDIR=" + b.out}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return sample{}, fmt.Errorf("%s: %w: %s", shorten(argv[1:]), err, bytes.TrimSpace(stderr.Bytes()))
	}
	var wall, cpu, peak int64
	if _, err := fmt.Sscan(stdout.String(), &wall, &cpu, &peak); err != nil {
		return sample{}, fmt.Errorf("%s: runner: got %q, want three numbers", shorten(argv[1:]), stdout.String())
	}
	return sample{wall: time.Duration(wall), cpu: time.Duration(cpu) * time.Microsecond, peak: peak * 1024}, nil
}

// shorten truncates a command line for messages.
func shorten(argv []string) string {
	s := strings.Join(argv, " ")
	if len(s) > 300 {
		return s[:300] + "…"
	}
	return s
}

// contestant is one way to do a case's job.
type contestant struct {
	name string
	what string // the programs that it runs, for the table
	argv []string
	out  string // absolute path of the object that it writes
	// copies says that it links nothing, but only copies bytes.
	copies bool
}

// result is the median of a contestant's runs.
type result struct {
	contestant
	wall, fastest, cpu time.Duration
	peak, size         int64
}

// benchCase is a job for each contestant. hyplink is the first.
type benchCase struct {
	name, title string
	inputs      []string
	inputBytes  int64 // total size; set by race
	contestants []contestant
	goals       []goal
	failed      []string // the commands of contestants that failed; set by race
	loaded      bool     // measure hyplink's peak memory beside busy processes as well
	loadedPeak  int64    // the largest of those runs, in bytes; set by race
	runs        int      // default number of timed rounds; 0 means usualRuns
}

// usualRuns is the number of timed rounds of a short case.
const usualRuns = 21

// try runs a contestant once, untimed. What it writes remains.
func (b *bench) try(one contestant) error {
	if err := os.RemoveAll(one.out); err != nil {
		return err
	}
	_, err := b.measure(one.argv)
	return err
}

// race runs all contestants in turn in each round, so that other load on the machine affects all of them. A contestant that fails in the first
// round takes no further part; hyplink must not fail.
func (b *bench) race(c *benchCase) ([]result, error) {
	c.inputBytes = 0
	for _, path := range c.inputs {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		c.inputBytes += info.Size()
	}
	// hyplink is first: cp copies its result.
	own := c.contestants[0]
	if err := b.try(own); err != nil {
		return nil, fmt.Errorf("%s: %s: %w", c.name, own.name, err)
	}
	c.contestants = slices.DeleteFunc(slices.Clone(c.contestants), func(one contestant) bool {
		if one.name == own.name {
			return false
		}
		err := b.try(one)
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: %s is left out: %v\n", c.name, one.name, err)
			c.failed = append(c.failed, one.what)
		}
		return err != nil
	})
	samples := make([][]sample, len(c.contestants))
	results := make([]result, len(c.contestants))
	// An untimed round warms the caches.
	for round := range 1 + cmp.Or(b.runs, c.runs, usualRuns) {
		for i, one := range c.contestants {
			if err := os.RemoveAll(one.out); err != nil {
				return nil, err
			}
			s, err := b.measure(one.argv)
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", c.name, one.name, err)
			}
			info, err := os.Stat(one.out)
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", c.name, one.name, err)
			}
			results[i].size = info.Size()
			if round > 0 {
				samples[i] = append(samples[i], s)
			}
		}
	}
	if c.loaded {
		var err error
		if c.loadedPeak, err = b.peakUnderLoad(c.contestants[0]); err != nil {
			return nil, fmt.Errorf("%s: %w", c.name, err)
		}
	}
	for i, one := range c.contestants {
		r := &results[i]
		r.contestant = one
		r.wall = time.Duration(median(samples[i], func(s sample) int64 { return int64(s.wall) }))
		r.fastest = slices.MinFunc(samples[i], func(a, b sample) int { return cmp.Compare(a.wall, b.wall) }).wall
		r.cpu = time.Duration(median(samples[i], func(s sample) int64 { return int64(s.cpu) }))
		r.peak = median(samples[i], func(s sample) int64 { return s.peak })
	}
	for _, one := range c.contestants {
		if err := os.RemoveAll(one.out); err != nil {
			return nil, err
		}
	}
	return results, nil
}

// median returns the median of a value of the samples.
func median(samples []sample, value func(sample) int64) int64 {
	values := make([]int64, len(samples))
	for i, s := range samples {
		values[i] = value(s)
	}
	slices.Sort(values)
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}

// peakUnderLoad runs a contestant a few times beside two busy processes and returns the largest peak memory.
func (b *bench) peakUnderLoad(one contestant) (int64, error) {
	for range 2 {
		busy := exec.Command("/bin/sh", "-c", "while :; do :; done")
		if err := busy.Start(); err != nil {
			return 0, err
		}
		defer func() {
			// Killing it is how it ends, so that neither can fail in a way that matters.
			_ = busy.Process.Kill()
			_ = busy.Wait()
		}()
	}
	var peak int64
	for range 5 {
		if err := os.RemoveAll(one.out); err != nil {
			return 0, err
		}
		s, err := b.measure(one.argv)
		if err != nil {
			return 0, err
		}
		peak = max(peak, s.peak)
	}
	return peak, nil
}
