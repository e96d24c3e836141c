// SPDX-License-Identifier: Apache-2.0

package link

import (
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/elftext"
)

// A section that a pass forgets, or takes twice, is an error whatever the pass.
func TestEveryInputIsAccountedFor(t *testing.T) {
	const text = "section .text PROGBITS AX align=4\n  c0035fd6\nsection .data PROGBITS WA align=1\n  01\n"
	for _, c := range []struct {
		name  string
		spoil func(l *linker)
		want  string
	}{
		{"nothing", func(*linker) {}, ""},
		{"discarded by the script", func(l *linker) {
			isec := &l.inputs[0].sections[2]
			isec.out.count, isec.out.laid = 1, 1
			isec.drop(discardByScript)
		}, ""},
		{"no output section", func(l *linker) { l.inputs[1].sections[2].out = nil }, "b.o: .data: is neither in the output nor left out for a reason"},
		{"discarded and placed", func(l *linker) { l.inputs[1].sections[1].discard = discardByGroup }, "b.o: .text: is neither"},
		{"not laid out", func(l *linker) { l.outputs[0].laid = 1 }, "output section .text holds 1 input sections of the 2 that belong to it"},
		{"frames without an end", func(l *linker) { l.outputs[0].terminated = true }, "output section .text has 0 of its 0 sections with frames, and no terminator"},
		{"laid out twice", func(l *linker) { l.outputs[1].laid = 3 }, "output section .data holds 3 input sections of the 2"},
		{"output section lost", func(l *linker) { l.outputs = l.outputs[:1] }, "2 input sections are in no output section"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := &linker{opts: Options{Name: "out.o"}, out: &elfobj.Object{}}
			var objects []*elfobj.Object
			for _, name := range []string{"a.o", "b.o"} {
				o, err := elftext.Parse(name, text)
				if err != nil {
					t.Fatal(err)
				}
				objects = append(objects, o)
			}
			for _, pass := range []func() error{
				func() error { return l.collect(objects) },
				l.checkMachines, l.resolveSymbols, l.placeSections, l.layoutOutputs,
			} {
				if err := pass(); err != nil {
					t.Fatal(err)
				}
			}
			c.spoil(l)
			err := l.accountForInputs()
			switch {
			case c.want == "" && err != nil:
				t.Errorf("error %v", err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("error %v, want %q", err, c.want)
			}
		})
	}
}
