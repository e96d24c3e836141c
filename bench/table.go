package main

import (
	"fmt"
	"strings"
	"time"
)

// goal is what a case is measured by: how many times a contestant's value may be hyplink's.
type goal struct {
	contestant string
	memory     bool
	factor     float64
}

// faster is the goal to take at most 1/factor of a contestant's time.
func faster(contestant string, factor float64) goal {
	return goal{contestant: contestant, factor: factor}
}

// smaller is the goal to have at most 1/factor of a contestant's peak memory.
func smaller(contestant string, factor float64) goal {
	return goal{contestant: contestant, memory: true, factor: factor}
}

// table writes a case's results in Markdown.
func table(c *benchCase, results []result) string {
	var s strings.Builder
	fmt.Fprintf(&s, "**%s** (%s in %d files)\n\n", c.title, bytesText(c.inputBytes), len(c.inputs))
	s.WriteString("| | median | × hyplink | least | CPU | input/s | peak memory | output |\n")
	s.WriteString("|---|---:|---:|---:|---:|---:|---:|---:|\n")
	own := results[0]
	for _, r := range results {
		fmt.Fprintf(&s, "| %s | %s | %.2f | %s | %s | %s | %s | %s |\n",
			r.what, timeText(r.wall), ratio(r.wall, own.wall), timeText(r.least), timeText(r.cpu),
			rateText(c.inputBytes, r.wall), bytesText(r.peak), bytesText(r.size))
	}
	s.WriteString("\n")
	for _, g := range c.goals {
		s.WriteString(g.verdict(results))
	}
	return s.String()
}

func (g goal) verdict(results []result) string {
	own := results[0]
	for _, r := range results {
		if r.name != g.contestant {
			continue
		}
		got, quality := ratio(r.wall, own.wall), "time"
		if g.memory {
			got, quality = float64(r.peak)/float64(own.peak), "peak memory"
		}
		verdict := "reached"
		if got < g.factor {
			verdict = "not reached"
		}
		return fmt.Sprintf("- %s of %s is at least %.4g × hyplink's: %s, %.2f ×\n", quality, g.contestant, g.factor, verdict, got)
	}
	return ""
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

// rateText is a throughput in the unit of the goals: 10⁹ bytes a second.
func rateText(n int64, d time.Duration) string {
	return fmt.Sprintf("%.2f GB/s", float64(n)/d.Seconds()/1e9)
}
