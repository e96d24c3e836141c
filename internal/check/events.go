// SPDX-License-Identifier: Apache-2.0

package check

import (
	"cmp"
	"debug/elf"
	"fmt"
	"slices"
	"strings"

	"github.com/rules-hyp/rules_hyp/internal/elfobj"
	"github.com/rules-hyp/rules_hyp/internal/errcode"
	"github.com/rules-hyp/rules_hyp/internal/fileio"
)

// Names of hypervisor events, of Linux 7 (CONFIG_NVHE_EL2_TRACING) and of Android's
// pKVM (CONFIG_TRACING).
const (
	eventSection = ".event_ids"    // after the section prefix; arch/arm64/kvm/hyp/nvhe/hyp.lds.S
	eventSymbol  = "hyp_event_id_" // arch/arm64/kvm/hyp/include/nvhe/define_events.h; nvhe/trace/ on Android
)

// hostEventForm is where a host has its events.
type hostEventForm struct {
	linked string // the section of vmlinux; arch/arm64/kernel/vmlinux.lds.S
	input  string // those of objects start with it; arch/arm64/include/asm/kvm_define_hypevents.h
	symbol string // what the names of symbols start with
}

var hostEventForms = []hostEventForm{
	{".data.hyp_events", "_hyp_events.", "remote_event_"}, // include/trace/define_remote_events.h
	{".rodata.hyp_events", "_hyp_events", "hyp_event_"},   // Android
}

// has reports whether a symbol is of an event, and gives its name.
func (h *hostEventForm) has(section, symbol string) (string, bool) {
	name, ok := strings.CutPrefix(symbol, h.symbol)
	return name, ok && (section == h.linked || strings.HasPrefix(section, h.input))
}

// event is an entry of the hypervisor's table.
type event struct {
	name       string
	symbol     uint32
	start, end uint64
}

// events checks the hypervisor's table of events. hyp_trace_init_events gives the
// n-th entry of both tables the number n, and does not ask for the end of the
// hypervisor's: each must have the same events in the same order. Linux 7 sorts
// both by name.
func (c *checker) events() error {
	at := elfobj.SectionIndex(0)
	for i, s := range c.o.Sections {
		if s != nil && s.IsAlloc() && s.Name == c.opts.SectionPrefix+eventSection {
			at = elfobj.SectionIndex(i)
		}
	}
	list := c.eventList(at)
	if at != 0 {
		c.eventTable(at, list)
	}
	if c.opts.HostEvents != nil {
		c.compareEvents(at, list)
	}
	return nil
}

// eventList returns the events in a section, by place.
func (c *checker) eventList(at elfobj.SectionIndex) []event {
	var list []event
	for i := range c.o.Symbols {
		s := &c.o.Symbols[i]
		if name, ok := strings.CutPrefix(c.bare(s.Name), eventSymbol); ok && at != 0 && s.Section == at && s.Type() == elf.STT_OBJECT && !s.IsDropped() {
			list = append(list, event{name, uint32(i), s.Value, s.Value + min(s.Size, ^s.Value)})
		}
	}
	slices.SortFunc(list, func(a, b event) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.name, b.name))
	})
	return list
}

const sortEvents = "collect the entries with *(SORT(.hyp.event_ids.*)) in the linker script, and declare each event once, with HYP_EVENT"

// eventTable checks that entries have one size, fill the section and are sorted.
// It reports the first entry that is wrong: it moves all others. A table without
// symbols, which nothing can be said of, is reported as bytes after the events.
func (c *checker) eventTable(at elfobj.SectionIndex, list []event) {
	end := uint64(0)
	// On Android the order is that of the declarations, in the host too; its entries
	// point to what enables an event, Linux 7's contain that.
	sorted := c.o.Sections[at].RelocCount() == 0
	for i, e := range list {
		size := list[0].end - list[0].start
		what := ""
		switch {
		case e.end-e.start != size:
			what = fmt.Sprintf("the event %q has %d bytes, but %q has %d", e.name, e.end-e.start, list[0].name, size)
		case e.start != end:
			what = fmt.Sprintf("the event %q is at %#x, want %#x: the kernel counts entries from the section's start", e.name, e.start, end)
		case sorted && i > 0 && e.name <= list[i-1].name:
			what = fmt.Sprintf("the event %q is after %q: the kernel sorts its events by name, so that the same number means another event", e.name, list[i-1].name)
		}
		if what != "" {
			c.addSymbol(&eventIDs, e.symbol, what, sortEvents)
			return
		}
		end = e.end
	}
	if s := c.o.Sections[at]; s.Size != end {
		c.add(&eventIDs, at, int64(min(end, s.Size)), Finding{
			Message: fmt.Sprintf("has %d bytes, but its %d events take %d: the kernel counts the rest as events", s.Size, len(list), end), Fix: sortEvents,
		})
	}
}

// compareEvents reports the first event whose number differs.
func (c *checker) compareEvents(at elfobj.SectionIndex, list []event) {
	host := c.opts.HostEvents.Names
	n := 0
	for n < len(host) && n < len(list) && host[n] == list[n].name {
		n++
	}
	if n == len(host) && n == len(list) {
		return
	}
	f := Finding{Fix: "build the hypervisor and " + c.opts.HostEvents.File + " from the same kvm_hypevents.h and configuration"}
	off := int64(-1)
	hyp := "missing"
	if n < len(list) {
		f.Symbol, off = c.o.Symbols[list[n].symbol].Name, int64(list[n].start)
		hyp = fmt.Sprintf("%q", list[n].name)
	}
	kernel := "missing"
	if n < len(host) {
		kernel = fmt.Sprintf("%q", host[n])
	}
	f.Message = fmt.Sprintf("event %d is %s in the hypervisor, which has %d, and %s in %s, which has %d", n, hyp, len(list), kernel, c.opts.HostEvents.File, len(host))
	c.add(&eventIDs, at, off, f)
}

// HostEvents are the hypervisor's events as the host knows them.
type HostEvents struct {
	File  string   // for messages
	Names []string // in the order of their numbers
}

// ReadHostEvents reads the events of the host from a vmlinux, or from an object of
// hyp_trace.c, which has a section for each event.
func ReadHostEvents(path string) (*HostEvents, error) {
	bad := func(err error) error {
		return &fileio.Error{Code: errcode.HostEvents, Path: path, Offset: -1, What: err.Error(), Advice: "give the kernel's vmlinux, or arch/arm64/kvm/hyp_trace.o"}
	}
	f, err := elf.Open(path)
	if err != nil {
		return nil, bad(err)
	}
	defer f.Close()
	symbols, err := f.Symbols()
	if err != nil {
		return nil, bad(err)
	}
	type entry struct {
		section string
		value   uint64
		name    string
	}
	var list []entry
	for _, s := range symbols {
		if elf.ST_TYPE(s.Info) != elf.STT_OBJECT || int(s.Section) >= len(f.Sections) {
			continue
		}
		in := f.Sections[s.Section].Name
		for i := range hostEventForms {
			if name, ok := hostEventForms[i].has(in, s.Name); ok {
				list = append(list, entry{in, s.Value, name})
				break
			}
		}
	}
	// The linker script of vmlinux sorts the sections of objects by name.
	slices.SortFunc(list, func(a, b entry) int {
		return cmp.Or(strings.Compare(a.section, b.section), cmp.Compare(a.value, b.value), strings.Compare(a.name, b.name))
	})
	h := &HostEvents{File: path, Names: []string{}}
	for _, e := range list {
		h.Names = append(h.Names, e.name)
	}
	if len(symbols) == 0 {
		return nil, bad(errcode.HostEvents.Errorf("no symbols"))
	}
	return h, nil
}
