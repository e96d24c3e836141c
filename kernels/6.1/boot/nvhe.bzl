# SPDX-License-Identifier: Apache-2.0

"""The hypervisor of the boot kernel 6.1, with sources of one's own beside the kernel's."""

load("//kernels:boot.bzl", "boot_hyp_object", "boot_library")
load(":kbuild.bzl", "ASMOPTS", "COPTS", "LDS", "LDS_COPTS", "PER_FILE_COPTS", "SRCS")

_VERSION = "6.1"

KBUILD = struct(
    asmopts = ASMOPTS,
    copts = COPTS,
    lds = LDS,
    lds_copts = LDS_COPTS,
    per_file_copts = PER_FILE_COPTS,
    srcs = SRCS,
)

def boot_nvhe(name, srcs = [], options = {}):
    """Declares a hyp_library of the boot kernel's hypervisor.

    Args:
        name: name of the target.
        srcs: further sources, linked after the kernel's.
        options: dict from the base name of a source to further options for it.
    """
    boot_library(_VERSION, name, KBUILD, srcs, options)

def boot_object(name, deps, **kwargs):
    """Declares a hyp_object for the boot kernel.

    Args:
        name: name of the target.
        deps: hyp_library targets, such as one of boot_nvhe.
        **kwargs: other attributes of hyp_object; they replace those of the kernel's own object.
    """
    boot_hyp_object(_VERSION, name, deps, Label("//platforms:arm64"), **kwargs)
