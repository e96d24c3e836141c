# SPDX-License-Identifier: Apache-2.0

"""The linter of shell scripts, and git for the test of the commit hook: repositories for the tests of rules_hyp itself, fetched when one of these needs it.

Modules that depend on rules_hyp do not have them.
"""

load("//toolchain/private:package_root.bzl", "package_root")

_LIBRARIES = "usr/lib/x86_64-linux-gnu"

_HOST_LIBRARIES = "lib/x86_64-linux-gnu"

# What is unpacked from each package.
_GIT_TREES = {
    "git": ["usr/bin"],
    "libc6": [_HOST_LIBRARIES],
    "libpcre2-8-0": [_LIBRARIES],
    "zlib1g": [_HOST_LIBRARIES],
}

_SHELLCHECK_TREES = {
    "libc6": [_HOST_LIBRARIES],
    "libffi8": [_LIBRARIES],
    "libgmp10": [_LIBRARIES],
    "shellcheck": ["usr/bin"],
}

def linter_repositories():
    """Declares `hyp_shellcheck` and `hyp_git`, root directories with ShellCheck and with git, of Debian 12."""
    package_root(
        name = "hyp_git",
        build_file = Label("//tests/lint:git.BUILD"),
        keep = {"usr/bin": ["git"]},
        lock = Label("//tests/lint:git.lock.json"),
        trees = _GIT_TREES,
    )
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
    doc = "Declares the linter of shell scripts, and git. A dev dependency of rules_hyp.",
    implementation = _linters_impl,
)
