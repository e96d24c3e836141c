# SPDX-License-Identifier: Apache-2.0

"""Kernels for boot tests: what the packages kernels/VERSION/boot declare.

Sources and options are in kbuild.bzl of these packages, which hypgen and kernels/bootfile write.
"""

load("@io_bazel_rules_go//go:def.bzl", "go_binary", "go_test")
load("//rules:defs.bzl", "hyp_boot_kernel", "hyp_library", "hyp_linker_script", "hyp_object")
load("//rules/private:boot_headers.bzl", "boot_headers")
load("//rules/private:boot_options.bzl", "boot_options")
load(":versions.bzl", "KERNELS", "kernel_tags")

_ARM64 = ["@platforms//cpu:aarch64"]

def _tree(version):
    return Label("@%s//:BUILD.bazel" % KERNELS[version])

def boot_kernel(version, kbuild, packages):
    """Declares a small kernel, `:kernel`, and what its hypervisor is made with: `:headers` and `:hyp_lds`.

    `:update` writes kbuild.bzl of the package, and `:kbuild_test` compares it.

    Args:
        version: a key of KERNELS.
        kbuild: struct with LDS and LDS_COPTS of the package's kbuild.bzl.
        packages: label, the root directory that kbuild runs in, with the kernel's compiler.
    """
    tags = kernel_tags(version)
    hyp_boot_kernel(
        name = "kernel",
        config = "//kernels:boot.config",
        packages = packages,
        source = "@hyp_linux_source_%s//:source" % version,
        tags = tags,
    )
    boot_headers(
        name = "headers",
        headers = "@%s//:headers" % KERNELS[version],
        kernel = ":kernel",
        tags = tags,
    )
    hyp_linker_script(
        name = "hyp_lds",
        src = kbuild.lds,
        copts = kbuild.lds_copts,
        tags = tags,
        target_compatible_with = _ARM64,
        # kbuild's options are complete.
        toolchain_flags = False,
        tree = _tree(version),
        deps = [":headers"],
    )
    boot_options(
        name = "options",
        kernel = ":kernel",
        repository = KERNELS[version],
        tags = tags,
    )
    file = "kernels/%s/boot/kbuild.bzl" % version
    go_binary(
        name = "update",
        args = ["-build=$(rootpath :options)", "-out=" + file],
        data = [":options"],
        embed = ["//kernels/bootfile:bootfile_lib"],
        tags = tags,
    )
    go_test(
        name = "kbuild_test",
        size = "small",
        srcs = ["//kernels/bootfile:kernel_test.go"],
        data = [
            "kbuild.bzl",
            ":options",
        ],
        embed = ["//kernels/bootfile:bootfile_lib"],
        env = {
            "BOOT_BUILD": "$(rootpath :options)",
            "BOOT_FILE": file,
        },
        rundir = ".",
        tags = tags,
    )

def boot_library(version, name, kbuild, srcs = [], options = {}):
    """Declares a hyp_library of a kernel's hypervisor.

    Args:
        version: a key of KERNELS.
        name: name of the target.
        kbuild: struct with the constants of the package's kbuild.bzl.
        srcs: further sources, linked after the kernel's.
        options: dict from the base name of a source to further options for it.
    """
    hyp_library(
        name = name,
        srcs = kbuild.srcs + srcs,
        asmopts = kbuild.asmopts,
        copts = kbuild.copts,
        object_suffix = ".nvhe.o",
        per_file_copts = kbuild.per_file_copts | {source: kbuild.per_file_copts.get(source, []) + more for source, more in options.items()},
        tags = kernel_tags(version),
        target_compatible_with = _ARM64,
        # kbuild's options are complete.
        toolchain_flags = False,
        tree = _tree(version),
        deps = [Label("//kernels/%s/boot:headers" % version)],
    )

def boot_hyp_object(version, name, deps, platform, **kwargs):
    """Declares a hyp_object for a kernel.

    Args:
        version: a key of KERNELS.
        name: name of the target.
        deps: hyp_library targets, such as one of boot_library.
        platform: label, the platform with the kernel's compiler.
        **kwargs: other attributes of hyp_object; they replace those of the kernel's own object.
    """
    hyp_object(
        name = name,
        deps = deps,
        **({
            "allowed_undefined": [Label("//kernels/%s:undefined.txt" % version)],
            "hyp_relocations": True,
            "linker_script": Label("//kernels/%s/boot:hyp_lds" % version),
            "platform": platform,
            "symbol_order": "gnu",
            "symbol_prefix": "__kvm_nvhe_",
            "tags": kernel_tags(version),
        } | kwargs)
    )
