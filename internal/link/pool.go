// SPDX-License-Identifier: Apache-2.0

package link

import (
	"bytes"
	"cmp"
	"debug/elf"
	"sort"

	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/nametable"
	"github.com/rules-hyp/rules_hyp/internal/xxh"
)

// pool is the strings or constants of an output section that may be merged.
type pool struct {
	host     *inputSection // the first input section, which gets them
	mode     MergeMode
	flags    elf.SectionFlag
	entsize  uint64
	align    uint64
	entries  []poolEntry
	table    nametable.Table
	sections []*inputSection
	shards   [shards]uint64 // the size of each so far, in bytes
	size     uint64         // at most, in bytes
}

// poolEntry is a string or constant of a pool.
type poolEntry struct {
	data   []byte
	offset uint64 // in its shard, and at the end in the host
	shard  uint8
}

// shards is how many parts lld orders strings by: one after another, each in the
// order of the inputs.
const shards = 32

// stringSize is the size of the first string, with its terminator, which is an
// entry of zeros; 0 if there is none.
func stringSize(data []byte, entsize uint64) uint64 {
	if entsize == 1 {
		return uint64(bytes.IndexByte(data, 0) + 1)
	}
	for at := uint64(0); at+entsize <= uint64(len(data)); at += entsize {
		if isZero(data[at : at+entsize]) {
			return at + entsize
		}
	}
	return 0
}

func isZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

// itemAt is the number of the item at an offset, which is inside of the section.
func (isec *inputSection) itemAt(offset uint64) int {
	items := isec.merged.items
	i, found := sort.Find(len(items), func(i int) int { return cmp.Compare(offset, uint64(items[i].at)) })
	if !found {
		i--
	}
	return i
}

// end is the offset after an item.
func (isec *inputSection) end(i int) uint64 {
	if i+1 < len(isec.merged.items) {
		return uint64(isec.merged.items[i+1].at)
	}
	return isec.size()
}

// add adds the items of an input section to the pool for them, in the order of
// the output section.
func (m *stringMerge) add(isec *inputSection) {
	if isec.merged == nil || isec.discard != kept {
		return
	}
	o, s := isec.out, isec.sec
	var p *pool
	for _, q := range m.pools[o] {
		if q.flags == s.Flags&^elf.SHF_GROUP && q.entsize == s.Entsize && (q.align == isec.align() || q.flags&elf.SHF_STRINGS == 0) &&
			q.size+isec.room() <= maxMergeable {
			p = q
			break
		}
	}
	if p == nil {
		p = &pool{host: isec, mode: m.mode, flags: s.Flags &^ elf.SHF_GROUP, entsize: s.Entsize}
		m.pools[o], m.order = append(m.pools[o], p), append(m.order, p)
	}
	p.align = max(p.align, isec.align())
	p.size += isec.room()
	isec.merged.pool = p
	p.sections = append(p.sections, isec)
	if p.host != isec {
		isec.out, isec.discard = nil, discardMerged
		o.count--
	}
}

// room is how much the items may need, in bytes.
func (isec *inputSection) room() uint64 {
	return isec.size() + uint64(len(isec.merged.items))*(isec.align()-1)
}

// finish gives each item its place, and the host the result.
func (p *pool) finish() error {
	for _, isec := range p.sections {
		data := isec.data()
		for i := range isec.merged.items {
			isec.merged.items[i].entry = p.intern(data[isec.merged.items[i].at:isec.end(i)])
		}
	}
	var starts [shards]uint64
	end := uint64(0)
	for i, size := range p.shards {
		if size > 0 {
			end = alignUp(end, p.align)
		}
		starts[i] = end
		end += size
	}
	merged := make([]byte, end)
	for i := range p.entries {
		e := &p.entries[i]
		e.offset += starts[e.shard]
		copy(merged[e.offset:], e.data)
	}
	if err := p.verify(merged); err != nil {
		return err
	}
	host := *p.host.sec
	host.Data, host.Size, host.Addralign = merged, end, p.align
	host.Object = nil // the bytes are of several
	p.host.sec = &host
	return nil
}

// intern returns the number of a string or constant in the pool.
func (p *pool) intern(data []byte) uint32 {
	hash := nametable.HashBytes(data)
	n, slot := p.table.Find(hash, func(n uint32) bool { return bytes.Equal(p.entries[n].data, data) })
	if n != nametable.None {
		return n
	}
	e := poolEntry{data: data, shard: p.shardOf(data)}
	e.offset = alignUp(p.shards[e.shard], p.align)
	p.shards[e.shard] = e.offset + uint64(len(data))
	n = uint32(len(p.entries))
	p.table.Put(slot, hash, n)
	p.entries = append(p.entries, e)
	return n
}

// shardOf returns the shard of a string or constant: in lld, the highest bits of
// the low half of its hash.
func (p *pool) shardOf(data []byte) uint8 {
	text := data
	if p.flags&elf.SHF_STRINGS != 0 {
		text = data[:uint64(len(data))-p.entsize]
	}
	switch p.mode {
	case MergeLLD14:
		return uint8(uint32(xxh.Sum64(data)) >> 27)
	case MergeLLD15:
		return uint8(uint32(xxh.Sum64(text)) >> 27)
	case MergeLLD17:
		return uint8(uint32(xxh.Sum3(text)) >> 27)
	}
	return 0
}

// verify checks, in every link, that each item of each input section is where
// references to it will go. Where it is not, the linker has a bug, and no output is
// made.
func (p *pool) verify(merged []byte) error {
	for _, isec := range p.sections {
		data := isec.data()
		for i, item := range isec.merged.items {
			want := data[item.at:isec.end(i)]
			if at := p.entries[item.entry].offset; at%p.align != 0 || !bytes.HasPrefix(merged[min(at, uint64(len(merged))):], want) {
				return isec.errorAt(errcode.Internal, int64(item.at), internalAdvice, "a merged string or constant is not in its place")
			}
		}
	}
	return nil
}

func alignUp(n, align uint64) uint64 { return (n + align - 1) &^ (align - 1) }
