// SPDX-License-Identifier: Apache-2.0

package link

import (
	"debug/elf"
	"errors"
	"fmt"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/machine"
)

// Target is what all objects of a link are to be for.
type Target struct {
	Option    string           // of the command line, which says so
	Machine   *machine.Machine // nil is any
	BigEndian bool
}

// checkTargets compares the objects with what the command line says.
func (l *linker) checkTargets(objects []*elfobj.Object) error {
	var errs []error
	for _, o := range objects {
		for i := range l.opts.Targets {
			if err := l.opts.Targets[i].check(o); err != nil {
				errs = append(errs, err)
				break
			}
		}
	}
	return errors.Join(errs...)
}

func (t *Target) check(o *elfobj.Object) error {
	switch {
	case t.Machine != nil && o.Machine != t.Machine:
		return &elfobj.Error{
			Code: errcode.OtherMachine, File: o.Name, Offset: elfobj.MachineOffset, What: fmt.Sprintf("is for %s, but the command line says %s", o.Machine.Name, t.Option),
			Advice: "compile it for that machine, or leave the option out",
		}
	case o.BigEndian != t.BigEndian:
		return &elfobj.Error{
			Code: errcode.OtherMachine, File: o.Name, Offset: elf.EI_DATA, What: "its byte order is not the one of " + t.Option,
			Advice: "compile it for that byte order, or leave the option out",
		}
	}
	return nil
}
