/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The forms that statements have in Linux 6.1: macros whose text brings a
 * semicolon; KVM_NVHE_ALIAS(in_a_comment);
 */
#ifndef LINKER_SCRIPT
#error This file should only be included in a linker script
#endif

PROVIDE(__efistub_size			= _edata - _text);
PROVIDE(__efistub_entry_offset	= entry - _text);

#ifdef CONFIG_KVM
/* Patched at boot. */
KVM_NVHE_ALIAS(update_mask);
// KVM_NVHE_ALIAS(after_slashes);
KVM_NVHE_ALIAS(host_call);
#ifdef CONFIG_RARE
KVM_NVHE_ALIAS( rare_one );
#endif
KVM_NVHE_ALIAS(without_semicolon)
KVM_NVHE_ALIAS(after_it);
KVM_NVHE_ALIAS_HYP(memcpy, __pi_memcpy);
#endif /* CONFIG_KVM */
