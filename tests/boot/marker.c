// SPDX-License-Identifier: Apache-2.0
// A source of our own in the kernel's hypervisor: it sets a register of the guest before each entry, by which the guest tells who runs it.

#include <asm/kvm_hyp.h>

#define BOOT_MARKER 0x6879706f626a6563

u64 boot_guest_enter(struct kvm_vcpu *vcpu);

// switch.c calls this in place of __guest_enter: it is compiled with -D__guest_enter=boot_guest_enter.
u64 boot_guest_enter(struct kvm_vcpu *vcpu)
{
	vcpu->arch.ctxt.regs.regs[19] = BOOT_MARKER;
	return __guest_enter(vcpu);
}
