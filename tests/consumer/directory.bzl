# SPDX-License-Identifier: Apache-2.0

"""Makes a directory with files, as a generator does whose outputs are not known before it runs."""

def _impl(ctx):
    directory = ctx.actions.declare_directory(ctx.attr.path)
    args = ctx.actions.args()
    args.add_all([directory], expand_directories = False)
    for name, text in ctx.attr.contents.items():
        args.add(name)
        args.add(text)
    ctx.actions.run_shell(
        outputs = [directory],
        arguments = [args],
        command = "cd $1; shift; while (($#)); do printf '%s\\n' \"$2\" >$1; shift 2; done",
        execution_requirements = {"supports-path-mapping": "1"},
        mnemonic = "TestDirectory",
    )
    return [DefaultInfo(files = depset([directory]))]

directory = rule(
    implementation = _impl,
    doc = "An output directory (a tree artifact).",
    attrs = {
        "contents": attr.string_dict(doc = "The text of each file."),
        "path": attr.string(doc = "The directory."),
    },
)
