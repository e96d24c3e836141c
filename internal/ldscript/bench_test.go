// SPDX-License-Identifier: Apache-2.0

package ldscript

import (
	"fmt"
	"os"
	"testing"
)

func benchScript(b *testing.B) []byte {
	b.Helper()
	src, err := os.ReadFile("testdata/003-nvhe-7.2.lds")
	if err != nil {
		b.Fatal(err)
	}
	return src
}

func BenchmarkParse(b *testing.B) {
	src := benchScript(b)
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse("hyp.lds", src); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPlace distributes 24,000 function sections of 400 objects.
func BenchmarkPlace(b *testing.B) {
	s, err := Parse("hyp.lds", benchScript(b))
	if err != nil {
		b.Fatal(err)
	}
	var inputs []InputSection
	for file := range 400 {
		f := InputFile{Path: fmt.Sprintf("out/object%03d.hyp.o", file)}
		for i := range 60 {
			inputs = append(inputs, InputSection{File: f, Name: fmt.Sprintf(".text.function_%d_%d", file, i), Align: 4})
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		p, err := NewMatcher(s).Place(inputs)
		if err != nil || p.Owners[0] == nil {
			b.Fatal(p, err)
		}
	}
	b.ReportMetric(float64(len(inputs))*float64(b.N)/b.Elapsed().Seconds(), "sections/s")
}

func BenchmarkEval(b *testing.B) {
	a := parseAssign(b, "x = ALIGN(t1 - t0 + SIZEOF(.text), 1 << 12) + (DEFINED(d8) ? 4K : 0)")
	env := layoutEnv(".data")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := AssignSymbol(a, env); err != nil {
			b.Fatal(err)
		}
	}
}
