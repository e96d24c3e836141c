# SPDX-License-Identifier: Apache-2.0

"""kernel_autoconf: a kernel's configuration as a header, for gen-hyprel."""

load("@rules_cc//cc/common:cc_common.bzl", "cc_common")
load("@rules_cc//cc/common:cc_info.bzl", "CcInfo")

_AUTOCONF = "generated/autoconf.h"

def _impl(ctx):
    found = [file for file in ctx.files.headers if file.path.endswith("/include/" + _AUTOCONF)]
    if len(found) != 1:
        fail("{}: headers: got {} files include/{} in {}, want 1".format(ctx.label, len(found), _AUTOCONF, ctx.attr.headers.label))
    header = ctx.actions.declare_file(ctx.label.name + "/" + _AUTOCONF)
    ctx.actions.symlink(output = header, target_file = found[0])
    return [
        DefaultInfo(files = depset([header])),
        CcInfo(compilation_context = cc_common.create_compilation_context(
            headers = depset([header]),
            includes = depset([header.path.removesuffix("/" + _AUTOCONF)]),
        )),
    ]

kernel_autoconf = rule(
    implementation = _impl,
    doc = """Puts generated/autoconf.h, the one kernel header that gen-hyprel includes, in a separate include directory.

The kernel's include/ as a whole would hide the C library's linux/ headers.""",
    attrs = {
        "headers": attr.label(
            doc = "The headers of a kernel tree.",
            mandatory = True,
        ),
    },
    provides = [CcInfo],
)
