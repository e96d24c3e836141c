# SPDX-License-Identifier: Apache-2.0

"""hyp_boot_kernel and hyp_boot_image: build a kernel with kbuild, and link its Image again with another object."""

load("//rules:providers.bzl", "HypBootImageInfo", "HypBootKernelInfo", "HypKbuildPackagesInfo", "HypObjectInfo")
load(":kbuild.bzl", "KBUILD_ATTRS", "run_kbuild")

# A build of the kernel takes all processors of most machines, and a link one.
def _resources(_os, _inputs):
    return {"cpu": 2, "memory": 1000}

def _link(ctx, kernel, object):
    """Registers the action that links a kernel's Image.

    Args:
      ctx: the rule's context; the rule has KBUILD_ATTRS.
      kernel: HypBootKernelInfo.
      object: File, the object to put in place of kbuild's; None for kbuild's own.

    Returns:
      HypBootImageInfo.
    """
    image = ctx.actions.declare_file(ctx.label.name + "/Image")
    vmlinux = ctx.actions.declare_file(ctx.label.name + "/vmlinux")
    args = ctx.actions.args()
    args.add(kernel.tree, format = "-tree=%s")
    if object:
        args.add(object, format = "-object=%s")
    args.add(image, format = "-image=%s")
    args.add(vmlinux, format = "-vmlinux=%s")
    run_kbuild(
        ctx,
        kernel.packages,
        "image",
        args,
        inputs = [kernel.tree] + ([object] if object else []),
        outputs = [image, vmlinux],
        mnemonic = "HypBootLink",
        progress_message = "Linking the kernel %{label}",
    )
    return HypBootImageInfo(image = image, vmlinux = vmlinux)

def _image_providers(info, **groups):
    return [
        DefaultInfo(files = depset([info.image])),
        info,
        OutputGroupInfo(vmlinux = depset([info.vmlinux]), **groups),
    ]

# One configuration for all that depend on the kernel, tests and objects of EL2, so that it is built once.
def _to_arm64(_settings, _attr):
    return {"//command_line_option:platforms": [str(Label("//platforms:arm64"))]}

_one_configuration = transition(
    implementation = _to_arm64,
    inputs = [],
    outputs = ["//command_line_option:platforms"],
)

def _impl(ctx):
    tree = ctx.actions.declare_file(ctx.label.name + "/tree.tar")
    args = ctx.actions.args()
    args.add(ctx.file.source, format = "-source=%s")
    args.add(ctx.file.config, format = "-config=%s")
    args.add(tree, format = "-out=%s")
    if ctx.attr.modules:
        args.add("-modules")
    packages = ctx.attr.packages[HypKbuildPackagesInfo]
    run_kbuild(
        ctx,
        packages,
        "tree",
        args,
        inputs = [ctx.file.source, ctx.file.config],
        outputs = [tree],
        mnemonic = "HypBootKernel",
        progress_message = "Building the kernel %{label}, which takes some minutes",
        resource_set = _resources,
    )
    kernel = HypBootKernelInfo(packages = packages, tree = tree)
    return _image_providers(_link(ctx, kernel, None), tree = depset([tree])) + [kernel]

hyp_boot_kernel = rule(
    implementation = _impl,
    doc = """Builds a small kernel for boot tests with kbuild: `HypBootKernel`, an action of some minutes, whose result is cached as any other's.

kbuild runs with pinned packages of a Debian release as its root directory, in a user namespace: the machine must allow these. The compiler is the gcc of that release, or its clang, with LLVM's other programs, if it is among the packages.

Output groups: `tree` (source and objects, for another `make Image`), `vmlinux`. The default output is the Image with kbuild's own hypervisor.""",
    attrs = {
        "source": attr.label(
            doc = "The kernel's source, a `.tar.xz` with one directory at the top.",
            allow_single_file = [".tar.xz"],
            mandatory = True,
        ),
        "config": attr.label(
            doc = "Settings, `CONFIG_NAME=VALUE`; all others are off (allnoconfig). One that kbuild does not take is an error.",
            allow_single_file = True,
            mandatory = True,
        ),
        "modules": attr.bool(
            doc = "Build the modules of the configuration (`=m`), too. They are in `tree`.",
        ),
        "packages": attr.label(
            doc = "The root directory that kbuild runs in: of Debian 12 with gcc 12, `//toolchain/kbuild:trixie` with gcc 14, `//toolchain/kbuild:forky` with gcc 16, `//toolchain/kbuild:bookworm_clang` with clang 14, or `//toolchain/kbuild:trixie_clang` with clang 19.",
            default = Label("//toolchain/kbuild:bookworm"),
            providers = [HypKbuildPackagesInfo],
            cfg = "exec",
        ),
        "_allowlist_function_transition": attr.label(default = "@bazel_tools//tools/allowlists/function_transition_allowlist"),
    } | KBUILD_ATTRS,
    cfg = _one_configuration,
    provides = [HypBootImageInfo, HypBootKernelInfo],
)

def _image_impl(ctx):
    if HypObjectInfo in ctx.attr.object:
        object = ctx.attr.object[HypObjectInfo].object
    elif len(ctx.files.object) == 1 and ctx.files.object[0].extension == "o":
        object = ctx.files.object[0]
    else:
        fail("%s: object: got %s, want a hyp_object, or a target with one object (.o) [E9406]" % (ctx.label, [f.short_path for f in ctx.files.object]))
    return _image_providers(_link(ctx, ctx.attr.kernel[HypBootKernelInfo], object))

hyp_boot_image = rule(
    implementation = _image_impl,
    doc = """Links a kernel with an object in place of kbuild's nVHE object: `HypBootLink`, an action of some seconds.

kbuild itself links the Image; it finds everything but the object up to date. The default output is the Image. Output group: `vmlinux`.""",
    attrs = {
        "object": attr.label(
            doc = "A hyp_object, or an object (`.o`), compiled for the kernel's configuration.",
            allow_files = [".o"],
            mandatory = True,
        ),
        "kernel": attr.label(
            doc = "The hyp_boot_kernel.",
            default = Label("//kernels/6.1/boot:kernel"),
            providers = [HypBootKernelInfo],
        ),
    } | KBUILD_ATTRS,
    provides = [HypBootImageInfo],
)
