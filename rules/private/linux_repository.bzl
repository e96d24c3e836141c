# SPDX-License-Identifier: Apache-2.0

"""A repository of a prepared Linux tree: from pinned Debian packages by default, or a local tree.

All files are in one package, so that a label is `@linux//:` and the path in the kernel: `@linux//:arch/arm64/kvm/hyp/nvhe/switch.c`.
"""

load(":debian.bzl", "debian_done", "debian_download", "debian_lock", "debian_unpack")
load(":debian_mirrors.bzl", "MIRROR_VARIABLE")
load(":linux_build.bzl", "linux_build")

_SOURCE_PREFIX = "linux-source-"
_HEADERS_PREFIX = "linux-headers-"

# The common headers' package ends with this, or with this and the name of a set of patches: -common-rt.
_COMMON = "-common"

# Scratch space of a fetch, deleted at its end.
_SCRATCH = "_source"

# Sources that other packages may use: those of the hypervisor and of the kernel's other objects with a prefix. A downloaded kernel has only
# some of these directories.
_EXPORTS = [
    "{}/**/*{}".format(directory, extension)
    for directory in [
        "arch/arm64/kernel",
        "arch/arm64/kvm",
        "arch/arm64/lib",
        "drivers/firmware/efi/libstub",
        "lib",
    ]
    for extension in [".c", ".h", ".S"]
]

# Directories with headers, used if there is no manifest.
_HEADER_GLOBS = [
    "arch/arm64/include/**",
    "arch/arm64/kvm/**/*.h",
    "include/**",
]

# Optional headers that need no header of the manifest beside them. More would be too much: Bazel looks at each file before each build.
_OPTIONAL_GLOB = "arch/arm64/kvm/**/*.h"

# What a header manifest has before the path of a file that decides what kbuild compiles, and how, and before its fingerprint.
_KBUILD_FILE = "# kbuild: "

# What a header manifest of a local tree has before the path of a source.
_SOURCE = "# source: "

def _one(packages, lock, what, predicate):
    found = [package for package in packages.values() if predicate(package.name)]
    if len(found) != 1:
        fail("{}: got {} packages {}, want 1; correct the lock [E9008]".format(lock, len(found), what))
    return found[0]

def _fetch(rctx, tops):
    """Unpacks arch/arm64 of the source package, and the headers packages of the lock.

    Args:
        rctx: the repository context.
        tops: the entries of include/ to keep; empty keeps all.
    """
    lock = rctx.attr.lock
    packages = debian_lock(rctx, lock)
    source = _one(packages, lock, _SOURCE_PREFIX + "*", lambda name: name.startswith(_SOURCE_PREFIX))
    common = _one(
        packages,
        lock,
        _HEADERS_PREFIX + "*" + _COMMON,
        lambda name: name.startswith(_HEADERS_PREFIX) and _COMMON in name,
    )
    config = _one(
        packages,
        lock,
        _HEADERS_PREFIX + "* of a configuration",
        lambda name: name.startswith(_HEADERS_PREFIX) and _COMMON not in name,
    )
    debian_download(rctx, [source, common, config])

    # The source package has a compressed archive, of which each `extract` reads all: extract once, then delete what is not needed.
    debian_unpack(rctx, source, {"usr/src": _SCRATCH})
    rctx.report_progress("unpacking arch/arm64 of {} {}".format(source.name, source.version))

    # By position: Bazel 8 renamed the third parameter from stripPrefix to strip_prefix.
    rctx.extract("{}/{}.tar.xz".format(_SCRATCH, source.name), "arch/arm64", source.name + "/arch/arm64")
    rctx.delete(_SCRATCH)
    for entry in rctx.path("arch/arm64").readdir():
        if entry.basename not in ["kernel", "kvm", "lib"]:
            rctx.delete(entry)

    # Both packages unpack to usr/src/NAME.
    debian_unpack(rctx, common, {
        "usr/src/{}/arch/arm64/include".format(common.name): "arch/arm64/include",
        "usr/src/{}/include".format(common.name): "include",
    })
    debian_unpack(rctx, config, {"usr/src/" + config.name: ""})
    debian_done(rctx)

    # An input of the compiles: what they were made from can be told from the actions alone.
    rctx.file("packages.lock.json", json.encode_indent({
        "packages": [
            {"name": p.name, "version": p.version, "path": p.path, "sha256": p.sha256, "size": p.size}
            for p in [source, common, config]
        ],
        "patches": [str(patch) for patch in rctx.attr.patches],
    }, indent = "  ") + "\n", executable = False)

    # Files for building modules, links into a package that is not unpacked, and kbuild's 6,000 empty dependency files.
    for left in [".kernelvariables", "Makefile", "Module.symvers", "include/config", "scripts", "tools", "vmlinux"]:
        rctx.delete(left)
    if tops:
        for entry in rctx.path("include").readdir():
            if entry.basename not in tops:
                rctx.delete(entry)

def _link_children(rctx, source, target, without):
    for entry in source.readdir():
        if entry.basename not in without:
            rctx.symlink(entry, target + entry.basename)

def _link(rctx):
    """Links to a prepared tree. If that was built with O=, sources come from `source_path`, and generated files from `path`."""
    root = rctx.workspace_root
    objects = root.get_child(rctx.attr.path)
    source = root.get_child(rctx.attr.source_path or rctx.attr.path)

    # kbuild makes this link in an object tree.
    link = objects.get_child("source")
    if not rctx.attr.source_path and link.exists:
        source = link.realpath
    for want in ["include/generated/autoconf.h", "include/generated/asm-offsets.h", ".config"]:
        if not objects.get_child(want).exists:
            fail("path = {}: no {} in it: not a prepared kernel tree; run `make ARCH=arm64 … prepare` in it [E9101]".format(repr(rctx.attr.path), want))
    if not source.get_child("arch/arm64/kvm").exists:
        fail("{}: no arch/arm64/kvm in it: not a kernel source tree; set source_path to the source of the tree [E9102]".format(source))

    _link_children(rctx, source, "", [
        ".config",
        ".git",
        "arch",
        "include",
        "source",
        "BUILD",
        "BUILD.bazel",
        "MODULE.bazel",
        "REPO.bazel",
        "WORKSPACE",
        "WORKSPACE.bazel",
    ])
    arch = source.get_child("arch/arm64")
    _link_children(rctx, arch, "arch/arm64/", ["include"])
    _link_children(rctx, arch.get_child("include"), "arch/arm64/include/", ["generated"])
    _link_children(rctx, source.get_child("include"), "include/", ["config", "generated"])
    for made in ["arch/arm64/include/generated", "include/generated", ".config"]:
        if objects.get_child(made).exists:
            rctx.symlink(objects.get_child(made), made)

def _manifest(rctx):
    """Reads the header manifest: one path per line; `#` starts a comment."""
    if not rctx.attr.headers:
        return []
    lines = [line.split("#")[0].strip() for line in rctx.read(rctx.attr.headers).split("\n")]
    return [line for line in lines if line]

def _after(rctx, prefix):
    """Returns the first words after a prefix in the manifest's comments."""
    lines = rctx.read(rctx.attr.headers).split("\n") if rctx.attr.headers else []
    return [line[len(prefix):].split(" ")[0] for line in lines if line.startswith(prefix)]

def _kbuild_files(rctx):
    """Returns the files that the manifest has fingerprints of, .config, and the lock of a downloaded kernel, or of a copy of one."""
    return [".config", "packages.lock.json"] + [name for name in _after(rctx, _KBUILD_FILE) if name != ".config"]

def _check_headers(rctx, headers):
    missing = [header for header in headers if not rctx.path(header).exists]
    if missing:
        fail("{}: {} of its {} headers are not in the kernel tree, among them {}; {} [E9103]".format(
            rctx.attr.headers,
            len(missing),
            len(headers),
            ", ".join(missing[:5]),
            "generate it with hypgen for this tree, or remove `headers`",
        ))

def _optional(headers):
    """Returns the globs of the headers that a source may be made to include: those in the directories of the manifest's."""
    directories = {header.rpartition("/")[0]: None for header in headers}
    return sorted([directory + "/*.h" for directory in directories] + [_OPTIONAL_GLOB])

def _linux_repository_impl(rctx):
    headers = _manifest(rctx)
    if rctx.attr.path:
        _link(rctx)
    elif rctx.attr.source_path:
        fail("source_path = {}: needs `path`; set path to the object tree [E9104]".format(repr(rctx.attr.source_path)))
    else:
        _fetch(rctx, {header.split("/")[1]: None for header in headers if header.startswith("include/")})
    for patch in rctx.attr.patches:
        if rctx.attr.path:
            fail("patches: these are for a downloaded kernel; apply {} to {} yourself [E9105]".format(patch, rctx.attr.path))
        rctx.patch(patch, strip = 1)
    _check_headers(rctx, headers)
    local = bool(rctx.attr.path)
    rctx.file("BUILD.bazel", linux_build(
        exports = rctx.attr.exports,
        headers = headers,
        # A header that a local tree no longer has is an error of HypTreeCheck, which says more, or of the compiler.
        header_globs = [] if headers and not local else headers or _HEADER_GLOBS,
        kbuild_files = _kbuild_files(rctx),
        # Nobody edits a downloaded kernel, so that no source of it includes more than the manifest has.
        optional_globs = _optional(headers) if headers and (local or rctx.attr.patches) else [],
        origin = [] if local else ["packages.lock.json"],
        sources = _after(rctx, _SOURCE) if local else [],
    ), executable = False)

linux_repository = repository_rule(
    implementation = _linux_repository_impl,
    doc = """A prepared Linux tree as one package, with filegroups for hyp_library and hyp_tree: `headers`, those that compiles may read, `optional_headers`,
the others, and `kbuild_files`, `.config` and the Makefiles.

By default the tree comes from three pinned Debian packages: the kernel's source, and the headers packages of one configuration, which contain the
files that kbuild generates. `path` is a local tree to use instead. `hypgen` generates the BUILD file for a tree.
""",
    attrs = {
        "exports": attr.string_list(
            default = _EXPORTS,
            doc = "Globs of the sources, scripts and lists that other packages may use.",
        ),
        "headers": attr.label(
            doc = "The header manifest, written by hypgen: the files of `:headers`, one path per line. Default: every header " +
                  "below include/, arch/arm64/include and arch/arm64/kvm, about 6,000 files.",
        ),
        "lock": attr.label(
            default = Label("//kernels/6.1:packages.lock.json"),
            doc = "The lock of three Debian packages: linux-source-VERSION, linux-headers-…-common and linux-headers-…-CONFIGURATION.",
        ),
        "patches": attr.label_list(
            doc = "Patches (`-p1`) for the downloaded kernel's headers and sources below arch/arm64.",
        ),
        "path": attr.string(
            doc = "A tree in which `make prepare` has run, absolute or relative to the workspace root, instead of a download. " +
                  "The repository links to it: the next build sees edits.",
        ),
        "source_path": attr.string(
            doc = "The source tree, if `path` is an object tree made with `O=`. Default: the target of `source` in it, a link that kbuild makes.",
        ),
    },
    environ = [MIRROR_VARIABLE],
)
