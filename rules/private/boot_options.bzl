# SPDX-License-Identifier: Apache-2.0

"""boot_options: the BUILD file that hypgen writes for the tree of a hyp_boot_kernel."""

load("//rules:providers.bzl", "HypBootKernelInfo")
load(":kbuild.bzl", "KBUILD_ATTRS", "run_kbuild")

def _impl(ctx):
    kernel = ctx.attr.kernel[HypBootKernelInfo]
    repository = ctx.actions.declare_file(ctx.label.name + "/repository")
    ctx.actions.write(repository, ctx.attr.repository + "\n")
    file = ctx.actions.declare_file(ctx.label.name + "/BUILD.bazel")
    args = ctx.actions.args()
    args.add(kernel.tree, format = "-tree=%s")
    args.add(ctx.file._script, format = "-script=%s")
    args.add(ctx.executable._hypgen, format = "-in=hypgen=%s")
    args.add(repository, format = "-in=repository=%s")
    args.add(file, format = "-out=BUILD.bazel=%s")
    run_kbuild(
        ctx,
        kernel.packages,
        "run",
        args,
        inputs = [kernel.tree, ctx.file._script, ctx.executable._hypgen, repository],
        outputs = [file],
        mnemonic = "HypBootOptions",
        progress_message = "Asking kbuild for the options of %{label}",
    )
    return [DefaultInfo(files = depset([file]))]

boot_options = rule(
    implementation = _impl,
    doc = "The BUILD file that hypgen writes for a kernel's tree.",
    attrs = {
        "kernel": attr.label(
            doc = "The hyp_boot_kernel.",
            providers = [HypBootKernelInfo],
            mandatory = True,
        ),
        "repository": attr.string(
            doc = "The name of the repository with the sources, for labels.",
            mandatory = True,
        ),
        "_hypgen": attr.label(
            default = Label("//tools/hypgen"),
            executable = True,
            cfg = "exec",
        ),
        "_script": attr.label(
            default = Label("//kernels:hypgen.sh"),
            allow_single_file = True,
        ),
    } | KBUILD_ATTRS,
)
