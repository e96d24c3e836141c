"""gen-hyprel, the kernel's own maker of `.hyp.reloc`, as a program for Linux on arm64."""

load("@rules_cc//cc:cc_binary.bzl", "cc_binary")
load("@rules_cc//cc:cc_library.bzl", "cc_library")

_AUTOCONF = "include/generated/autoconf.h"

def _autoconf_impl(ctx):
    found = [file for file in ctx.files.headers if file.path.endswith("/" + _AUTOCONF)]
    if len(found) != 1:
        fail("{}: {} files {} in {}, want 1".format(ctx.label, len(found), _AUTOCONF, ctx.attr.headers.label))
    output = ctx.actions.declare_file(ctx.label.name + "/generated/autoconf.h")
    ctx.actions.symlink(output = output, target_file = found[0])
    return [DefaultInfo(files = depset([output]))]

# The kernel's include/ as a whole would hide the C library's own linux/ headers.
_autoconf = rule(
    implementation = _autoconf_impl,
    doc = "A kernel's configuration, the one generated header that gen-hyprel includes, in a folder of its own.",
    attrs = {
        "headers": attr.label(
            doc = "The headers of the kernel tree.",
            mandatory = True,
        ),
    },
)

def gen_hyprel(name, src, headers):
    """Declares gen-hyprel as a cc_binary for `//platforms:linux_arm64`.

    Args:
      name: string, the program's name.
      src: label, gen-hyprel.c of a kernel tree.
      headers: label, the headers of the same tree.
    """
    _autoconf(
        name = name + "_include",
        testonly = True,
        headers = headers,
    )
    cc_library(
        name = name + "_autoconf",
        testonly = True,
        hdrs = [name + "_include"],
        includes = [name + "_include"],
        tags = ["manual"],
    )
    cc_binary(
        name = name,
        testonly = True,
        srcs = [src],
        # A program that runs on its own: the emulator has no dynamic linker of the target's.
        linkopts = ["-static"],
        tags = ["manual"],
        deps = [name + "_autoconf"],
    )
