"""The remote execution engines: repositories for the tests of rules_hyp itself, fetched when one of these needs them.

Modules that depend on rules_hyp do not have them.
"""

load("//toolchain/private:package_root.bzl", "package_root")
load(":packages.bzl", "BUILDBOX_KEEP", "BUILDBOX_TREES")

def remote_engines_repositories():
    """Declares `hyp_remote_buildbox`, a root directory with BuildBox of Debian 14."""
    package_root(
        name = "hyp_remote_buildbox",
        build_file = Label("//tests/remote:buildbox.BUILD"),
        keep = BUILDBOX_KEEP,
        lock = Label("//tests/remote:buildbox.lock.json"),
        trees = BUILDBOX_TREES,
    )

def _remote_engines_impl(mctx):
    remote_engines_repositories()
    return mctx.extension_metadata(reproducible = True)

remote_engines = module_extension(
    doc = "Declares the remote execution engines. A dev dependency of rules_hyp.",
    implementation = _remote_engines_impl,
)
