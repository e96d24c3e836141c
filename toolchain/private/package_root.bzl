"""A repository of pinned Debian packages, unpacked over each other into one root folder."""

load("//rules/private:debian.bzl", "debian_done", "debian_download", "debian_lock", "debian_unpack")

def _keep_only(rctx, folder, names):
    """Deletes all entries of a folder but some; one to keep that is not there is an error, since the packages have changed then."""
    found = {path.basename: path for path in rctx.path(folder).readdir()}
    for name in names:
        if name not in found:
            fail("{}: {}: got no entry {}; adapt `keep` to the packages of the lock".format(rctx.attr.lock, folder, name))
    for name, path in found.items():
        if name not in names:
            rctx.delete(path)

def _package_root_impl(rctx):
    packages = debian_lock(rctx, rctx.attr.lock)
    if sorted(packages) != sorted(rctx.attr.trees):
        fail("{}: got packages {}, want {}; adapt `trees` to the lock".format(
            rctx.attr.lock,
            ", ".join(sorted(packages)),
            ", ".join(sorted(rctx.attr.trees)),
        ))
    debian_download(rctx, packages.values())
    for name, package in packages.items():
        debian_unpack(rctx, package, {tree: tree for tree in rctx.attr.trees[name]})
    debian_done(rctx)
    for folder, names in rctx.attr.keep.items():
        _keep_only(rctx, folder, names)
    rctx.template("BUILD.bazel", rctx.attr.build_file, executable = False)

package_root = repository_rule(
    doc = """Unpacks pinned Debian packages into one folder, the way that they lie in a root file system.

Only what is asked for is unpacked. A sandbox is a forest of symlinks, one for each input, and a remote worker downloads each: what no action
reads has no place in the groups of the BUILD file, and what is in no group need not take up room.""",
    implementation = _package_root_impl,
    attrs = {
        "build_file": attr.label(
            doc = "The repository's BUILD file.",
            allow_single_file = True,
            mandatory = True,
        ),
        "keep": attr.string_list_dict(
            doc = "For a folder, the entries to keep of it; the others are deleted.",
        ),
        "lock": attr.label(
            doc = "The lock of the packages; rules/private/debian.bzl describes its format.",
            allow_single_file = True,
            mandatory = True,
        ),
        "trees": attr.string_list_dict(
            doc = "For each package of the lock, the folders to unpack. They keep their places.",
            mandatory = True,
        ),
    },
)
