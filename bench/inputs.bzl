# SPDX-License-Identifier: Apache-2.0

"""The inputs of the benchmark, and programs for the host that it needs."""

load("@rules_cc//cc/common:cc_info.bzl", "CcInfo")
load("//rules:providers.bzl", "HypObjectInfo")

_MUSL = "/x86_64-linux-musl"

def _link_inputs_impl(ctx):
    info = ctx.attr.object[HypObjectInfo]
    manifest = ctx.actions.declare_file(ctx.label.name + ".json")
    objects = info.objects.to_list()
    ctx.actions.write(manifest, json.encode_indent({
        "objects": [object.short_path for object in objects],
        "script": info.linker_script.short_path,
        "symbol_prefix": info.symbol_prefix,
    }) + "\n")
    return [DefaultInfo(
        files = depset([manifest]),
        runfiles = ctx.runfiles([manifest, info.linker_script] + objects),
    )]

link_inputs = rule(
    implementation = _link_inputs_impl,
    doc = """The inputs of a hyp_object's link.

The output is JSON: `objects` in link order and `script`, as paths in the runfiles, and `symbol_prefix`.""",
    attrs = {
        "object": attr.label(
            doc = "The hyp_object.",
            providers = [HypObjectInfo],
            mandatory = True,
        ),
    },
)

def _native_program_impl(ctx):
    object = ctx.actions.declare_file(ctx.label.name + ".o")
    program = ctx.actions.declare_file(ctx.label.name)
    contexts = [dep[CcInfo].compilation_context for dep in ctx.attr.deps]
    libc_headers = ctx.files._libc_headers
    args = ctx.actions.args()
    args.add_all(["--target=x86_64-linux-musl", "-O2", "-nostdinc"])
    args.add_all(depset(transitive = [context.includes for context in contexts]), format_each = "-I%s")
    args.add_all({file.path.partition(_MUSL)[0] + _MUSL: None for file in libc_headers}.keys(), format_each = "-isystem%s")
    args.add_all(["-c", "-o", object, ctx.file.src])
    ctx.actions.run(
        executable = ctx.executable._clang,
        arguments = [args],
        inputs = depset([ctx.file.src] + libc_headers, transitive = [context.headers for context in contexts]),
        outputs = [object],
        mnemonic = "NativeCompile",
        progress_message = "Compiling %{input}",
    )
    libc = {file.basename: file for file in ctx.files._libc}
    order = [libc["crt1.o"], libc["crti.o"], object, libc["libc.a"], libc["crtn.o"]]
    ctx.actions.run(
        executable = ctx.executable._lld,
        arguments = ["-static", "-o", program.path] + [file.path for file in order],
        inputs = order,
        outputs = [program],
        mnemonic = "NativeLink",
        progress_message = "Linking %{output}",
    )
    return [DefaultInfo(executable = program, files = depset([program]))]

native_program = rule(
    implementation = _native_program_impl,
    doc = """Builds a static C program for x86-64 Linux, where the benchmark runs, from pinned packages only.

The tests' gen-hyprel is an arm64 program under an emulator: its output is right, but its time is not kbuild's.""",
    executable = True,
    attrs = {
        "deps": attr.label_list(
            doc = "Headers that the program may include.",
            providers = [CcInfo],
        ),
        "src": attr.label(
            doc = "The C file.",
            allow_single_file = True,
            mandatory = True,
        ),
        "_clang": attr.label(default = "//toolchain/peers:clang", executable = True, cfg = "exec"),
        "_libc": attr.label_list(
            default = ["@hyp_peers_llvm//:usr/lib/x86_64-linux-musl/" + name for name in ["crt1.o", "crti.o", "crtn.o", "libc.a"]],
            allow_files = True,
        ),
        "_libc_headers": attr.label(default = "@hyp_peers_llvm//:musl_headers"),
        "_lld": attr.label(default = "//toolchain/peers:ld_lld", executable = True, cfg = "exec"),
    },
)
