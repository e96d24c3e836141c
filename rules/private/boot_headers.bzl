# SPDX-License-Identifier: Apache-2.0

"""boot_headers: the headers of a hyp_boot_kernel, for objects that are compiled for it; boot_files: single files of one."""

load("@rules_cc//cc/common:cc_common.bzl", "cc_common")
load("@rules_cc//cc/common:cc_info.bzl", "CcInfo")
load("//rules:providers.bzl", "HypBootKernelInfo")
load(":kbuild.bzl", "KBUILD_ATTRS")
load(":options.bzl", "repository_path")

# kbuild's directories with generated headers, in the order that it searches them.
_GENERATED = [
    "arch/arm64/include/generated",
    "include",
    "arch/arm64/include/generated/uapi",
    "include/generated/uapi",
]

_KERNEL_ATTRS = {
    "kernel": attr.label(
        doc = "The hyp_boot_kernel.",
        providers = [HypBootKernelInfo],
        mandatory = True,
    ),
} | KBUILD_ATTRS

def _is_generated(path):
    return "/generated/" in path

def _extract(ctx, tree, root, paths, outputs):
    """Registers the action that gets files of a kernel's tree."""
    flags = ctx.actions.args()
    flags.add(tree, format = "-tree=%s")
    flags.add(root, format = "-out=%s")
    ctx.actions.run(
        executable = ctx.executable._kbuild,
        arguments = ["extract", flags, paths],
        inputs = [tree],
        outputs = outputs,
        mnemonic = "HypBootFiles",
        progress_message = "Extracting files of a kernel for %{label}",
        env = {},
        toolchain = None,
    )

def _root(ctx, file):
    """Returns the path of the directory with the target's outputs, of which file is one."""
    return "/".join([part for part in [file.root.path, ctx.label.workspace_root, ctx.label.package, ctx.label.name] if part])

def _impl(ctx):
    tree = ctx.attr.kernel[HypBootKernelInfo].tree
    generated = []
    source = []
    args = ctx.actions.args()
    for header in ctx.files.headers:
        path = repository_path(header)
        if _is_generated(path):
            generated.append(ctx.actions.declare_file(ctx.label.name + "/" + path))
            args.add(path)
        else:
            source.append(header)
    if not generated:
        fail("%s: headers: none of them is generated; give all headers of a prepared kernel tree [E9404]" % ctx.label)
    root = _root(ctx, generated[0])
    _extract(ctx, tree, root, args, generated)
    return [
        DefaultInfo(files = depset(generated)),
        CcInfo(compilation_context = cc_common.create_compilation_context(
            headers = depset(generated + source),
            # After all directories of -I. No header is in both, but for wrappers, which the source's come before.
            system_includes = depset([root + "/" + directory for directory in _GENERATED]),
        )),
    ]

boot_headers = rule(
    implementation = _impl,
    doc = "The headers of a kernel's source, and those that its build generated, as a dependency of hyp_library and hyp_linker_script.",
    attrs = {
        "headers": attr.label(
            doc = "All headers of a prepared tree of the same version. The generated ones among them are replaced by the kernel's.",
            allow_files = True,
            mandatory = True,
        ),
    } | _KERNEL_ATTRS,
    provides = [CcInfo],
)

def _files_impl(ctx):
    outputs = [ctx.actions.declare_file(ctx.label.name + "/" + path) for path in ctx.attr.files]
    _extract(ctx, ctx.attr.kernel[HypBootKernelInfo].tree, _root(ctx, outputs[0]), ctx.actions.args().add_all(ctx.attr.files), outputs)
    return [DefaultInfo(files = depset(outputs))]

boot_files = rule(
    implementation = _files_impl,
    doc = "Files of a kernel's tree: sources, headers, objects.",
    attrs = {
        "files": attr.string_list(
            doc = "Their paths in the tree.",
            mandatory = True,
            allow_empty = False,
        ),
    } | _KERNEL_ATTRS,
)
