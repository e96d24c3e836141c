# SPDX-License-Identifier: Apache-2.0

"""Go's rules where rules_hyp comes with the programs of a release: each is an error if a build needs it."""

def _impl(ctx):
    fail("{}: is built by Go, which version {} of rules_hyp has no rules for; depend on version {} [E9015]".format(
        ctx.label,
        ctx.attr.version,
        ctx.attr.version.removesuffix(".prebuilt"),
    ))

_missing_program = rule(
    implementation = _impl,
    doc = "A program, or a library of one, that cannot be built.",
    attrs = {"version": attr.string(mandatory = True)},
    executable = True,
)

def missing_program(version):
    """Returns a macro that takes the arguments of Go's rules, for a version of rules_hyp."""

    def _declare(name, tags = None, testonly = None, visibility = None, **_):
        _missing_program(
            name = name,
            tags = (tags or []) + ["manual"],
            testonly = testonly,
            version = version,
            visibility = visibility,
        )

    return _declare
