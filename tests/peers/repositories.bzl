# SPDX-License-Identifier: Apache-2.0

"""The newest peers: repositories for the tests and the benchmark of rules_hyp itself, fetched when one of these needs them.

Modules that depend on rules_hyp do not have them.
"""

load("//toolchain/private:package_root.bzl", "package_root")
load(":packages.bzl", "FORKY_TREES", "LINKERS_KEEP", "LLVM_KEEP", "TRIXIE_LLVM_TREES", "TRIXIE_TREES")

def newest_peers_repositories():
    """Declares `hyp_peers_trixie` and `hyp_peers_forky`, GNU binutils and mold of two Debian suites, and `hyp_peers_trixie_llvm`."""
    for suite, trees in {"forky": FORKY_TREES, "trixie": TRIXIE_TREES}.items():
        package_root(
            name = "hyp_peers_" + suite,
            build_file = Label("//tests/peers:linkers.BUILD"),
            keep = LINKERS_KEEP,
            lock = Label("//tests/peers:{}.lock.json".format(suite)),
            trees = trees,
        )
    package_root(
        name = "hyp_peers_trixie_llvm",
        build_file = Label("//tests/peers:llvm.BUILD"),
        keep = LLVM_KEEP,
        lock = Label("//tests/peers:trixie_llvm.lock.json"),
        trees = TRIXIE_LLVM_TREES,
    )

def _newest_peers_impl(mctx):
    newest_peers_repositories()
    return mctx.extension_metadata(reproducible = True)

newest_peers = module_extension(
    doc = "Declares the newest peers. A dev dependency of rules_hyp.",
    implementation = _newest_peers_impl,
)
