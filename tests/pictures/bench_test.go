// SPDX-License-Identifier: Apache-2.0

package pictures

import (
	"fmt"
	"io"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/layout"
	"github.com/rules-hyp/rules_hyp/internal/picture"
)

// benchSymbols is the number of symbols of the object that the benchmarks show.
const benchSymbols = 50000

func benchObject() []byte {
	o := large(benchSymbols / 2)
	b, err := o.Bytes()
	if err != nil {
		panic(err)
	}
	return b
}

// BenchmarkWrite measures how long the page of an object takes to write.
func BenchmarkWrite(b *testing.B) {
	o := large(benchSymbols / 2)
	b.SetBytes(int64(len(benchObject())))
	for b.Loop() {
		if err := picture.WriteLayout(io.Discard, o, layout.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPage measures in the browser how long the script of the page takes for
// what a user does.
func BenchmarkPage(b *testing.B) {
	page := layoutPage(b, large(benchSymbols/2))
	for _, c := range []struct{ name, what string }{
		{"search", `state.words = state.words.length ? [] : ["function_1"], rows()`},
		{"sort", `state.sort = state.sort === "name" ? "size" : "name", rows()`},
		{"select", `select(Math.floor(Math.random() * count), "table")`},
		{"draw", `treemap.draw()`},
		{"tree", `treemap.setTree(makeTree())`},
		{"point", `treemap.point(treemap.under ? null : leafOf[5])`},
		{"scroll", `grid.body.scrollTop = Math.random() * 1e6, grid.draw(false)`},
	} {
		b.Run(c.name, func(b *testing.B) {
			p := open(b, wide, page)
			b.ResetTimer()
			ms := get[float64](p, fmt.Sprintf(`(() => { const start = performance.now(); for (let i = 0; i < %d; i++) { %s; } return performance.now() - start; })()`, b.N, c.what))
			b.ReportMetric(ms/float64(b.N), "page-ms/op")
		})
	}
}
