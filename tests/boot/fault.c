// SPDX-License-Identifier: Apache-2.0
// A load from an address that is not mapped at EL2.

#include <asm/kvm_hyp.h>

int boot_vcpu_run(struct kvm_vcpu *vcpu);

// hyp-main.c calls this in place of __kvm_vcpu_run: it is compiled with -D__kvm_vcpu_run=boot_vcpu_run. No guest is loaded yet: with one, the
// hypervisor returns to the host before it panics, and has that as its address.
int boot_vcpu_run(struct kvm_vcpu *vcpu)
{
	u64 *unmapped = (u64 *)0x1000;

	vcpu->arch.ctxt.regs.regs[19] = *(volatile u64 *)unmapped;
	return __kvm_vcpu_run(vcpu);
}
