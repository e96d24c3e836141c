# SPDX-License-Identifier: Apache-2.0

"""hyp_provenance: the statement of what a target was made from, as a build output."""

load("//rules:providers.bzl", "HypProvenanceInfo")
load(":provenance_aspect.bzl", "hyp_provenance_aspect")

def _impl(ctx):
    info = ctx.attr.target[HypProvenanceInfo]
    statement = ctx.actions.declare_file(ctx.label.name + ".intoto.json")
    sbom = ctx.actions.declare_file(ctx.label.name + ".cdx.json")
    ctx.actions.symlink(output = statement, target_file = info.statement)
    ctx.actions.symlink(output = sbom, target_file = info.sbom)
    return [
        DefaultInfo(files = depset([statement])),
        HypProvenanceInfo(statement = statement, sbom = sbom, unused = info.unused),
        OutputGroupInfo(sbom = depset([sbom])),
    ]

hyp_provenance = rule(
    implementation = _impl,
    doc = """Says what a target was made from: `NAME.intoto.json`, an unsigned in-toto statement with SLSA provenance (docs/attest.md).

The statement has each source and each header that was read, the compiler's files and packages, every command, and the outputs, all by SHA-256.
`hypaudit attest --statement=NAME.intoto.json --key=PEM TARGET` signs it. The statement is made by an action (mnemonic `HypProvenance`) from the inputs of the
target's actions; its bytes depend on these only. hypaudit, which makes it, is built by Go or prebuilt.

Output groups: `sbom`, a CycloneDX bill of materials, `NAME.cdx.json`.""",
    attrs = {
        "target": attr.label(
            doc = "A target of any rule whose files are made by actions, such as a hyp_object.",
            aspects = [hyp_provenance_aspect],
            mandatory = True,
        ),
    },
    provides = [HypProvenanceInfo],
)
