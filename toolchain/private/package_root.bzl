# SPDX-License-Identifier: Apache-2.0

"""A repository of pinned Debian packages, unpacked into one root directory."""

load("//rules/private:debian.bzl", "debian_done", "debian_download", "debian_lock", "debian_unpack")

def _keep_only(rctx, directory, names):
    """Deletes all entries of a directory except names. A missing one is an error: the packages have changed."""
    found = {path.basename: path for path in rctx.path(directory).readdir()}
    for name in names:
        if name not in found:
            fail("{}: {}: no entry {}; adapt `keep` to the packages of the lock [E9013]".format(rctx.attr.lock, directory, name))
    for name, path in found.items():
        if name not in names:
            rctx.delete(path)

def _tree(text):
    """Returns the directory of a package and that of the repository, of `A -> B`, or of `A` for both."""
    source, _, target = text.partition(" -> ")
    return source, target or source

def _copy(rctx, copies):
    for target, source in copies.items():
        if not rctx.path(source).exists:
            fail("{}: no {} to copy to {}; adapt `copy` to the packages of the lock [E9013]".format(rctx.attr.lock, source, target))
        rctx.file(target, rctx.read(source), executable = True, legacy_utf8 = False)

def _replace_text(rctx, name, pairs):
    """Replaces strings in a program, such as paths that are compiled into it."""

    # Bazel reads a file's bytes as the characters of ISO 8859-1, and legacy_utf8 = False writes them in the same way.
    content = rctx.read(name)
    for pair in pairs:
        old, separator, new = pair.partition(" -> ")
        if not separator or len(old) != len(new):
            fail("{}: {}: got replacement {}, want `OLD -> NEW`, both of one length [E9013]".format(rctx.attr.lock, name, repr(pair)))
        if old not in content:
            fail("{}: {}: it does not contain {}; adapt `replace` to the packages of the lock [E9013]".format(rctx.attr.lock, name, repr(old)))
        content = content.replace(old, new)
    rctx.delete(name)
    rctx.file(name, content, executable = True, legacy_utf8 = False)

def _package_root_impl(rctx):
    packages = debian_lock(rctx, rctx.attr.lock)
    if sorted(packages) != sorted(rctx.attr.trees):
        fail("{}: got packages {}, want {}; adapt `trees` to the lock [E9013]".format(
            rctx.attr.lock,
            ", ".join(sorted(packages)),
            ", ".join(sorted(rctx.attr.trees)),
        ))
    debian_download(rctx, packages.values())
    for name, package in packages.items():
        debian_unpack(rctx, package, dict([_tree(tree) for tree in rctx.attr.trees[name]]))
    debian_done(rctx)
    for directory, names in rctx.attr.keep.items():
        _keep_only(rctx, directory, names)
    _copy(rctx, rctx.attr.copy)
    for name, pairs in rctx.attr.replace.items():
        _replace_text(rctx, name, pairs)

    # An input of the actions that use the packages: what they were made from can be told from the actions alone.
    rctx.file("packages.lock.json", rctx.read(rctx.attr.lock), executable = False)
    rctx.template(
        "BUILD.bazel",
        rctx.attr.build_file,
        executable = False,
        substitutions = {"%%{%s}" % name: value for name, value in rctx.attr.substitutions.items()},
    )

package_root = repository_rule(
    doc = """Unpacks pinned Debian packages into one directory, laid out as in a root file system.

Only what is asked for is unpacked. A sandbox has a symlink for each input, and a remote worker downloads each: files that no action reads are in no
group of the BUILD file, and files that are in no group need no space.""",
    implementation = _package_root_impl,
    attrs = {
        "build_file": attr.label(
            doc = "The repository's BUILD file.",
            allow_single_file = True,
            mandatory = True,
        ),
        "copy": attr.string_dict(
            doc = "Programs to copy, each from the path in the value to that in the key.",
        ),
        "keep": attr.string_list_dict(
            doc = "For a directory, the entries to keep; the others are deleted.",
        ),
        "lock": attr.label(
            doc = "The lock of the packages; rules/private/debian.bzl describes its format.",
            allow_single_file = True,
            mandatory = True,
        ),
        "replace": attr.string_list_dict(
            doc = "For a file, strings to replace, each as `OLD -> NEW` with a NEW of the same length: paths of the host that a program reads.",
        ),
        "substitutions": attr.string_dict(
            doc = "For each NAME, what replaces `%{NAME}` in the BUILD file.",
        ),
        "trees": attr.string_list_dict(
            doc = "For each package of the lock, the directories to unpack. They keep their paths, unless there is another: `OLD -> NEW`.",
            mandatory = True,
        ),
    },
)
