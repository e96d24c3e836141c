# SPDX-License-Identifier: Apache-2.0

"""Analysis tests of errors of the boot rules."""

load("@bazel_skylib//lib:unittest.bzl", "analysistest")
load("//rules:defs.bzl", "hyp_boot_image", "hyp_boot_test")
load("//tests/analysis:asserts.bzl", "assert_fails")

def _failure(message):
    return analysistest.make(assert_fails(message), expect_failure = True)

seconds_test = _failure("boot_seconds: got 0, want a positive number")
two_images_test = _failure("image: got [\"tests/boot/data.c\", \"tests/boot/fault.c\"], want a hyp_boot_image, or one file")
two_kernels_test = _failure("//tests/boot:nvhe_image has one; remove it")
two_objects_test = _failure("object: got [\"tests/boot/kbuild_stripped.o\", \"tests/boot/wrong_relocations.o\"], want a hyp_object, or a target with one object (.o)")

def failure_tests(name):
    """Declares the tests.

    Args:
        name: prefix of their names.
    """
    manual = ["manual"]
    native.filegroup(name = "two_files", srcs = ["data.c", "fault.c"], tags = manual)
    native.filegroup(name = "two_objects", srcs = ["kbuild_stripped.o", "wrong_relocations.o"], tags = manual)
    hyp_boot_test(name = "no_seconds", boot_seconds = 0, image = ":nvhe_image", tags = manual)
    hyp_boot_test(name = "two_images", image = ":two_files", tags = manual)
    hyp_boot_test(name = "two_kernels", image = ":nvhe_image", tags = manual, vmlinux = "data.c")
    hyp_boot_image(name = "two_objects_image", object = ":two_objects", tags = manual)
    seconds_test(name = name + "_seconds_test", target_under_test = ":no_seconds")
    two_images_test(name = name + "_two_images_test", target_under_test = ":two_images")
    two_kernels_test(name = name + "_two_kernels_test", target_under_test = ":two_kernels")
    two_objects_test(name = name + "_two_objects_test", target_under_test = ":two_objects_image")
