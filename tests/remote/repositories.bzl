# SPDX-License-Identifier: Apache-2.0

"""The remote execution engines: repositories for the tests of rules_hyp itself, fetched when one of these needs them.

Modules that depend on rules_hyp do not have them.
"""

load("//toolchain/private:package_root.bzl", "package_root")
load(":packages.bzl", "BUILDBOX_KEEP", "BUILDBOX_TREES", "EMULATOR_KEEP", "EMULATOR_TREES", "WORKER_KEEP", "WORKER_TREES")

def remote_engines_repositories():
    """Declares `hyp_remote_buildbox`, `hyp_remote_worker` and `hyp_remote_emulator`.

    They are root directories with BuildBox and Bazel's own worker, of Debian 14, and a static emulator, of Debian 12.
    """
    package_root(
        name = "hyp_remote_buildbox",
        build_file = Label("//tests/remote:buildbox.BUILD"),
        keep = BUILDBOX_KEEP,
        lock = Label("//tests/remote:buildbox.lock.json"),
        trees = BUILDBOX_TREES,
    )
    package_root(
        name = "hyp_remote_worker",
        build_file = Label("//tests/remote:worker.BUILD"),
        keep = WORKER_KEEP,
        lock = Label("//tests/remote:worker.lock.json"),
        trees = WORKER_TREES,
    )
    package_root(
        name = "hyp_remote_emulator",
        build_file = Label("//tests/remote:emulator.BUILD"),
        keep = EMULATOR_KEEP,
        lock = Label("//tests/remote:emulator.lock.json"),
        trees = EMULATOR_TREES,
    )

def _remote_engines_impl(mctx):
    remote_engines_repositories()
    return mctx.extension_metadata(reproducible = True)

remote_engines = module_extension(
    doc = "Declares the remote execution engines. A dev dependency of rules_hyp.",
    implementation = _remote_engines_impl,
)
