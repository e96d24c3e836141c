// SPDX-License-Identifier: Apache-2.0

package check

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rules-hyp/rules_hyp/internal/elftext"
	"github.com/rules-hyp/rules_hyp/internal/golden"
)

// tracing are edits that add a table of three events.
func tracing(table string) []string {
	return []string{
		"section .data PROGBITS WA align=1\n", "section .data PROGBITS WA align=1\nsection .hyp.event_ids PROGBITS WA align=8\n  00000000 00000000 00000000 00000000 00000000 00000000\n",
		"symbol __kvm_nvhe_vectors GLOBAL", table + "symbol __kvm_nvhe_vectors GLOBAL",
	}
}

const (
	enterEvent    = "symbol __kvm_nvhe_hyp_event_id_hyp_enter GLOBAL OBJECT .hyp.event_ids+0x0 size=8\n"
	exitEvent     = "symbol __kvm_nvhe_hyp_event_id_hyp_exit GLOBAL OBJECT .hyp.event_ids+0x8 size=8\n"
	selftestEvent = "symbol __kvm_nvhe_hyp_event_id_selftest GLOBAL OBJECT .hyp.event_ids+0x10 size=8\n"
	// Their order in the symbol table does not matter.
	goodEvents = selftestEvent + exitEvent + enterEvent
)

// androidEvents are edits that add a table as Android's, with its addresses in .hyp.reloc.
var androidEvents = []string{
	"section .data PROGBITS WA align=1\n", "section .data PROGBITS WA align=1\nsection .hyp.event_ids PROGBITS WA align=8\n" +
		"  00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000\n" +
		"  +0x8 R_AARCH64_ABS64 __kvm_nvhe_host_data+0\n  +0x18 R_AARCH64_ABS64 __kvm_nvhe_host_data+0\n",
	"  00000000 00000000 00000000 00000000 00000000\n  +0x0 R_AARCH64_PREL32", "  00000000 00000000 00000000 00000000 00000000 00000000 00000000\n  +0x0 R_AARCH64_PREL32",
	"  +0x10 R_AARCH64_PREL32 __kvm_nvhe___hyp_section_.hyp.data..percpu+0", "  +0x10 R_AARCH64_PREL32 __kvm_nvhe___hyp_section_.hyp.data..percpu+0\n" +
		"  +0x14 R_AARCH64_PREL32 __kvm_nvhe___hyp_section_.hyp.event_ids+8\n  +0x18 R_AARCH64_PREL32 __kvm_nvhe___hyp_section_.hyp.event_ids+24",
	"symbol __kvm_nvhe_vectors GLOBAL", "symbol __kvm_nvhe___hyp_section_.hyp.event_ids GLOBAL NOTYPE .hyp.event_ids+0x0\nsymbol __kvm_nvhe_hyp_event_id_zap GLOBAL OBJECT .hyp.event_ids+0x0 size=16\n" +
		"symbol __kvm_nvhe_hyp_event_id_hyp_exit GLOBAL OBJECT .hyp.event_ids+0x10 size=16\nsymbol __kvm_nvhe_vectors GLOBAL",
}

func hostEvents(names ...string) func(testing.TB, *Options) {
	return func(_ testing.TB, o *Options) { o.HostEvents = &HostEvents{"hyp_trace.o", names} }
}

var brokenEvents = []brokenCase{
	{"events", tracing(goodEvents), nil, nil},
	{"events of the host", tracing(goodEvents), hostEvents("hyp_enter", "hyp_exit", "selftest"), nil},
	{"no events at all", nil, hostEvents(), nil},
	{"events out of order", tracing(strings.NewReplacer("enter", "quit").Replace(goodEvents)), nil, []string{"HYP013 .hyp.event_ids hyp_event_id_hyp_exit - -"}},
	{
		"event twice", tracing(strings.Replace(selftestEvent, "selftest", "hyp_exit", 1) + exitEvent + enterEvent), nil,
		[]string{"HYP005 .hyp.event_ids hyp_event_id_hyp_exit - -", "HYP013 .hyp.event_ids hyp_event_id_hyp_exit - -"},
	},
	{"gap before an event", tracing(enterEvent + selftestEvent), nil, []string{"HYP013 .hyp.event_ids hyp_event_id_selftest - -"}},
	{"bytes after the events", tracing(enterEvent + exitEvent), nil, []string{"HYP013 .hyp.event_ids - - -"}},
	{"a table without symbols", tracing(""), nil, []string{"HYP013 .hyp.event_ids - - -"}},
	{"events of several sizes", tracing(enterEvent + strings.Replace(exitEvent, "size=8", "size=16", 1)), nil, []string{"HYP013 .hyp.event_ids hyp_event_id_hyp_exit - -"}},
	{"more events than the host", tracing(goodEvents), hostEvents("hyp_enter", "hyp_exit"), []string{"HYP013 .hyp.event_ids hyp_event_id_selftest - -"}},
	{"fewer events than the host", tracing(goodEvents), hostEvents("hyp_enter", "hyp_exit", "selftest", "zap"), []string{"HYP013 .hyp.event_ids - - -"}},
	{"another event than the host", tracing(goodEvents), hostEvents("hyp_enter", "iommu_idmap", "selftest"), []string{"HYP013 .hyp.event_ids hyp_event_id_hyp_exit - -"}},
	// Android's entries have a pointer each; host and hypervisor have the order of declarations.
	{"events of Android", androidEvents, hostEvents("zap", "hyp_exit"), nil},
	{"events of Android in another order than the host", androidEvents, hostEvents("hyp_exit", "zap"), []string{"HYP013 .hyp.event_ids hyp_event_id_zap - -"}},
	{"no events in the hypervisor", nil, hostEvents("hyp_enter"), []string{"HYP013 - - - -"}},
}

func TestEvents(t *testing.T) { checkBroken(t, brokenEvents) }

// writeHost writes an object with the given text.
func writeHost(t *testing.T, text string) string {
	t.Helper()
	o, err := elftext.Parse("hyp_trace.o", text)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "hyp_trace.o")
	if err := os.WriteFile(path, golden.Encode(t, o), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// The sections of an object are sorted as the linker script of vmlinux does; there, the addresses decide.
func TestHostEvents(t *testing.T) {
	for name, text := range map[string]string{
		"object": `
section _hyp_events.selftest PROGBITS WA align=8 size=72
section _hyp_events.hyp_exit PROGBITS WA align=8 size=72
section _hyp_events.hyp_enter PROGBITS WA align=8 size=72
section .rodata PROGBITS A align=8 size=200
symbol remote_event_fields_hyp_exit LOCAL OBJECT .rodata+0x0 size=100
symbol remote_event_selftest LOCAL OBJECT _hyp_events.selftest+0x0 size=72
symbol remote_event_hyp_exit LOCAL OBJECT _hyp_events.hyp_exit+0x0 size=72
symbol remote_event_hyp_enter LOCAL OBJECT _hyp_events.hyp_enter+0x0 size=72
`,
		"linked": `
section .data.hyp_events PROGBITS WA align=8 size=216
symbol remote_event_selftest LOCAL OBJECT .data.hyp_events+0x90 size=72
symbol remote_event_hyp_enter LOCAL OBJECT .data.hyp_events+0x0 size=72
symbol remote_event_hyp_exit LOCAL OBJECT .data.hyp_events+0x48 size=72
`,
		"Android's object": `
section _hyp_events PROGBITS WA align=8 size=216
section .data PROGBITS WA align=8 size=200
symbol hyp_event_fields_hyp_exit LOCAL OBJECT .data+0x0 size=100
symbol hyp_event_selftest GLOBAL OBJECT _hyp_events+0x90 size=72
symbol hyp_event_hyp_exit GLOBAL OBJECT _hyp_events+0x48 size=72
symbol hyp_event_hyp_enter GLOBAL OBJECT _hyp_events+0x0 size=72
`,
		"Android's vmlinux": `
section .rodata.hyp_events PROGBITS WA align=8 size=216
symbol hyp_event_selftest GLOBAL OBJECT .rodata.hyp_events+0x90 size=72
symbol hyp_event_hyp_exit GLOBAL OBJECT .rodata.hyp_events+0x48 size=72
symbol hyp_event_hyp_enter GLOBAL OBJECT .rodata.hyp_events+0x0 size=72
`,
	} {
		h, err := ReadHostEvents(writeHost(t, text))
		if want := []string{"hyp_enter", "hyp_exit", "selftest"}; err != nil || !slices.Equal(h.Names, want) {
			t.Errorf("%s: got %v, %v; want %q", name, h, err, want)
		}
	}
	if h, err := ReadHostEvents(writeHost(t, "section .text PROGBITS AX align=4 size=4\nsymbol f GLOBAL FUNC .text+0x0 size=4\n")); err != nil || h.Names == nil || len(h.Names) > 0 {
		t.Errorf("without events: got %v, %v", h, err)
	}
}

func TestHostEventsErrors(t *testing.T) {
	text := filepath.Join(t.TempDir(), "vmlinux")
	if err := os.WriteFile(text, []byte("no object"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{text, filepath.Join(t.TempDir(), "none")} {
		if _, err := ReadHostEvents(path); err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "give the kernel's vmlinux") {
			t.Errorf("%s: got %v", path, err)
		}
	}
}
