# SPDX-License-Identifier: Apache-2.0

"""Kernels other than the default one whose modules hyplink links: newer ones, and those that clang compiles."""

load("//rules:defs.bzl", "hyp_boot_kernel", "hyp_boot_test")
load("//rules/private:boot_modules.bzl", "boot_modules")

# What every version has, in the order of dependencies.
_MODULES = [
    "fs/nls/nls_cp437.ko",
    "fs/nls/nls_iso8859-1.ko",
    "fs/fat/fat.ko",
    "fs/fat/vfat.ko",
    "fs/minix/minix.ko",
    "fs/ext2/ext2.ko",
]

def live(paths):
    """Returns what a boot test expects of modules that stay loaded.

    Args:
        paths: list of strings, the modules' paths in the tree.
    """
    return ["hypboot: module %s live" % path.split("/")[-1].removesuffix(".ko").replace("-", "_") for path in paths]

_EXPECT = live(_MODULES) + [
    "hypboot: file system vfat",
    "hypboot: file system minix",
    "hypboot: file system ext2",
    "hypboot: module fat unloaded",
]

MODES = [
    "nvhe",
    "protected",
]

def module_boot_tests(name, version, packages):
    """Builds a kernel and its modules, links both again with hyplink, boots it and loads the modules: `NAME_MODE_test`.

    kbuild takes minutes for each, so that they are tested only if named.

    Args:
        name: prefix of the targets' names.
        version: the kernel's version, a key of KERNELS.
        packages: label, the root directory that kbuild runs in. Its compiler is the kernel's, and its linker does what is no partial link.
    """
    tags = ["manual"]
    hyp_boot_kernel(
        name = name + "_built",
        config = ":file_systems.config",
        modules = True,
        packages = packages,
        source = "@hyp_linux_source_%s//:source" % version,
        tags = tags,
    )
    boot_modules(
        name = name,
        kernel = ":%s_built" % name,
        modules = _MODULES,
        tags = tags,
    )
    for mode in MODES:
        hyp_boot_test(
            name = "%s_%s_test" % (name, mode),
            expect = _EXPECT,
            image = ":" + name,
            mode = mode,
            modules = [":" + name],
            tags = tags,
        )
