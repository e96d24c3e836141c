# SPDX-License-Identifier: Apache-2.0

"""boot_modules: the modules of a kernel, with hyplink as the linker of all partial links."""

load("//rules:providers.bzl", "HypBootImageInfo", "HypBootKernelInfo")
load(":kbuild.bzl", "KBUILD_ATTRS", "run_kbuild")

def _impl(ctx):
    kernel = ctx.attr.kernel[HypBootKernelInfo]
    image = ctx.actions.declare_file(ctx.label.name + "/Image")
    vmlinux = ctx.actions.declare_file(ctx.label.name + "/vmlinux")
    modules = [ctx.actions.declare_file(ctx.label.name + "/" + path.split("/")[-1]) for path in ctx.attr.modules]
    args = ctx.actions.args()
    args.add(kernel.tree, format = "-tree=%s")
    args.add(ctx.executable.hyplink, format = "-hyplink=%s")
    args.add(image, format = "-image=%s")
    args.add(vmlinux, format = "-vmlinux=%s")
    args.add(image.dirname, format = "-out=%s")
    paths = ctx.actions.args()
    paths.add_all(ctx.attr.modules)
    run_kbuild(
        ctx,
        kernel.packages,
        "modules",
        args,
        inputs = [kernel.tree, ctx.executable.hyplink],
        operands = paths,
        outputs = [image, vmlinux] + modules,
        mnemonic = "HypBootModules",
        progress_message = "Linking the kernel %{label} and its modules with hyplink",
    )
    return [
        DefaultInfo(files = depset(modules)),
        HypBootImageInfo(image = image, vmlinux = vmlinux),
        OutputGroupInfo(image = depset([image]), vmlinux = depset([vmlinux])),
    ]

boot_modules = rule(
    implementation = _impl,
    doc = """Links a kernel and its modules again, with hyplink for all partial links. The default outputs are the modules, in their order; as `image` of a hyp_boot_test it is
the kernel.

The action fails if kbuild recorded a partial link that is not hyplink's.""",
    attrs = {
        "kernel": attr.label(
            doc = "The hyp_boot_kernel, with modules.",
            mandatory = True,
            providers = [HypBootKernelInfo],
        ),
        "modules": attr.string_list(
            doc = "Paths of modules in the tree, such as `fs/minix/minix.ko`, in the order of loading.",
            mandatory = True,
        ),
        "hyplink": attr.label(
            doc = "The linker: a static program.",
            default = Label("//tools/hyplink"),
            executable = True,
            cfg = "exec",
        ),
    } | KBUILD_ATTRS,
    provides = [HypBootImageInfo],
)

def _choice_impl(ctx):
    files = {file.basename: file for file in ctx.files.kernel}
    missing = [name for name in ctx.attr.modules if name not in files]
    if missing:
        fail("%s: modules: %s has no %s, want some of %s [E9405]" % (ctx.label, ctx.attr.kernel.label, missing, sorted(files)))
    return [DefaultInfo(files = depset([files[name] for name in ctx.attr.modules]))]

boot_modules_choice = rule(
    implementation = _choice_impl,
    doc = "Some of a kernel's modules.",
    attrs = {
        "kernel": attr.label(
            doc = "The boot_modules.",
            mandatory = True,
        ),
        "modules": attr.string_list(
            doc = "Names of modules, such as `minix.ko`, in the order of loading.",
            mandatory = True,
        ),
    },
)
