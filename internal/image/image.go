// SPDX-License-Identifier: Apache-2.0

// Package image proves that the hypervisor inside a shipped arm64 kernel is the
// one of an object: hyp.o, as it was before the kernel's final link.
//
// The object's sections are found in the kernel's Image by the kernel's symbols,
// by what refers to them, or by what they contain. Each byte of them is then
// compared at its shipped address, and each relocated field with the address that
// its relocation resolves to: in the field, or, for absolute addresses of a
// relocatable kernel, in the addend of its dynamic relocation. What else is in the
// hypervisor's ranges is padding, belongs to another object, or is unexplained.
//
// Addresses in this package are offsets from the start of the Image, which is
// _text, unless they are called link addresses.
//
// It does not cover what the kernel patches when it boots, and which entries of
// its tables other objects have.
package image

import (
	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/layout"
	"github.com/rules-hyp/rules_hyp/internal/vmlinuz"
)

// Options are what an audit may know besides the object and the kernel.
type Options struct {
	// SystemMap are the symbols of the kernel's System.map, with link addresses.
	SystemMap []vmlinuz.Symbol
	// SymbolsName is the file with those, or with the kernel's own, for the report.
	SymbolsName string
	// Prefix is that of the object's symbols; "" takes what its mapping symbols have.
	Prefix string
}

// audit is an audit in progress.
type audit struct {
	o       *elfobj.Object
	kernel  *vmlinuz.Kernel
	img     []byte
	prefix  string // of the object's symbols
	origins *layout.Origins
	symbols *symbols
	base    uint64 // link address of the image's start
	linked  bool   // base is known
	dynamic dynamic
	// dynamicEnd is where .rela.dyn ends.
	dynamicEnd int
	secs       []*section          // by section index; nil if not loaded
	unknown    map[uint32]*unknown // undefined symbols, by index
	alts       []replacement       // code of the object's alternatives
	added      []interval          // code that the linker added
	ranges     []hypRange
	dynWant    map[uint64]*dynEntry // by address of an absolute field
	// otherWrites are the places of dynamic relocations that are not in the object's
	// sections, sorted.
	otherWrites []uint64
	report      *Report
}

// Run compares the hypervisor in a kernel with an object. An error means that
// there is nothing to compare, not that something differs.
func Run(o *elfobj.Object, k *vmlinuz.Kernel, opts Options) (*Report, error) {
	a := &audit{o: o, kernel: k, img: k.Image, base: k.Base, linked: k.Linked, prefix: opts.Prefix, report: &Report{Schema: Schema}}
	if !o.Machine.ReadsLinked() || o.BigEndian {
		return nil, a.errorf(errcode.ObjectUnsuitable, "is an object for %s, not for little-endian AArch64; give the hyp.o of an arm64 kernel", o.Machine.Name)
	}
	if k.Machine != 0 && k.Machine != o.Machine.ELF {
		return nil, a.errorf(errcode.ObjectUnsuitable, "the kernel is one for %s, the object is for %s; give a kernel for that", k.Machine, o.Machine.Name)
	}
	if a.prefix == "" {
		a.prefix = layout.Prefix(o)
	}
	if a.prefix == "" {
		return nil, a.errorf(errcode.ObjectUnsuitable, "its mapping symbols have no common prefix; give the hyp.o that a kernel is linked from, or the prefix with --symbol-prefix")
	}
	var err error
	if a.origins, err = layout.NewOrigins(o, layout.Options{SymbolPrefix: a.prefix}); err != nil {
		return nil, err
	}
	for _, pass := range []func() error{
		func() error { return a.readSymbols(opts) },
		a.readSections,
		a.placeBySymbols,
		a.findUndefined,
		a.placeByUses,
		a.checkTables,
		a.findBase,
		a.readDynamic,
		a.confirm,
		a.compareSections,
		a.accountForRanges,
		a.finish,
	} {
		if err := pass(); err != nil {
			return nil, err
		}
	}
	return a.report, nil
}

func (a *audit) errorf(code errcode.Code, format string, args ...any) error {
	return code.Errorf("%s: "+format, append([]any{a.o.Name}, args...)...)
}

// bytesAt returns the bytes of the image at an address, or nil.
func (a *audit) bytesAt(at uint64, size int) []byte {
	if at > uint64(len(a.img)) || uint64(size) > uint64(len(a.img))-at {
		return nil
	}
	return a.img[at : at+uint64(size)]
}
