# SPDX-License-Identifier: Apache-2.0

"""gen-hyprel, the kernel's own generator of `.hyp.reloc`, as a program for Linux on arm64."""

load("@rules_cc//cc:cc_binary.bzl", "cc_binary")
load(":autoconf.bzl", "kernel_autoconf")

def gen_hyprel(name, src, headers):
    """Declares gen-hyprel as a cc_binary for `//platforms:linux_arm64`.

    Args:
      name: string, the program's name.
      src: label, gen-hyprel.c of a kernel tree.
      headers: label, the headers of the same tree.
    """
    kernel_autoconf(
        name = name + "_autoconf",
        testonly = True,
        headers = headers,
    )
    cc_binary(
        name = name,
        testonly = True,
        srcs = [src],
        # The emulator has no dynamic linker of the target.
        linkopts = ["-static"],
        tags = ["manual"],
        deps = [name + "_autoconf"],
    )
