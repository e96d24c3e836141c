# SPDX-License-Identifier: Apache-2.0

"""pkvm_el2_module: the part of a pKVM module that runs at EL2."""

load(":library.bzl", "hyp_library")
load(":object.bzl", "hyp_object")
load(":toolchains.bzl", "exec_properties_of")

# What kbuild defines for all sources of a module at EL2 (arch/arm64/kvm/hyp/nvhe/Makefile.module and Makefile.nvhe).
_ASM_DEFINES = ["-D__KVM_NVHE_HYPERVISOR__", "-D__DISABLE_EXPORTS"]
_C_DEFINES = _ASM_DEFINES + ["-D__DISABLE_TRACE_MMIO__", "-DDISABLE_BRANCH_PROFILING", "-DMODULE"]

# Attributes of hyp_library, and of both rules; all others are hyp_object's.
_LIBRARY = ["additional_compiler_inputs", "data", "features", "hdrs", "implementation_deps", "includes", "local_defines", "per_file_copts", "toolchains", "tree"]
_BOTH = ["exec_compatible_with", "tags", "testonly"]

def pkvm_el2_module(
        name,
        srcs,
        deps = [],
        copts = [],
        asmopts = [],
        linker_script = None,
        object_suffix = ".nvhe.o",
        symbol_prefix = "__kvm_nvhe_",
        toolchain_flags = True,
        **kwargs):
    """Builds the part of a pKVM module that runs at EL2: `NAME/hyp.o`, to be linked into the module's `.ko` as its `kvm_nvhe.o`.

    The sources are compiled by a hyp_library, `NAME_objects`, with kbuild's macros for such a module (`__KVM_NVHE_HYPERVISOR__`, `MODULE` and others). `NAME` is a
    hyp_object with its output groups (`compile_commands`, `map` and others), providers and checks; it has `.hyp.reloc`.

    Its sections are `.hyp.text`, `.hyp.bss`, `.hyp.rodata` and `.hyp.data`, each with a symbol at either end, `__hypmod_text_start` and so on, and none of
    them empty. With the prefix, the module's part at EL1 sees `__kvm_nvhe___hypmod_text_start`. The property note is in `.hyp.rodata`.

    For a module in a kernel tree, `hypgen -dir` writes hyp_library, hyp_linker_script and hyp_object as kbuild builds it.

    Args:
      name: string, the name of the hyp_object.
      srcs: list of labels, the sources and private headers, in link order.
      deps: list of labels, hyp_library targets, whose objects are linked after the module's own, or cc_library targets with headers. Sources
        and link both get them.
      copts: list of string, options for each `.c`, as of hyp_library.
      asmopts: list of string, options for each `.S`.
      linker_script: label of a hyp_linker_script instead of the layout above, such as one of a tree's `module.lds.S`.
      object_suffix: string, as of hyp_library; kbuild's by default.
      symbol_prefix: string, the prefix of all symbols.
      toolchain_flags: bool, as of hyp_library. If False, `copts` and `asmopts` are complete and the macros are not added.
      **kwargs: `additional_compiler_inputs`, `data`, `features`, `hdrs`, `implementation_deps`, `includes`, `local_defines`, `per_file_copts`, `toolchains` and `tree` of
        hyp_library, `exec_properties` of the execution groups of both rules, and all other attributes of hyp_object, such as `allowed_undefined`, `allowed_sections`, `platform`, `visibility`.
    """
    for attribute, instead in [("defines", "copts = [\"-DNAME\"]"), ("keep_platform", "a hyp_library and a hyp_object")]:
        if attribute in kwargs:
            fail("pkvm_el2_module %s: got %s, which it does not have; use %s [E9212]" % (name, attribute, instead))
    both = {k: kwargs[k] for k in _BOTH if k in kwargs}
    properties = exec_properties_of(kwargs.pop("exec_properties", {}))
    own = {k: kwargs.pop(k) for k in _LIBRARY if k in kwargs}
    if toolchain_flags:
        copts = _C_DEFINES + copts
        asmopts = _ASM_DEFINES + asmopts
    hyp_library(
        name = name + "_objects",
        srcs = srcs,
        asmopts = asmopts,
        copts = copts,
        exec_properties = properties.library,
        object_suffix = object_suffix,
        target_compatible_with = ["@platforms//cpu:aarch64"],
        toolchain_flags = toolchain_flags,
        visibility = ["//visibility:private"],
        deps = deps,
        **(own | both)
    )
    hyp_object(
        name = name,
        exec_properties = properties.object,
        hyp_relocations = kwargs.pop("hyp_relocations", True),
        linker_script = linker_script or Label("//rules/private:pkvm_module_lds"),
        symbol_prefix = symbol_prefix,
        deps = [name + "_objects"],
        **kwargs
    )
