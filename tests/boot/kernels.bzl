# SPDX-License-Identifier: Apache-2.0

"""Boot tests of a kernel other than the default one."""

load("@io_bazel_rules_go//go:def.bzl", "go_test")
load("//kernels:versions.bzl", "kernel_tags")
load("//rules:defs.bzl", "hyp_boot_image", "hyp_boot_test")

MODES = [
    "nvhe",
    "protected",
]

# What marker.c sets.
MARKER = "hypboot: marker 0x6879706f626a6563"

def kernel_boot_tests(name, boot_nvhe, boot_object):
    """Boots a kernel with its hypervisor, and with one that has the marker, and compares the Image with kbuild's.

    The tests are `NAME_MODE_test`, `NAME_marker_MODE_test` and `NAME_identity_test`.

    Args:
        name: the kernel's version.
        boot_nvhe: the macro of its nvhe.bzl.
        boot_object: that of its nvhe.bzl.
    """
    tags = kernel_tags(name)
    kernel = "//kernels/%s/boot:kernel" % name
    boot_nvhe(
        name = name + "_marker_nvhe",
        srcs = ["marker.c"],
        options = {"switch.c": ["-D__guest_enter=boot_guest_enter"]},
    )
    boot_object(
        name = name + "_marker",
        deps = [":%s_marker_nvhe" % name],
    )
    for variant, object, expect in [
        ("", "//kernels/%s/boot:hyp_o" % name, "hypboot: marker 0x0"),
        ("_marker", ":%s_marker" % name, MARKER),
    ]:
        hyp_boot_image(
            name = name + variant + "_image",
            kernel = kernel,
            object = object,
            tags = tags,
        )
        for mode in MODES:
            hyp_boot_test(
                name = "%s%s_%s_test" % (name, variant, mode),
                expect = [expect],
                image = ":%s%s_image" % (name, variant),
                mode = mode,
                tags = tags,
            )
    images = {
        "KBUILD": kernel,
        "RULES": ":%s_image" % name,
    }
    for variable, image in images.items():
        native.filegroup(
            name = "%s_%s_vmlinux" % (name, variable),
            srcs = [image],
            output_group = "vmlinux",
            tags = tags,
        )
    go_test(
        name = name + "_identity_test",
        size = "small",
        srcs = [
            "identity_test.go",
            "runfile_test.go",
        ],
        data = images.values() + [":%s_%s_vmlinux" % (name, variable) for variable in images],
        env = {
            variable: "$(rlocationpath %s) $(rlocationpath :%s_%s_vmlinux)" % (image, name, variable)
            for variable, image in images.items()
        },
        tags = tags,
    )
