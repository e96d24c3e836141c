// SPDX-License-Identifier: Apache-2.0

package cli_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// The scripts of a hypervisor and of a kernel with tracing events, as those of Linux 7 (arch/arm64/kvm/hyp/nvhe/hyp.lds.S, arch/arm64/kernel/vmlinux.lds.S):
// both sort the events by name.
const (
	eventHypScript = `SECTIONS {
	.hyp.text : { *(.text .text.*) }
	.hyp.event_ids : { *(SORT(.hyp.event_ids.*)) }
}
`
	eventKernelScript = `SECTIONS {
	. = 0xffff800080000000;
	.text : { *(.hyp.text) *(.text) }
	. = ALIGN(0x1000);
	.rodata : { __hyp_event_ids_start = .; *(.hyp.event_ids) __hyp_event_ids_end = .; *(.rodata*) }
	. = ALIGN(0x1000);
	.data.hyp_events : { __hyp_events_start = .; *(SORT(_hyp_events.*)) __hyp_events_end = .; }
	.data : { *(.data*) }
}
`
)

// eventSources are the assembly of both sides with the events in the order given, as compilers write what HYP_EVENT of define_events.h and
// REMOTE_EVENT of define_remote_events.h declare.
func eventSources(host, hyp []string) (hostText, hypText string) {
	var a, b strings.Builder
	a.WriteString("\t.text\nstart:\tret\n")
	for _, name := range host {
		fmt.Fprintf(&a, "\t.section .rodata.str,\"a\"\nname_%[1]s:\t.asciz \"%[1]s\"\n\t.section _hyp_events.%[1]s,\"aw\"\n\t.balign 8\n"+
			"\t.type remote_event_%[1]s, %%object\nremote_event_%[1]s:\n\t.quad name_%[1]s, 0, 0, 0\n\t.size remote_event_%[1]s, 32\n", name)
	}
	b.WriteString("\t.text\n\t.globl enter\nenter:\tret\n")
	for _, name := range hyp {
		fmt.Fprintf(&b, "\t.section .hyp.event_ids.%[1]s,\"aw\"\n\t.balign 4\n\t.globl hyp_event_id_%[1]s\n\t.type hyp_event_id_%[1]s, %%object\n"+
			"hyp_event_id_%[1]s:\t.word 0, 0\n\t.size hyp_event_id_%[1]s, 8\n", name)
	}
	return a.String(), b.String()
}

// hyp.o is checked against a whole vmlinux, which GNU ld links from it: the events of both sides have the same numbers, or HYP013 says which is the first that
// has not.
func TestEventsOfVmlinux(t *testing.T) {
	three := []string{"hyp_exit", "selftest", "hyp_enter"}
	for _, c := range []struct {
		name      string
		host, hyp []string
		script    string // of the kernel
		options   string // of ld
		want      string // in the message; empty: the object passes
	}{
		{"the same", three, three, eventKernelScript, "", ""},
		{"none", nil, nil, eventKernelScript, "", ""},
		{
			"one that the kernel lacks",
			[]string{"hyp_enter", "selftest"},
			three, eventKernelScript, "",
			`hyp.o: .hyp.event_ids+0x8: HYP013 event-ids: in "__kvm_nvhe_hyp_event_id_hyp_exit": event 1 is "hyp_exit" in the hypervisor, which has 3, and "selftest" in vmlinux, which has 2`,
		},
		{
			"one that the hypervisor lacks", three,
			[]string{"hyp_enter", "hyp_exit"},
			eventKernelScript, "",
			`event 2 is missing in the hypervisor, which has 2, and "selftest" in vmlinux, which has 3`,
		},
		{"a kernel without tracing", nil, three, eventKernelScript, "", `event 0 is "hyp_enter" in the hypervisor, which has 3, and missing in vmlinux, which has 0`},
		{
			"a kernel that does not sort", three, three, strings.Replace(eventKernelScript, "SORT(_hyp_events.*)", "_hyp_events.*", 1), "",
			`event 0 is "hyp_enter" in the hypervisor, which has 3, and "hyp_exit" in vmlinux, which has 3`,
		},
		{"stripped", three, three, eventKernelScript, "-s", "vmlinux: no symbol section; give the kernel's vmlinux"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := inputs(t)
			host, hyp := eventSources(c.host, c.hyp)
			for name, text := range map[string]string{"host.s": host, "hyp.s": hyp, "hyp.lds": eventHypScript, "vmlinux.lds": c.script} {
				write(t, dir+"/"+name, []byte(text))
			}
			compile(t, dir, "GCC", "-c", "host.s", "-o", "host.o")
			compile(t, dir, "GCC", "-c", "hyp.s", "-o", "hyp-in.o")
			must := func(args ...string) {
				t.Helper()
				if r := hyplink(t, dir, args...); r.Code != 0 {
					t.Fatalf("hyplink %q: exit code %d, %s", args, r.Code, r.Stderr)
				}
			}
			must("object", "--script=hyp.lds", "--symbol-prefix=__kvm_nvhe_", "-o", "hyp.o", "hyp-in.o")
			// As the kernel is linked that runs at any address.
			link := strings.Fields("-shared -Bsymbolic -z notext --no-apply-dynamic-relocs -T vmlinux.lds host.o hyp.o -o vmlinux " + c.options)
			compile(t, dir, "LD", link...)
			check := []string{"check", "--symbol-prefix=__kvm_nvhe_", "--script=hyp.lds", "hyp.o"}
			must(check...)
			r := hyplink(t, dir, slices.Insert(check, 1, "--host-object=vmlinux")...)
			if c.want == "" {
				// What boots is no ELF file.
				write(t, dir+"/Image", append([]byte("MZ"), make([]byte, 62)...))
				if r := hyplink(t, dir, slices.Insert(check, 1, "--host-object=Image")...); r.Code != 1 || !strings.Contains(r.Stderr, "Image: bad magic number") {
					t.Errorf("an Image: exit code %d, got\n%s", r.Code, r.Stderr)
				}
			}
			if (r.Code == 0) != (c.want == "") || !strings.Contains(r.Stderr, c.want) {
				t.Errorf("exit code %d, got\n%swant %q", r.Code, r.Stderr, c.want)
			}
		})
	}
}
