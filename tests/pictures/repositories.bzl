# SPDX-License-Identifier: Apache-2.0

"""The browser of the tests of pages: a repository for the tests of rules_hyp itself, fetched when one of these needs it.

Modules that depend on rules_hyp do not have it.
"""

load("//toolchain/private:package_root.bzl", "package_root")
load(":packages.bzl", "CHROMIUM_COPY", "CHROMIUM_TREES")

def browser_repositories():
    """Declares `hyp_chromium`, a root directory with Chromium's headless shell, of Debian 12."""
    package_root(
        name = "hyp_chromium",
        build_file = Label("//tests/pictures:chromium.BUILD"),
        copy = CHROMIUM_COPY,
        lock = Label("//tests/pictures:chromium.lock.json"),
        trees = CHROMIUM_TREES,
    )

def _browser_impl(mctx):
    browser_repositories()
    return mctx.extension_metadata(reproducible = True)

browser = module_extension(
    doc = "Declares the browser. A dev dependency of rules_hyp.",
    implementation = _browser_impl,
)
