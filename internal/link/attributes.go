// SPDX-License-Identifier: Apache-2.0

package link

import (
	"errors"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/machine"
)

// mergeAttributes makes one set of build attributes of all inputs', in the place of
// the first. It follows mergeProperties, whose result the set must not contradict.
func (l *linker) mergeAttributes() error {
	var sections []*inputSection
	merge := machine.AttributeMerge{Property: l.property}
	with := 0
	for _, isec := range l.special.attributes {
		if isec.discard != kept {
			continue
		}
		if len(sections) == 0 || isec.in != sections[len(sections)-1].in {
			with++
		}
		sections = append(sections, isec)
		merge.Sets = append(merge.Sets, isec.attributes())
	}
	if len(sections) == 0 {
		return nil
	}
	merge.Everywhere = with == l.given
	merged, bad := l.out.Machine.MergeAttributes(merge)
	var errs []error
	for i := range bad {
		e := sections[bad[i].Set].attributeError(&bad[i])
		if bad[i].Warning {
			l.warn(e)
		} else {
			errs = append(errs, e)
		}
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	for i, isec := range sections {
		if i > 0 || len(merged) == 0 {
			isec.drop(discardMerged)
		}
	}
	if len(merged) > 0 {
		sections[0].replace(merged, nil)
	}
	return nil
}

// property is the value of a property of the output, nil where it has none.
func (l *linker) property(typ uint32) []byte {
	for _, pr := range l.properties {
		if pr.Type == typ {
			return pr.Value
		}
	}
	return nil
}

// attributes is the set of build attributes in a section.
func (isec *inputSection) attributes() machine.AttributeSet {
	return machine.AttributeSet{Input: isec.in.obj.Name, Data: isec.data(), BigEndian: isec.in.obj.BigEndian}
}

func (isec *inputSection) attributeError(e *machine.AttributeError) *elfobj.Error {
	return &elfobj.Error{Code: e.Code, File: isec.in.obj.Name, Section: isec.sec.Name, Offset: e.Offset, What: e.What, Advice: e.Advice}
}

// warn reports something that the link goes on in spite of.
func (l *linker) warn(e *elfobj.Error) {
	if l.opts.Warn != nil {
		l.opts.Warn("warning: " + errcode.Text(e))
	}
}
