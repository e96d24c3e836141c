// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"fmt"
	"math"
	"path/filepath"
	"strings"
)

// dimension is what grows in a series of inputs. Each object has perObject of it.
type dimension struct {
	name, unit string
	perObject  int
	objects    [4]int
	write      func(w *bufio.Writer, object, objects, n int)
	// make makes the inputs instead, in files of the names made.
	make func(b *bench, dir string, n int) error
	made []string
	// alone is for what other programs cannot finish.
	alone bool
}

var dimensions = []dimension{
	{name: "bytes", unit: "MiB", perObject: 4, objects: [4]int{16, 32, 64, 128}, write: func(w *bufio.Writer, object, _, n int) { bytesObject(w, object, n) }},
	{name: "sections", unit: "sections", perObject: 1000, objects: [4]int{16, 32, 64, 128}, write: sectionsObject},
	{name: "symbols", unit: "symbols", perObject: 10_000, objects: [4]int{25, 50, 100, 200}, write: func(w *bufio.Writer, object, _, n int) { symbolsObject(w, object, n) }},
	{name: "relocations", unit: "relocations", perObject: 50_000, objects: [4]int{20, 40, 80, 160}, write: relocationsObject},
	// GNU ld takes quadratic time, and lld 14 recurses until its stack overflows.
	{
		name: "members", unit: "archive members, each needs the one before", perObject: 1, objects: [4]int{12_500, 25_000, 50_000, 100_000},
		make: (*bench).backwardArchive, made: []string{"first.o", "members.a"}, alone: true,
	},
}

// maxExponent is the largest exponent that counts as linear.
const maxExponent = 1.1

// series is a contestant's times at each size of a dimension.
type series struct {
	name    string
	sizes   []float64
	seconds []float64
}

// exponent fits the power law seconds = a × size^b by least squares of the logarithms and returns b.
func (s *series) exponent() float64 {
	var n, x, y, xx, xy float64
	for i := range s.sizes {
		lx, ly := math.Log(s.sizes[i]), math.Log(s.seconds[i])
		n, x, y, xx, xy = n+1, x+lx, y+ly, xx+lx*lx, xy+lx*ly
	}
	return (n*xy - x*y) / (n*xx - x*x)
}

// growth measures links with four sizes in each dimension.
func (b *bench) growth() (report, error) {
	var text strings.Builder
	var plots []plot
	verdicts := ""
	text.WriteString("| from | | 1 × | 2 × | 4 × | 8 × | exponent |\n|---|---|---:|---:|---:|---:|---:|\n")
	for _, d := range dimensions {
		lines, err := b.grow(d)
		if err != nil {
			return report{}, fmt.Errorf("%s: %w", d.name, err)
		}
		for i, s := range lines {
			label := ""
			if i == 0 {
				label = fmt.Sprintf("%s %s", shortNumber(s.sizes[0]), d.unit)
			}
			fmt.Fprintf(&text, "| %s | %s |", label, s.name)
			for _, seconds := range s.seconds {
				fmt.Fprintf(&text, " %.1f ms |", seconds*1e3)
			}
			fmt.Fprintf(&text, " %.2f |\n", s.exponent())
		}
		exponent := lines[0].exponent()
		verdict := "reached"
		if exponent > maxExponent {
			verdict = "**not reached**"
		}
		verdicts += fmt.Sprintf("- Goal: %s: time grows linearly (exponent at most %.2g): %s, %.2f\n", d.name, maxExponent, verdict, exponent)
		plots = append(plots, plot{title: "Time by " + d.name, unit: d.unit, lines: lines})
	}
	const picture = "performance-growth.svg"
	fmt.Fprintf(&text, "\n%s\n![Time by size, both logarithmic](%s)\n", verdicts, picture)
	return report{text: text.String(), pictures: map[string]string{picture: drawSVG(plots)}}, nil
}

// grow measures one dimension: a line for each contestant.
func (b *bench) grow(d dimension) ([]series, error) {
	var lines []series
	for _, objects := range d.objects {
		key := fmt.Sprintf("growth 1 %s %d %d", d.name, objects, d.perObject)
		dir, err := b.cache.directory("growth-"+d.name, key, func(dir string) error {
			if d.make != nil {
				return d.make(b, dir, objects)
			}
			return inParallel(objects, func(i int) error {
				return b.assemble(dir, numberedName(i), func(w *bufio.Writer) { d.write(w, i, objects, d.perObject) })
			})
		})
		if err != nil {
			return nil, err
		}
		inputs := numbered(dir, objects)
		if d.make != nil {
			inputs = nil
			for _, name := range d.made {
				inputs = append(inputs, filepath.Join(dir, name))
			}
		}
		c := b.linkCase("growth", inputs, "")
		if d.alone {
			c.contestants = c.contestants[:1]
		}
		c.runs = 5
		results, err := b.race(c)
		if err != nil {
			return nil, err
		}
		for i, r := range results {
			if len(lines) == i {
				lines = append(lines, series{name: r.what})
			}
			lines[i].sizes = append(lines[i].sizes, float64(objects*d.perObject))
			lines[i].seconds = append(lines[i].seconds, r.wall.Seconds())
		}
	}
	return lines, nil
}
