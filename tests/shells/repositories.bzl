# SPDX-License-Identifier: Apache-2.0

"""zsh and fish, for the test of completion: a repository for the tests of rules_hyp itself, fetched when it needs it.

Modules that depend on rules_hyp do not have it.
"""

load("//toolchain/private:package_root.bzl", "package_root")

_LIBRARIES = "usr/lib/x86_64-linux-gnu"

_HOST_LIBRARIES = "lib/x86_64-linux-gnu"

# What is unpacked from each package.
_TREES = {
    "fish": ["usr/bin"],
    "fish-common": ["usr/share/fish"],
    "libc6": [_HOST_LIBRARIES],
    "libcap2": [_HOST_LIBRARIES],
    "libgcc-s1": [_HOST_LIBRARIES],
    "libpcre2-32-0": [_LIBRARIES],
    "libstdc++6": [_LIBRARIES],
    "libtinfo6": [_HOST_LIBRARIES],
    "zsh": [
        "bin",
        _LIBRARIES,
    ],
    "zsh-common": ["usr/share/zsh"],
}

def shells_repositories():
    """Declares `hyp_shells`, a root directory with zsh and fish of Debian 12."""
    package_root(
        name = "hyp_shells",
        build_file = Label("//tests/shells:shells.BUILD"),
        # zsh needs these of its functions for completion; other directories have files whose names Bazel refuses.
        keep = {"usr/share/zsh/functions": ["Completion"]},
        lock = Label("//tests/shells:packages.lock.json"),
        trees = _TREES,
    )

def _shells_impl(mctx):
    shells_repositories()
    return mctx.extension_metadata(reproducible = True)

shells = module_extension(
    doc = "Declares zsh and fish. A dev dependency of rules_hyp.",
    implementation = _shells_impl,
)
