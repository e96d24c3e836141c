// SPDX-License-Identifier: Apache-2.0

package link

import (
	"fmt"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/parallel"
)

// accountForInputs checks, in every link, that each input section is in the
// output once, or is left out for a reason that has a name. Its bytes and
// relocations are written with it, since a chunk of an output section is the
// input section itself. Where that does not hold the linker has a bug, and no
// output is made: contents lost silently are the worst that it can do.
func (l *linker) accountForInputs() error {
	parts := workers(len(l.inputs))
	counts := make([]int, parts)
	err := parallel.Parts(len(l.inputs), parts, func(part, from, to int) error {
		for i := from; i < to; i++ {
			n, err := l.inputs[i].countKept()
			if err != nil {
				return err
			}
			counts[part] += n
		}
		return nil
	})
	if err != nil {
		return err
	}
	missing := 0
	for _, n := range counts {
		missing += n
	}
	for _, o := range l.outputs {
		if o.laid != o.count {
			return l.internalError(fmt.Sprintf("output section %s holds %d input sections of the %d that belong to it", o.name, o.laid, o.count))
		}
		if o.terminated && !o.ended {
			return l.internalError(fmt.Sprintf("output section %s has %d of its %d sections with frames, and no terminator", o.name, o.framed, o.frames))
		}
		missing -= int(o.count)
	}
	if missing != 0 {
		return l.internalError(fmt.Sprintf("%d input sections are in no output section", missing))
	}
	return nil
}

// countKept counts the sections of an input that are in the output.
func (in *input) countKept() (n int, err error) {
	for i := range in.sections {
		isec := &in.sections[i]
		switch {
		case isec.sec == nil:
		case isec.out != nil && isec.discard == kept:
			n++
		case isec.out != nil || isec.discard == kept:
			return n, isec.errorAt(errcode.Internal, -1, internalAdvice, "is neither in the output nor left out for a reason")
		}
	}
	return n, nil
}

const internalAdvice = "this is a bug of hyplink, and no output was made: report it with the inputs and the script"

func (l *linker) internalError(what string) error {
	return &elfobj.Error{Code: errcode.Internal, File: l.opts.Name, Offset: -1, What: what, Advice: internalAdvice}
}
