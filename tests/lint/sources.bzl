# SPDX-License-Identifier: Apache-2.0

"""The files of this repository as a repository of their own, so that a test can declare all of them as its inputs.

No glob can: it ends where another package or workspace (e2e/) begins, and a filegroup in each package is one more thing to forget. A repository
rule sees the directories themselves. It watches each of them, so a new file is in the next test run; changed files are seen as Bazel sees
any input."""

# What .gitignore keeps to one machine.
_LOCAL = [
    ".bazelrc.user",
    ".git",
    "MODULE.bazel.lock",
]

# A directory tree that is deeper is a mistake, such as a mount of its own parent.
_MAX_DEPTH = 30

def _list_files(root):
    """Returns the paths below root of all regular files, sorted. Symlinks are left out: Bazel's to its output, and editors' locks."""
    files = []
    directories = {"": root}
    for _ in range(_MAX_DEPTH):
        below = {}
        for prefix, directory in directories.items():
            real = str(directory.realpath)
            for entry in directory.readdir(watch = "yes"):
                if entry.basename in _LOCAL or not entry.exists or str(entry.realpath) != real + "/" + entry.basename:
                    continue
                if entry.is_dir:
                    below[prefix + entry.basename + "/"] = entry
                else:
                    files.append(prefix + entry.basename)
        directories = below
    if directories:
        fail("{} has directories that are nested more than {} deep; move them elsewhere".format(root, _MAX_DEPTH))
    return sorted(files)

def _source_files_impl(rctx):
    root = rctx.workspace_root
    files = _list_files(root)
    for path in files:
        # With their own names, the BUILD files would make packages of this repository, where no glob goes.
        rctx.symlink(root.get_child(path), "tree/" + path + ".source")
    rctx.file("manifest", "".join([path + "\n" for path in files]), executable = False)
    rctx.file("BUILD.bazel", """\
filegroup(
    name = "files",
    srcs = glob(["tree/**"]),
    visibility = ["//visibility:public"],
)

exports_files(["manifest"])
""", executable = False)

source_files = repository_rule(
    doc = "`:files` has each file of the main repository as `tree/PATH.source`, and `:manifest` their paths, one a line.",
    implementation = _source_files_impl,
    local = True,
)
