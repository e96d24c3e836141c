// SPDX-License-Identifier: Apache-2.0
// An initialised variable in .data, which hyp.lds of Linux 6.1 does not name: the section is not mapped at EL2.

#include <asm/kvm_hyp.h>

static volatile u64 marker = 1;

int boot_vcpu_run(struct kvm_vcpu *vcpu);

// hyp-main.c calls this in place of __kvm_vcpu_run, as in fault.c.
int boot_vcpu_run(struct kvm_vcpu *vcpu)
{
	vcpu->arch.ctxt.regs.regs[19] = marker;
	return __kvm_vcpu_run(vcpu);
}
