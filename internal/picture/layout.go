// SPDX-License-Identifier: Apache-2.0

package picture

import (
	"debug/elf"
	_ "embed" // for the assets
	"io"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/hyprel"
	"github.com/rules-hyp/rules_hyp/internal/layout"
	"github.com/rules-hyp/rules_hyp/internal/sizes"
)

//go:embed assets/layout.html
var layoutBody string

//go:embed assets/layout.css
var layoutStyle string

//go:embed assets/treemap.css
var mapStyle string

//go:embed assets/treemap.js
var treemapScript string

//go:embed assets/layout.js
var layoutScript string

// node is what the page lists: an item of a section, a label in one, or a symbol
// that is not in a section.
type node struct {
	name   string
	item   int    // the item, or the one that a label is in; -1: external
	offset uint64 // in the section; the value of an absolute symbol
	symbol uint32 // 0: none
}

// nodes are all nodes of an object. The first ones are the items, in order; then
// come the labels and then the external symbols.
type nodes struct {
	m             *sizes.Map
	list          []node
	labels        int // number of the first label
	externals     int // number of the first external symbol
	externalNames map[uint32]int32
}

func newNodes(m *sizes.Map) *nodes {
	o := m.Object
	n := &nodes{m: m, list: make([]node, 0, len(m.Items)), externalNames: map[uint32]int32{}}
	named := make([]bool, len(o.Symbols))
	for i := range m.Items {
		it := &m.Items[i]
		named[it.Symbol] = true
		n.list = append(n.list, node{m.Name(it), i, it.Start, it.Symbol})
	}
	n.labels = len(n.list)
	for i := range o.Symbols {
		s := &o.Symbols[i]
		if named[i] || s.Section <= 0 || !m.Places.Names(s) {
			continue
		}
		if item := m.At(s.Section, s.Value); item >= 0 {
			n.list = append(n.list, node{s.Name, item, s.Value, uint32(i)})
		}
	}
	n.externals = len(n.list)
	for i := 1; i < len(o.Symbols); i++ {
		s := &o.Symbols[i]
		if s.Section <= 0 && !s.IsDropped() && s.Type() != elf.STT_FILE && s.Type() != elf.STT_SECTION {
			n.externalNames[uint32(i)] = int32(len(n.list))
			n.list = append(n.list, node{s.Name, -1, s.Value, uint32(i)})
		}
	}
	return n
}

// external returns the node of a symbol that is in no section, or -1.
func (n *nodes) external(symbol uint32) int32 {
	if i, ok := n.externalNames[symbol]; ok {
		return i
	}
	return -1
}

// Kinds of nodes on the page, after those of sizes.Kind.
const (
	kindLabel = iota + 6
	kindUndefined
	kindAbsolute
	kindCommon
)

var kindNames = []string{
	"function", "variable", "constant", "code without symbol", "data without symbol", "padding",
	"label", "undefined", "absolute", "common",
}

func (n *nodes) kind(i int) uint64 {
	switch {
	case i < n.labels:
		return uint64(n.m.Items[i].Kind)
	case i < n.externals:
		return kindLabel
	}
	switch n.m.Object.Symbols[n.list[i].symbol].Section {
	case elfobj.Absolute:
		return kindAbsolute
	case elfobj.Common:
		return kindCommon
	}
	return kindUndefined
}

// attributes describes a node's symbol, as the text of a layout does.
func (n *nodes) attributes(i int) string {
	if n.list[i].symbol == 0 {
		return ""
	}
	s := &n.m.Object.Symbols[n.list[i].symbol]
	b := layout.SymbolKind(s)
	if _, script := n.m.Origins.Symbol(n.list[i].symbol); script {
		b += ", linker script"
	}
	return b
}

// WriteLayout writes a page with the layout of an object: a map of its sections,
// inputs and symbols by size, a table of them, and what refers to what. Its size and
// time are linear in the number of symbols, inputs and references, but for
// sorting. The name of the object is shown without its directory.
func WriteLayout(w io.Writer, o *elfobj.Object, opts layout.Options) error {
	m, err := sizes.Of(o, opts)
	if err != nil {
		return err
	}
	n := newNodes(m)
	refs, err := references(m, n.external)
	if err != nil {
		return err
	}
	page := kind{style: mapStyle + layoutStyle, script: treemapScript + layoutScript, body: inline(layoutBody)}
	return page.write(w, base(o.Name)+": layout", func(d *dataWriter) { n.write(d, refs) })
}

// write writes the data of the page.
func (n *nodes) write(d *dataWriter, refs []reference) {
	o := n.m.Object
	order := "little-endian"
	if o.BigEndian {
		order = "big-endian"
	}
	d.open("", "{")
	d.text("name", base(o.Name))
	d.value("machine", o.Machine.Name+", "+order)
	d.value("origin", n.m.Origins.From)
	d.text("prefix", layout.Prefix(o))
	d.value("hyp", o.Section(hyprel.TableSection) != nil)
	n.writeSections(d)
	n.writeNodes(d)
	var kinds table
	d.column("refFrom", len(refs), func(i int) uint64 { return uint64(refs[i].from) })
	d.column("refTo", len(refs), func(i int) uint64 { return uint64(refs[i].to) })
	d.column("refKind", len(refs), func(i int) uint64 {
		if refs[i].kind == branch {
			return kinds.of("branch") - 1
		}
		return kinds.of(o.Machine.RelocName(uint32(refs[i].kind))) - 1
	})
	d.column("refHyp", len(refs), func(i int) uint64 {
		if refs[i].hyp {
			return 1
		}
		return 0
	})
	d.column("refCount", len(refs), func(i int) uint64 { return uint64(refs[i].count) })
	d.texts("refKinds", len(kinds.list), func(i int) string { return kinds.list[i] })
	d.close("}")
}

// writeSections writes the sections, in the order of the object. The index of a
// section in the page is one less than in the object.
func (n *nodes) writeSections(d *dataWriter) {
	d.open("sections", "[")
	for _, s := range n.m.Object.Sections[min(1, len(n.m.Object.Sections)):] {
		d.open("", "{")
		if s != nil {
			d.text("name", s.Name)
			d.value("type", strings.TrimPrefix(s.Type.String(), "SHT_"))
			d.value("flags", layout.Flags(s.Flags))
			d.value("loaded", s.IsAlloc())
			d.column("size", 1, func(int) uint64 { return s.Size })
			d.column("align", 1, func(int) uint64 { return max(s.Addralign, 1) })
			d.value("relocations", s.RelocCount())
		}
		d.close("}")
	}
	d.close("]")
}

// writeNodes writes the columns of the nodes. Files and attributes are numbers from
// 1 in lists of their own, 0 is none. Sections are numbers from 1, as in the object.
func (n *nodes) writeNodes(d *dataWriter) {
	items, count := n.m.Items, len(n.list)
	var files, attributes table
	d.value("items", n.labels)
	d.value("labels", n.externals-n.labels)
	d.value("kinds", kindNames)
	d.texts("names", count, func(i int) string { return n.list[i].name })
	d.column("section", count, func(i int) uint64 {
		if n.list[i].item < 0 {
			return 0
		}
		return uint64(items[n.list[i].item].Section)
	})
	d.column("file", count, func(i int) uint64 {
		if i < n.labels {
			return files.of(items[i].File)
		}
		file, _ := n.m.Origins.Symbol(n.list[i].symbol)
		return files.of(file)
	})
	d.column("offset", count, func(i int) uint64 { return n.list[i].offset })
	d.column("size", count, func(i int) uint64 {
		if i < n.labels {
			return items[i].Size()
		}
		if i < n.externals {
			return 0
		}
		return n.m.Object.Symbols[n.list[i].symbol].Size
	})
	d.column("kind", count, n.kind)
	d.column("attribute", count, func(i int) uint64 { return attributes.of(n.attributes(i)) })
	d.column("within", n.externals-n.labels, func(i int) uint64 { return uint64(n.list[n.labels+i].item) })
	d.texts("files", len(files.list), func(i int) string { return files.list[i] })
	d.texts("attributes", len(attributes.list), func(i int) string { return attributes.list[i] })
}
