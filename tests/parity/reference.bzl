# SPDX-License-Identifier: Apache-2.0

"""gnu_reference: makes the stages of a hyp_object with the programs that kbuild uses."""

load("//rules:providers.bzl", "HypObjectInfo")

# kbuild's options of GNU ld for arm64: KBUILD_LDFLAGS of arch/arm64/Makefile and the top Makefile.
_LD_FLAGS = ["-EL", "-z", "noexecstack", "--no-warn-rwx-segments", "-r"]

# kbuild's emulation, and the one for links without a script: aarch64elf reads its script for -r from a file that is not pinned here;
# aarch64linux has the same one built in (it differs in .plt and .stack, which no relocatable object here has).
_EMULATION = "-maarch64elf"
_EMULATION_WITHOUT_SCRIPT = "-maarch64linux"

def _linux_arm64_impl(_settings, _attr):
    return {"//command_line_option:platforms": "//platforms:linux_arm64"}

_linux_arm64 = transition(
    implementation = _linux_arm64_impl,
    inputs = [],
    outputs = ["//command_line_option:platforms"],
)

def _ld(ctx, inputs, output, script = None):
    args = ctx.actions.args()
    if ctx.executable.stand_in:
        args.add("ld")
    args.add_all(_LD_FLAGS)
    args.add(_EMULATION if script else _EMULATION_WITHOUT_SCRIPT)
    if script:
        args.add("-T", script)
    args.add("-o", output)
    args.add_all(inputs)
    ctx.actions.run(
        executable = ctx.executable.stand_in or ctx.executable._ld,
        arguments = [args],
        inputs = depset([script] if script else [], transitive = [inputs]),
        outputs = [output],
        mnemonic = "GnuLd",
        progress_message = "Linking %{output} as kbuild does",
    )

def _zero_addresses(ctx, script):
    output = ctx.actions.declare_file(ctx.label.name + "/zero.lds")
    ctx.actions.run(
        executable = ctx.executable._zeroaddr,
        arguments = [script.path, output.path],
        inputs = [script],
        outputs = [output],
        mnemonic = "ZeroAddresses",
        progress_message = "Placing the sections of %{input} at zero",
    )
    return output

def _hyprel(ctx, object, output):
    """As in kbuild: gen-hyprel prints assembly, which is assembled and linked in."""
    listing = ctx.actions.declare_file(ctx.label.name + "/hyp-reloc.S")
    gen_hyprel = ctx.files.gen_hyprel[0]
    ctx.actions.run(
        executable = ctx.executable._capture,
        arguments = [listing.path, ctx.executable._qemu.path, gen_hyprel.path, object.path],
        inputs = [object, gen_hyprel],
        tools = [ctx.attr._qemu[DefaultInfo].files_to_run],
        outputs = [listing],
        mnemonic = "GenHyprel",
        progress_message = "Running gen-hyprel on %{input}",
    )
    assembled = ctx.actions.declare_file(ctx.label.name + "/hyp-reloc.o")
    ctx.actions.run(
        executable = ctx.executable._as,
        arguments = ["-EL", "-o", assembled.path, listing.path],
        inputs = [listing],
        outputs = [assembled],
        mnemonic = "GnuAs",
        progress_message = "Assembling %{input}",
    )
    _ld(ctx, depset([object, assembled], order = "preorder"), output)

def _impl(ctx):
    info = ctx.attr.object[HypObjectInfo]
    pairs = []

    def stage(name, got):
        want = ctx.actions.declare_file("%s/%s.o" % (ctx.label.name, name))
        pairs.append(struct(stage = name, want = want, got = got))
        return want

    last = stage("partial", info.partial)
    unchanged = None
    if ctx.attr.zero_addresses:
        unchanged = ctx.actions.declare_file(ctx.label.name + "/unchanged.o")
        _ld(ctx, info.objects, unchanged, info.linker_script)
        _ld(ctx, info.objects, last, _zero_addresses(ctx, info.linker_script))
    else:
        _ld(ctx, info.objects, last, info.linker_script)
    if info.hyp_relocations:
        before, last = last, stage("relocated", info.relocated)
        _hyprel(ctx, before, last)
    if info.symbol_prefix:
        before, last = last, stage("prefixed", info.object)
        ctx.actions.run(
            executable = ctx.executable.stand_in or ctx.executable._objcopy,
            arguments = (["objcopy"] if ctx.executable.stand_in else []) + ["--prefix-symbols=" + info.symbol_prefix, before.path, last.path],
            inputs = [before],
            outputs = [last],
            mnemonic = "GnuObjcopy",
            progress_message = "Prefixing %{input} as kbuild does",
        )
    manifest = ctx.actions.declare_file(ctx.label.name + "/stages.json")
    ctx.actions.write(manifest, json.encode_indent({
        "stages": [
            {"stage": pair.stage, "want": pair.want.short_path, "got": pair.got.short_path}
            for pair in pairs
        ],
        "unchanged": unchanged.short_path if unchanged else "",
    }) + "\n")
    files = [manifest] + [pair.want for pair in pairs] + [pair.got for pair in pairs] + ([unchanged] if unchanged else [])
    return [
        DefaultInfo(files = depset([manifest]), runfiles = ctx.runfiles(files)),
        OutputGroupInfo(**{pair.stage: depset([pair.want]) for pair in pairs}),
    ]

def _peer(name):
    return attr.label(default = "//toolchain/peers:" + name, executable = True, cfg = "exec")

gnu_reference = rule(
    implementation = _impl,
    doc = """Links the objects of a hyp_object with GNU ld, gen-hyprel, GNU as and GNU objcopy.

The output is JSON: `stages`, each with the object of GNU's programs (`want`) and that of hyplink (`got`), and `unchanged`; all are paths in the
runfiles. The objects of GNU's programs are output groups: `partial`, `relocated`, `prefixed`.""",
    attrs = {
        "gen_hyprel": attr.label(
            doc = "gen-hyprel, built for `//platforms:linux_arm64` whatever the command line says.",
            cfg = _linux_arm64,
            default = "//tests/parity:gen_hyprel",
        ),
        "object": attr.label(
            doc = "The hyp_object.",
            providers = [HypObjectInfo],
            mandatory = True,
        ),
        "stand_in": attr.label(
            doc = "hyplink, to use instead of GNU ld and GNU objcopy: it gets their command lines, after `ld` and `objcopy`.",
            executable = True,
            cfg = "exec",
        ),
        "zero_addresses": attr.bool(
            doc = """Whether GNU ld gets a script in which each output section starts at address zero, which hyplink takes for granted: see
`dot-counts-from-section` in docs/divergences.md. `unchanged` is then the partial link with the original script.""",
        ),
        "_allowlist_function_transition": attr.label(default = "@bazel_tools//tools/allowlists/function_transition_allowlist"),
        "_as": _peer("as"),
        "_capture": attr.label(default = "//tests/parity/capture", executable = True, cfg = "exec"),
        "_ld": _peer("ld"),
        "_objcopy": _peer("objcopy"),
        "_qemu": _peer("qemu_aarch64"),
        "_zeroaddr": attr.label(default = "//tests/parity/zeroaddr", executable = True, cfg = "exec"),
    },
)
