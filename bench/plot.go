// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// plot is a diagram of time by size, both logarithmic: a power law is a straight line, and linear growth has the slope of the grey lines.
type plot struct {
	title, unit string
	lines       []series
}

// Sizes in a diagram, in pixels.
const (
	plotWidth, plotHeight = 360, 300
	plotLeft, plotTop     = 64, 40
	innerWidth            = 280
	innerHeight           = 210
)

// Okabe and Ito's palette for colour-blind readers.
var colours = []string{"#0072b2", "#e69f00", "#cc79a7", "#009e73"}

// drawSVG returns diagrams as an SVG, two in a row, with one legend.
func drawSVG(plots []plot) string {
	var s strings.Builder
	rows := (len(plots) + 1) / 2
	height := rows*plotHeight + 30
	fmt.Fprintf(&s, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">`+"\n",
		2*plotWidth, height, 2*plotWidth, height)
	fmt.Fprintf(&s, `<rect width="%d" height="%d" fill="white"/>`+"\n", 2*plotWidth, height)
	for i, p := range plots {
		fmt.Fprintf(&s, `<g transform="translate(%d,%d)">`+"\n", i%2*plotWidth, i/2*plotHeight)
		p.draw(&s)
		s.WriteString("</g>\n")
	}
	if len(plots) > 0 {
		for i, l := range plots[0].lines {
			x, y := 40+i*220, rows*plotHeight+12
			fmt.Fprintf(&s, `<path d="M%d %dh24" stroke="%s" stroke-width="2"/><text x="%d" y="%d">%s</text>`+"\n",
				x, y, colours[i%len(colours)], x+30, y+4, html.EscapeString(l.name))
		}
	}
	fmt.Fprintf(&s, `<text x="%d" y="%d" fill="#888" text-anchor="end">dashed: linear from the first size</text>`+"\n", 2*plotWidth-16, 16)
	s.WriteString("</svg>\n")
	return s.String()
}

// axis maps logarithms of values to pixels.
type axis struct{ low, high, pixels float64 }

func (a axis) at(v float64) float64 { return (math.Log(v) - a.low) / (a.high - a.low) * a.pixels }

// newAxis returns an axis for all values.
func newAxis(pixels float64, values func(*series) []float64, lines []series) axis {
	low, high := math.Inf(1), math.Inf(-1)
	for i := range lines {
		for _, v := range values(&lines[i]) {
			low, high = min(low, math.Log(v)), max(high, math.Log(v))
		}
	}
	return axis{low - 0.2, high + 0.2, pixels}
}

func (p plot) draw(s *strings.Builder) {
	xs := newAxis(innerWidth, func(l *series) []float64 { return l.sizes }, p.lines)
	ys := newAxis(innerHeight, func(l *series) []float64 { return l.seconds }, p.lines)
	x := func(v float64) float64 { return plotLeft + xs.at(v) }
	y := func(v float64) float64 { return plotTop + innerHeight - ys.at(v) }

	fmt.Fprintf(s, `<text x="%d" y="24" font-weight="bold">%s</text>`+"\n", plotLeft, html.EscapeString(p.title))
	fmt.Fprintf(s, `<rect x="%d" y="%d" width="%d" height="%d" fill="none" stroke="#888"/>`+"\n", plotLeft, plotTop, innerWidth, innerHeight)
	for _, size := range p.lines[0].sizes {
		fmt.Fprintf(s, `<text x="%.1f" y="%d" text-anchor="middle">%s</text>`+"\n", x(size), plotTop+innerHeight+18, shortNumber(size))
	}
	fmt.Fprintf(s, `<text x="%d" y="%d" text-anchor="middle">%s</text>`+"\n", plotLeft+innerWidth/2, plotTop+innerHeight+36, html.EscapeString(p.unit))
	for _, seconds := range ticks(math.Exp(ys.low), math.Exp(ys.high)) {
		fmt.Fprintf(s, `<path d="M%d %.1fh%d" stroke="#ddd"/><text x="%d" y="%.1f" text-anchor="end">%s</text>`+"\n",
			plotLeft, y(seconds), innerWidth, plotLeft-6, y(seconds)+4, shortSeconds(seconds))
	}
	for i, l := range p.lines {
		// Linear growth from the first point.
		first, last := l.sizes[0], l.sizes[len(l.sizes)-1]
		if end := l.seconds[0] * last / first; math.Log(end) <= ys.high {
			fmt.Fprintf(s, `<path d="M%.1f %.1fL%.1f %.1f" stroke="#bbb" stroke-dasharray="3 3"/>`+"\n", x(first), y(l.seconds[0]), x(last), y(end))
		}
		var points []string
		for j := range l.sizes {
			points = append(points, fmt.Sprintf("%.1f,%.1f", x(l.sizes[j]), y(l.seconds[j])))
			fmt.Fprintf(s, `<circle cx="%.1f" cy="%.1f" r="3" fill="%s"/>`+"\n", x(l.sizes[j]), y(l.seconds[j]), colours[i%len(colours)])
		}
		fmt.Fprintf(s, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>`+"\n", strings.Join(points, " "), colours[i%len(colours)])
	}
}

// ticks returns the numbers 1, 2 and 5 times a power of ten between two values.
func ticks(low, high float64) []float64 {
	var values []float64
	for decade := math.Pow(10, math.Floor(math.Log10(low))); decade <= high; decade *= 10 {
		for _, digit := range []float64{1, 2, 5} {
			if v := digit * decade; v >= low && v <= high {
				values = append(values, v)
			}
		}
	}
	return values
}

func shortNumber(v float64) string {
	switch {
	case v >= 1e6:
		return fmt.Sprintf("%gM", v/1e6)
	case v >= 1e4:
		return fmt.Sprintf("%gk", v/1e3)
	}
	return fmt.Sprintf("%g", v)
}

func shortSeconds(v float64) string {
	if v < 0.9995 {
		return fmt.Sprintf("%.3g ms", v*1e3)
	}
	return fmt.Sprintf("%.3g s", v)
}
