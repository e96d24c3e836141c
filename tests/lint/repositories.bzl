# SPDX-License-Identifier: Apache-2.0

"""The linter of shell scripts: a repository for the tests of rules_hyp itself, fetched when one of these needs it.

Modules that depend on rules_hyp do not have it.
"""

load("//toolchain/private:package_root.bzl", "package_root")

_LIBRARIES = "usr/lib/x86_64-linux-gnu"

# What is unpacked from each package.
_SHELLCHECK_TREES = {
    "libc6": ["lib/x86_64-linux-gnu"],
    "libffi8": [_LIBRARIES],
    "libgmp10": [_LIBRARIES],
    "shellcheck": ["usr/bin"],
}

def linter_repositories():
    """Declares `hyp_shellcheck`, a root directory with ShellCheck, of Debian 12."""
    package_root(
        name = "hyp_shellcheck",
        build_file = Label("//tests/lint:shellcheck.BUILD"),
        lock = Label("//tests/lint:shellcheck.lock.json"),
        trees = _SHELLCHECK_TREES,
    )

def _linters_impl(mctx):
    linter_repositories()
    return mctx.extension_metadata(reproducible = True)

linters = module_extension(
    doc = "Declares the linter of shell scripts. A dev dependency of rules_hyp.",
    implementation = _linters_impl,
)
