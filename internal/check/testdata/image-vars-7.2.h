/* SPDX-License-Identifier: Apache-2.0 */
/* The forms that statements have in Linux 6.12 and 7.2. */
#define PI_EXPORT_SYM(sym)		\
	__PI_EXPORT_SYM(sym, __pi_ ## sym, Cannot export BSS symbol sym to startup code)
#define __PI_EXPORT_SYM(sym, pisym, msg)\
	PROVIDE(pisym = sym);		\
	ASSERT((sym - BASE) < (__bss_start - BASE), #msg)

PROVIDE(__efistub_caches_clean_inval_pou = __pi_caches_clean_inval_pou);
PI_EXPORT_SYM(_ctype);
KVM_NVHE_ALIAS(host_call);
KVM_NVHE_ALIAS_HYP(memset, __pi_memset);
PROVIDE_HIDDEN(hidden_one = 1);
_kernel_codesize = ABSOLUTE(__inittext_end - _text);
kimage_limit = ALIGN(ABSOLUTE(_end + SZ_64K), SZ_2M);
ASSERT((kimage_limit & 1) == 0, "odd");
#undef ASSERT
