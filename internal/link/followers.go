// SPDX-License-Identifier: Apache-2.0

package link

import (
	"cmp"
	"debug/elf"
	"slices"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
)

// hasOwn reports whether the script puts anything but input sections into an
// output section.
func (o *output) hasOwn() bool { return o.desc != nil && ownContents(o.desc.OutputSection).any }

// sortFollowers orders output sections whose input sections follow others
// (SHF_LINK_ORDER) by the offset of what each of them follows, whichever output
// section that is in. The result has no addresses, so that GNU ld compares no more
// than offsets. Input sections with equal ones keep their order.
func (l *linker) sortFollowers() error {
	if !l.opts.JoinFollowers {
		return nil
	}
	followers := map[*output][]*inputSection{}
	var outputs []*output
	for _, isec := range l.special.linked {
		o := isec.out
		if o == nil || !o.linked || o.hasOwn() || o.flags&elf.SHF_EXECINSTR != 0 {
			continue
		}
		if followers[o] == nil {
			outputs = append(outputs, o)
		}
		followers[o] = append(followers[o], isec)
	}
	for _, o := range outputs {
		if err := l.sortFollowersOf(o, followers[o]); err != nil {
			return err
		}
	}
	return nil
}

func (l *linker) sortFollowersOf(o *output, sections []*inputSection) error {
	// A script may have brought them into another order than that of the inputs.
	slices.SortStableFunc(sections, func(a, b *inputSection) int { return cmp.Compare(a.offset, b.offset) })
	after := func(a, b *inputSection) int { return cmp.Compare(a.followedOffset(), b.followedOffset()) }
	if len(sections) != int(o.count) || slices.IsSortedFunc(sections, after) {
		return nil
	}
	slices.SortStableFunc(sections, after)
	size := o.size
	o.chunks, o.size = o.chunks[:0], 0
	for _, isec := range sections {
		align := isec.placement()
		isec.offset = (o.size + align - 1) &^ (align - 1)
		o.size = isec.offset + isec.size()
		if isec.size() > 0 || len(isec.sec.Relocs) > 0 {
			o.chunks = append(o.chunks, elfobj.Chunk{Offset: isec.offset, Section: isec.sec})
		}
	}
	if o.size != size {
		return sections[0].errorAt(errcode.MixedOutput, -1, "give them output sections of their own, or one alignment",
			"sections in %s follow others (SHF_LINK_ORDER), but have another size in the order of those", o.name)
	}
	return nil
}

// followedOffset is the offset of what the input section follows in its output
// section.
func (isec *inputSection) followedOffset() uint64 {
	if f := isec.follows(); f != nil {
		return f.offset
	}
	return 0
}
