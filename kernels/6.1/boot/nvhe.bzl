"""The hypervisor of the boot kernel: its sources, their order and every option.

They are what hypgen writes for the tree of `:kernel`; docs/boot.md has the command.
"""

load("//rules:defs.bzl", "hyp_library", "hyp_object")

# Options at the start of every command: include directories and forced includes.
TREE_OPTIONS = [
    "-nostdinc",
    "-I$(TREE)/arch/arm64/include",
    "-I$(TREE)/arch/arm64/include/generated",
    "-I$(TREE)/include",
    "-I$(TREE)/arch/arm64/include/uapi",
    "-I$(TREE)/arch/arm64/include/generated/uapi",
    "-I$(TREE)/include/uapi",
    "-I$(TREE)/include/generated/uapi",
    "-include",
    "$(TREE)/include/linux/compiler-version.h",
    "-include",
    "$(TREE)/include/linux/kconfig.h",
]

# Link order: do not sort.
_SRCS = [
    Label("@linux//:arch/arm64/kvm/hyp/nvhe/timer-sr.c"),
    Label("@linux//:arch/arm64/kvm/hyp/nvhe/sysreg-sr.c"),
    Label("@linux//:arch/arm64/kvm/hyp/nvhe/debug-sr.c"),
    Label("@linux//:arch/arm64/kvm/hyp/nvhe/switch.c"),
    Label("@linux//:arch/arm64/kvm/hyp/nvhe/tlb.c"),
    Label("@linux//:arch/arm64/kvm/hyp/nvhe/hyp-init.S"),
    Label("@linux//:arch/arm64/kvm/hyp/nvhe/host.S"),
    Label("@linux//:arch/arm64/kvm/hyp/nvhe/hyp-main.c"),
    Label("@linux//:arch/arm64/kvm/hyp/nvhe/hyp-smp.c"),
    Label("@linux//:arch/arm64/kvm/hyp/nvhe/psci-relay.c"),
    Label("@linux//:arch/arm64/kvm/hyp/nvhe/early_alloc.c"),
    Label("@linux//:arch/arm64/kvm/hyp/nvhe/page_alloc.c"),
    Label("@linux//:arch/arm64/kvm/hyp/nvhe/cache.S"),
    Label("@linux//:arch/arm64/kvm/hyp/nvhe/setup.c"),
    Label("@linux//:arch/arm64/kvm/hyp/nvhe/mm.c"),
    Label("@linux//:arch/arm64/kvm/hyp/nvhe/mem_protect.c"),
    Label("@linux//:arch/arm64/kvm/hyp/nvhe/sys_regs.c"),
    Label("@linux//:arch/arm64/kvm/hyp/nvhe/pkvm.c"),
    Label("@linux//:arch/arm64/kvm/hyp/nvhe/stacktrace.c"),
    Label("@linux//:arch/arm64/kvm/hyp/vgic-v3-sr.c"),
    Label("@linux//:arch/arm64/kvm/hyp/aarch32.c"),
    Label("@linux//:arch/arm64/kvm/hyp/vgic-v2-cpuif-proxy.c"),
    Label("@linux//:arch/arm64/kvm/hyp/entry.S"),
    Label("@linux//:arch/arm64/kvm/hyp/fpsimd.S"),
    Label("@linux//:arch/arm64/kvm/hyp/hyp-entry.S"),
    Label("@linux//:arch/arm64/kvm/hyp/exception.c"),
    Label("@linux//:arch/arm64/kvm/hyp/pgtable.c"),
    Label("@linux//:arch/arm64/lib/clear_page.S"),
    Label("@linux//:arch/arm64/lib/copy_page.S"),
    Label("@linux//:arch/arm64/lib/memcpy.S"),
    Label("@linux//:arch/arm64/lib/memset.S"),
]

_ASMOPTS = TREE_OPTIONS + [
    "-D__KERNEL__",
    "-mlittle-endian",
    "-DKASAN_SHADOW_SCALE_SHIFT=",
    "-fmacro-prefix-map=$(TREE)/=",
    "-D__ASSEMBLY__",
    "-fno-PIE",
    "-mabi=lp64",
    "-fno-asynchronous-unwind-tables",
    "-fno-unwind-tables",
    "-DKASAN_SHADOW_SCALE_SHIFT=",
    "-g",
    "-gdwarf-5",
    "-I$(TREE)/arch/arm64/kvm/hyp/include",
    "-D__KVM_NVHE_HYPERVISOR__",
    "-D__DISABLE_EXPORTS",
    "-fdebug-prefix-map=$(TREE)/=",
]

_COPTS = TREE_OPTIONS + [
    "-include",
    "$(TREE)/include/linux/compiler_types.h",
    "-D__KERNEL__",
    "-mlittle-endian",
    "-DKASAN_SHADOW_SCALE_SHIFT=",
    "-fmacro-prefix-map=$(TREE)/=",
    "-Wall",
    "-Wundef",
    "-Werror=strict-prototypes",
    "-Wno-trigraphs",
    "-fno-strict-aliasing",
    "-fno-common",
    "-fshort-wchar",
    "-fno-PIE",
    "-Werror=implicit-function-declaration",
    "-Werror=implicit-int",
    "-Werror=return-type",
    "-Wno-format-security",
    "-std=gnu11",
    "-mgeneral-regs-only",
    "-DCONFIG_CC_HAS_K_CONSTRAINT=1",
    "-Wno-psabi",
    "-mabi=lp64",
    "-fno-asynchronous-unwind-tables",
    "-fno-unwind-tables",
    "-mbranch-protection=none",
    "-Wa,-march=armv8.5-a",
    "-DARM64_ASM_ARCH=\"armv8.5-a\"",
    "-DKASAN_SHADOW_SCALE_SHIFT=",
    "-fno-delete-null-pointer-checks",
    "-Wno-frame-address",
    "-Wno-format-truncation",
    "-Wno-format-overflow",
    "-Wno-address-of-packed-member",
    "-O2",
    "-fno-allow-store-data-races",
    "-Wframe-larger-than=2048",
    "-fno-stack-protector",
    "-Wno-main",
    "-Wno-unused-but-set-variable",
    "-Wno-unused-const-variable",
    "-Wno-dangling-pointer",
    "-fno-omit-frame-pointer",
    "-fno-optimize-sibling-calls",
    "-ftrivial-auto-var-init=zero",
    "-fno-stack-clash-protection",
    "-Wvla",
    "-Wno-pointer-sign",
    "-Wcast-function-type",
    "-Wno-stringop-truncation",
    "-Wno-stringop-overflow",
    "-Wno-restrict",
    "-Wno-maybe-uninitialized",
    "-Wno-array-bounds",
    "-Wno-alloc-size-larger-than",
    "-Wimplicit-fallthrough=5",
    "-fno-strict-overflow",
    "-fno-stack-check",
    "-fconserve-stack",
    "-Werror=date-time",
    "-Werror=incompatible-pointer-types",
    "-Werror=designated-init",
    "-fno-builtin-wcslen",
    "-Wno-packed-not-aligned",
    "-g",
    "-gdwarf-5",
    "-fno-var-tracking",
    "-femit-struct-debug-baseonly",
    "-I$(TREE)/arch/arm64/kvm/hyp/include",
    "-D__KVM_NVHE_HYPERVISOR__",
    "-D__DISABLE_EXPORTS",
    "-D__DISABLE_TRACE_MMIO__",
    "-fno-stack-protector",
    "-DDISABLE_BRANCH_PROFILING",
    "-DKBUILD_MODFILE=\"arch/arm64/kvm/hyp/nvhe/$(NAME).nvhe\"",
    "-DKBUILD_BASENAME=\"$(IDENT).nvhe\"",
    "-DKBUILD_MODNAME=\"$(IDENT).nvhe\"",
    "-D__KBUILD_MODNAME=kmod_$(IDENT).nvhe",
    "-fdebug-prefix-map=$(TREE)/=",
]

_PER_FILE_COPTS = {
    "vgic-v3-sr.c": [
        "-ffile-prefix-map=$(TREE)/arch/arm64/kvm/hyp/vgic-v3-sr.c=arch/arm64/kvm/hyp/nvhe/../vgic-v3-sr.c",
    ],
    "aarch32.c": [
        "-ffile-prefix-map=$(TREE)/arch/arm64/kvm/hyp/aarch32.c=arch/arm64/kvm/hyp/nvhe/../aarch32.c",
    ],
    "vgic-v2-cpuif-proxy.c": [
        "-ffile-prefix-map=$(TREE)/arch/arm64/kvm/hyp/vgic-v2-cpuif-proxy.c=arch/arm64/kvm/hyp/nvhe/../vgic-v2-cpuif-proxy.c",
    ],
    "entry.S": [
        "-ffile-prefix-map=$(TREE)/arch/arm64/kvm/hyp/entry.S=arch/arm64/kvm/hyp/nvhe/../entry.S",
    ],
    "fpsimd.S": [
        "-ffile-prefix-map=$(TREE)/arch/arm64/kvm/hyp/fpsimd.S=arch/arm64/kvm/hyp/nvhe/../fpsimd.S",
    ],
    "hyp-entry.S": [
        "-ffile-prefix-map=$(TREE)/arch/arm64/kvm/hyp/hyp-entry.S=arch/arm64/kvm/hyp/nvhe/../hyp-entry.S",
    ],
    "exception.c": [
        "-ffile-prefix-map=$(TREE)/arch/arm64/kvm/hyp/exception.c=arch/arm64/kvm/hyp/nvhe/../exception.c",
    ],
    "pgtable.c": [
        "-ffile-prefix-map=$(TREE)/arch/arm64/kvm/hyp/pgtable.c=arch/arm64/kvm/hyp/nvhe/../pgtable.c",
    ],
    "clear_page.S": [
        "-ffile-prefix-map=$(TREE)/arch/arm64/lib/clear_page.S=arch/arm64/kvm/hyp/nvhe/../../../lib/clear_page.S",
    ],
    "copy_page.S": [
        "-ffile-prefix-map=$(TREE)/arch/arm64/lib/copy_page.S=arch/arm64/kvm/hyp/nvhe/../../../lib/copy_page.S",
    ],
    "memcpy.S": [
        "-ffile-prefix-map=$(TREE)/arch/arm64/lib/memcpy.S=arch/arm64/kvm/hyp/nvhe/../../../lib/memcpy.S",
    ],
    "memset.S": [
        "-ffile-prefix-map=$(TREE)/arch/arm64/lib/memset.S=arch/arm64/kvm/hyp/nvhe/../../../lib/memset.S",
    ],
}

def boot_nvhe(name, srcs = [], options = {}):
    """Declares a hyp_library of the boot kernel's hypervisor.

    Args:
        name: name of the target.
        srcs: further sources, linked after the kernel's.
        options: dict from the base name of a source to further options for it.
    """
    hyp_library(
        name = name,
        srcs = _SRCS + srcs,
        asmopts = _ASMOPTS,
        copts = _COPTS,
        object_suffix = ".nvhe.o",
        per_file_copts = _PER_FILE_COPTS | {source: _PER_FILE_COPTS.get(source, []) + more for source, more in options.items()},
        target_compatible_with = ["@platforms//cpu:aarch64"],
        # kbuild's options are complete.
        toolchain_flags = False,
        tree = Label("@linux//:BUILD.bazel"),
        deps = [Label("//kernels/6.1/boot:headers")],
    )

def boot_object(name, deps, **kwargs):
    """Declares a hyp_object for the boot kernel.

    Args:
        name: name of the target.
        deps: hyp_library targets, such as one of boot_nvhe.
        **kwargs: other attributes of hyp_object; they replace those of the kernel's own object.
    """
    hyp_object(
        name = name,
        deps = deps,
        **({
            "allowed_undefined": [Label("//kernels/6.1:undefined.txt")],
            "hyp_relocations": True,
            "linker_script": Label("//kernels/6.1/boot:hyp_lds"),
            "symbol_order": "gnu",
            "symbol_prefix": "__kvm_nvhe_",
        } | kwargs)
    )
