// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"
	"time"
)

// goal is a performance goal of a case.
type goal struct {
	what string
	// got returns the value with its unit, and whether the goal is reached; ok is false if a contestant is missing.
	got func(c *benchCase, results []result) (value float64, unit string, reached, ok bool)
}

// faster is the goal to be factor times as fast as a contestant.
func faster(contestant string, factor float64) goal {
	return against(fmt.Sprintf("at least %.4g × as fast as %s", factor, contestant), contestant, factor, wallOf)
}

// fasterThanAll is the goal to be factor times as fast as the fastest other linker.
func fasterThanAll(factor float64) goal {
	return goal{fmt.Sprintf("at least %.4g × as fast as the fastest other linker", factor), func(_ *benchCase, results []result) (float64, string, bool, bool) {
		var fastest time.Duration
		for _, r := range results[1:] {
			if !r.copies && (fastest == 0 || r.wall < fastest) {
				fastest = r.wall
			}
		}
		got := ratio(fastest, results[0].wall)
		return got, "×", got >= factor, fastest > 0
	}}
}

// peakUnderLoad is the goal to have a peak memory of at most a multiple of the input, in runs beside two busy processes.
func peakUnderLoad(most float64) goal {
	return goal{
		fmt.Sprintf("peak memory at most %.3g × the input, beside two busy processes", most),
		func(c *benchCase, _ []result) (float64, string, bool, bool) {
			got := float64(c.loadedPeak) / float64(c.inputBytes)
			return got, "×", got <= most, c.loadedPeak > 0
		},
	}
}

// within is the goal to take at most factor times a contestant's time.
func within(contestant string, factor float64) goal {
	g := against(fmt.Sprintf("at most %.4g × the time of %s", factor, contestant), contestant, 1/factor, wallOf)
	return g.inverted()
}

// smaller is the goal to have at most factor times a contestant's peak memory.
func smaller(contestant string, factor float64) goal {
	g := against(fmt.Sprintf("peak memory at most %.4g × that of %s", factor, contestant), contestant, 1/factor,
		func(r result) float64 { return float64(r.peak) })
	return g.inverted()
}

func wallOf(r result) float64 { return float64(r.wall) }

// against is the goal that a contestant's value is at least factor times hyplink's.
func against(what, contestant string, factor float64, value func(result) float64) goal {
	return goal{what, func(_ *benchCase, results []result) (float64, string, bool, bool) {
		for _, r := range results {
			if r.name == contestant {
				got := value(r) / value(results[0])
				return got, "×", got >= factor, true
			}
		}
		return 0, "", false, false
	}}
}

// inverted returns the goal with the value inverted: hyplink's as a multiple of the contestant's.
func (g goal) inverted() goal {
	return goal{g.what, func(c *benchCase, results []result) (float64, string, bool, bool) {
		got, unit, reached, ok := g.got(c, results)
		return 1 / got, unit, reached, ok
	}}
}

// rate is the goal of an input throughput in 10⁹ bytes per second.
func rate(least float64) goal {
	return goal{fmt.Sprintf("at least %.2g GB/s", least), func(c *benchCase, results []result) (float64, string, bool, bool) {
		got := float64(c.inputBytes) / results[0].wall.Seconds() / 1e9
		return got, "GB/s", got >= least, true
	}}
}

// peakOfInput is the goal to have a peak memory of at most a multiple of the input.
func peakOfInput(most float64) goal {
	return goal{fmt.Sprintf("peak memory at most %.2g × the input", most), func(c *benchCase, results []result) (float64, string, bool, bool) {
		got := float64(results[0].peak) / float64(c.inputBytes)
		return got, "×", got <= most, true
	}}
}

// table formats a case's results in Markdown.
func table(c *benchCase, results []result) string {
	var s strings.Builder
	fmt.Fprintf(&s, "**%s** (%s in %d files)\n\n", c.title, bytesText(c.inputBytes), len(c.inputs))
	s.WriteString("| | median | × hyplink | least | CPU | input/s | peak memory | output |\n")
	s.WriteString("|---|---:|---:|---:|---:|---:|---:|---:|\n")
	own := results[0]
	for _, r := range results {
		fmt.Fprintf(&s, "| %s | %s | %.2f | %s | %s | %s | %s | %s |\n",
			r.what, timeText(r.wall), ratio(r.wall, own.wall), timeText(r.fastest), timeText(r.cpu),
			rateText(c.inputBytes, r.wall), bytesText(r.peak), bytesText(r.size))
	}
	s.WriteString("\n")
	for _, what := range c.failed {
		fmt.Fprintf(&s, "- %s fails on these inputs.\n", what)
	}
	for _, v := range verdicts(c, results) {
		fmt.Fprintf(&s, "- Goal: %s: %s, %s\n", v.what, v.verdict, v.value)
	}
	return s.String()
}

// verdict says of a goal whether it was reached.
type verdict struct {
	what, verdict, value string
}

// verdicts judges a case's goals.
func verdicts(c *benchCase, results []result) []verdict {
	var all []verdict
	for _, g := range c.goals {
		if value, unit, reached, ok := g.got(c, results); ok {
			v := verdict{g.what, "**not reached**", fmt.Sprintf("%.2f %s", value, unit)}
			if reached {
				v.verdict = "reached"
			}
			all = append(all, v)
		}
	}
	return all
}

// goalTable formats the goals of all cases of a run in Markdown.
func goalTable(names []string, reports []report) string {
	var s strings.Builder
	s.WriteString("| case | goal | | measured |\n|---|---|---|---:|\n")
	for i, r := range reports {
		for _, v := range r.verdicts {
			fmt.Fprintf(&s, "| %s | %s | %s | %s |\n", names[i], v.what, v.verdict, v.value)
		}
	}
	return s.String()
}

func ratio(a, b time.Duration) float64 { return float64(a) / float64(b) }

func timeText(d time.Duration) string {
	if d < 10*time.Second {
		return fmt.Sprintf("%.1f ms", float64(d)/1e6)
	}
	return fmt.Sprintf("%.2f s", d.Seconds())
}

func bytesText(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.2f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
}

// rateText formats a throughput in the unit of the goals: 10⁹ bytes per second.
func rateText(n int64, d time.Duration) string {
	return fmt.Sprintf("%.2f GB/s", float64(n)/d.Seconds()/1e9)
}
