// SPDX-License-Identifier: Apache-2.0

package symbolize

import (
	"debug/elf"
	"strings"
	"testing"
)

func TestFindPanic(t *testing.T) {
	k := kernel(t, symbol{"__kvm_nvhe_a", elf.STT_FUNC, textStart + 0x100, 0x40}, symbol{"__kvm_nvhe_b", elf.STT_FUNC, textStart + 0x200, 0x40})
	for _, c := range []struct {
		name, console string
		kernel        *Kernel
		want          string
	}{
		{"none", "[    0.1] kvm [1]: Hyp mode initialized successfully\r\nhypboot: done\r\n", k, ""},
		{"the kernel's own", "[    0.1] Internal error: Oops\n[<ffff800008000110>] f\n", k, ""},
		{
			"a panic with calls",
			"[    0.1] kvm [1]: nVHE hyp panic at: [<ffff800008000104>] 0xffff800008000104!\r\n" +
				"[    0.1] kvm [1]: nVHE call trace:\r\n" +
				"[    0.1] kvm [1]:  [<ffff800008000208>] 0xffff800008000208\r\n" +
				"[    0.1] kvm [1]:  [<ffff800008000200>] 0xffff800008000200\r\n" +
				"[    0.1] kvm [1]: ---[ end nVHE call trace ]---\r\n" +
				"[    0.1] kvm [1]: Hyp Offset: 0xffff700010000000\r\n" +
				"[    0.1] Kernel panic - not syncing: HYP panic:\r\n" +
				"[    0.1] PS:600003c9 PC:00000ffff8000104 ESR:0000000096000004\r\n", k,
			`the hypervisor stopped (panic):
  [    0.1] kvm [1]: nVHE hyp panic at: [<ffff800008000104>] 0xffff800008000104!
    at __kvm_nvhe_a+0x4
  [    0.1] kvm [1]:  [<ffff800008000208>] 0xffff800008000208
    at __kvm_nvhe_b+0x8
  [    0.1] kvm [1]:  [<ffff800008000200>] 0xffff800008000200
    at __kvm_nvhe_a+0x100
  [    0.1] PS:600003c9 PC:00000ffff8000104 ESR:0000000096000004
    at __kvm_nvhe_a+0x4
    exception: data abort`,
		},
		{
			"a BUG", "kvm [1]: nVHE hyp BUG at: arch/arm64/kvm/hyp/nvhe/mm.c:7!\nPS:600003c9 PC:00000ffff8000104 ESR:00000000f2000800\n", k,
			`the hypervisor stopped (BUG):
  kvm [1]: nVHE hyp BUG at: arch/arm64/kvm/hyp/nvhe/mm.c:7!
  PS:600003c9 PC:00000ffff8000104 ESR:00000000f2000800
    exception: BRK, as of BUG()`,
		},
		{
			"without a kernel", "kvm [1]: nVHE hyp panic at: [<ffff800008000104>] x!\n", nil,
			`the hypervisor stopped (panic):
  kvm [1]: nVHE hyp panic at: [<ffff800008000104>] x!`,
		},
		{
			"an address of nothing", "kvm [1]: nVHE hyp panic at: [<0000000000000104>] x!\n", k,
			`the hypervisor stopped (panic):
  kvm [1]: nVHE hyp panic at: [<0000000000000104>] x!`,
		},
		{
			"of a kernel that names no place", "[    0.1] PS:600003c9 PC:ffff800008000204 ESR:02000000\n", k,
			`the hypervisor stopped (HYP panic):
  [    0.1] PS:600003c9 PC:ffff800008000204 ESR:02000000
    at __kvm_nvhe_b+0x4
    exception: unknown reason, such as an undefined instruction`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ""
			if p := FindPanic(c.console, c.kernel); p != nil {
				got = p.String()
			}
			if got != c.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, c.want)
			}
		})
	}
}

func FuzzFindPanic(f *testing.F) {
	f.Add("kvm [1]: nVHE hyp panic at: [<ffff800008000104>] x!\nPS:600003c9 PC:ffff800008000204 ESR:02000000\nHyp Offset: 0x1\n")
	k := kernel(f, symbol{"a", elf.STT_FUNC, textStart, 0x40})
	f.Fuzz(func(t *testing.T, console string) {
		if p := FindPanic(console, k); p != nil && len(p.String()) > 3*len(console)+1000 && !strings.Contains(console, "[<") {
			t.Errorf("%d bytes of a console became %d", len(console), len(p.String()))
		}
	})
}
