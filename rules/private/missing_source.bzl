# SPDX-License-Identifier: Apache-2.0

"""hyp_missing_source: takes the place of a source that a kernel tree no longer has, to say so.

The label of a file that is not there is an error of Bazel's before any action runs, HypTreeCheck among them, and names neither the cause nor the cure.
"""

load("//rules:providers.bzl", "HypMissingSourceInfo", "HypTreeInfo")

_MISSING = ("the kernel tree has no %s, which hypgen's files name: it was removed or renamed, or another version is checked out; restore it, or run " +
            "`make olddefconfig prepare` in the tree if its version or .config has changed, then hypgen again%s")

_HEAD = "; the command is in the head of its BUILD file"

def _impl(ctx):
    # Of the source's name, since rules look at extensions. A rule that does not know HypMissingSourceInfo gets this file, which cannot be made.
    source = ctx.actions.declare_file(ctx.label.name)
    message = _MISSING % (ctx.label.name, _HEAD)

    def refuse(label):
        fail("%s: %s [E9106]" % (label, message))

    args = ctx.actions.args()
    args.add_all([str(ctx.label)], map_each = refuse, allow_closure = True)
    ctx.actions.write(source, args)
    return [
        DefaultInfo(files = depset([source])),
        HypMissingSourceInfo(name = ctx.label.name),
    ]

hyp_missing_source = rule(
    implementation = _impl,
    doc = """Takes the place of a source that hypgen has seen, and that the kernel tree no longer has. Its name is the source's path.

A hyp_library or hyp_linker_script with it is an error that names the source, and the command of the `tree`. Written by linux_repository and `hypgen -write-repo`:

```starlark
[hyp_missing_source(name = source) for source in SOURCES if source not in glob(SOURCES, allow_empty = True)]
```""",
    provides = [HypMissingSourceInfo],
)

def refuse_missing(ctx, targets, where):
    """Fails for a source that the kernel tree no longer has.

    Args:
      ctx: the rule's context; it has the attribute `tree`.
      targets: list of Target, the sources.
      where: string, the attribute's name.
    """
    for target in targets:
        if HypMissingSourceInfo in target:
            tree = ctx.attr.tree[HypTreeInfo] if ctx.attr.tree and HypTreeInfo in ctx.attr.tree else None
            command = getattr(tree, "regenerate", "")
            fail("%s: %s: %s [E9106]" % (ctx.label, where, _MISSING % (target[HypMissingSourceInfo].name, ": " + command if command else _HEAD)))
