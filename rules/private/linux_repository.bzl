"""Makes a repository of a prepared Linux tree: pinned Debian packages by default, or a tree of the user's.

Every file of the kernel is in the repository's one package, so a label is the kernel's own path behind a colon:
`@linux//:arch/arm64/kvm/hyp/nvhe/switch.c`.
"""

load(":debian.bzl", "debian_done", "debian_download", "debian_lock", "debian_unpack")
load(":debian_mirrors.bzl", "MIRROR_VARIABLE")

_SOURCE_PREFIX = "linux-source-"
_HEADERS_PREFIX = "linux-headers-"
_COMMON_SUFFIX = "-common"

# Scratch space of a fetch. Deleted before it ends.
_SCRATCH = "_source"

# The sources that another package may name: those of the hypervisor and of what the kernel makes objects with a prefix from elsewhere. A
# downloaded kernel has only some of these folders.
_EXPORTS = [
    "{}/**/*{}".format(folder, extension)
    for folder in [
        "arch/arm64/kernel",
        "arch/arm64/kvm",
        "arch/arm64/lib",
        "drivers/firmware/efi/libstub",
        "lib",
    ]
    for extension in [".c", ".h", ".S"]
]

# The folders that hold headers. Used where no manifest says which ones are needed.
_HEADER_GLOBS = [
    "arch/arm64/include/**",
    "arch/arm64/kvm/**/*.h",
    "include/**",
]

_BUILD = """\
# Made by linux_repository of rules_hyp.
package(default_visibility = ["//visibility:public"])

SOURCES = glob(
    {exports},
    allow_empty = True,
)

exports_files([
    ".config",
    "BUILD.bazel",
] + SOURCES)

filegroup(
    name = "sources",
    srcs = SOURCES,
)

# What a compile of {what} may read.
filegroup(
    name = "headers",
    srcs = {headers},
)
"""

def _one(packages, lock, what, predicate):
    found = [package for package in packages.values() if predicate(package.name)]
    if len(found) != 1:
        fail("{}: got {} packages {}, want 1; make the lock again".format(lock, len(found), what))
    return found[0]

def _fetch(rctx, tops):
    """Unpacks the source's arch/arm64 and the headers of the packages in the lock.

    Args:
        rctx: the repository context.
        tops: the entries of include/ to keep; empty keeps all of them.
    """
    lock = rctx.attr.lock
    packages = debian_lock(rctx, lock)
    source = _one(packages, lock, _SOURCE_PREFIX + "*", lambda name: name.startswith(_SOURCE_PREFIX))
    common = _one(
        packages,
        lock,
        _HEADERS_PREFIX + "*" + _COMMON_SUFFIX,
        lambda name: name.startswith(_HEADERS_PREFIX) and name.endswith(_COMMON_SUFFIX),
    )
    config = _one(
        packages,
        lock,
        _HEADERS_PREFIX + "* of a configuration",
        lambda name: name.startswith(_HEADERS_PREFIX) and not name.endswith(_COMMON_SUFFIX),
    )
    debian_download(rctx, [source, common, config])

    # The archive in the source package is compressed once more, and every `extract` reads all of it: one pass, then what is not needed goes.
    debian_unpack(rctx, source, {"usr/src": _SCRATCH})
    rctx.report_progress("unpacking arch/arm64 of {} {}".format(source.name, source.version))

    # By position: Bazel 7 calls the third one stripPrefix, Bazel 8 strip_prefix.
    rctx.extract("{}/{}.tar.xz".format(_SCRATCH, source.name), "arch/arm64", source.name + "/arch/arm64")
    rctx.delete(_SCRATCH)
    for entry in rctx.path("arch/arm64").readdir():
        if entry.basename not in ["kernel", "kvm", "lib"]:
            rctx.delete(entry)

    # Both packages are named after what they unpack to, usr/src/NAME.
    debian_unpack(rctx, common, {
        "usr/src/{}/arch/arm64/include".format(common.name): "arch/arm64/include",
        "usr/src/{}/include".format(common.name): "include",
    })
    debian_unpack(rctx, config, {"usr/src/" + config.name: ""})
    debian_done(rctx)

    # Build machinery of modules, links into a package that is not here, and the 6,000 empty files that kbuild's dependencies stand on.
    for left in [".kernelvariables", "Makefile", "Module.symvers", "include/config", "scripts", "tools"]:
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
    """Links to a prepared tree; where it was built with O=, its sources come from `source_path` and what kbuild made from `path`."""
    root = rctx.workspace_root
    objects = root.get_child(rctx.attr.path)
    source = root.get_child(rctx.attr.source_path or rctx.attr.path)

    # kbuild leaves this link in an object tree.
    link = objects.get_child("source")
    if not rctx.attr.source_path and link.exists:
        source = link.realpath
    for want in ["include/generated/autoconf.h", "include/generated/asm-offsets.h", ".config"]:
        if not objects.get_child(want).exists:
            fail("path = {}: it has no {}: no prepared kernel tree; run `make ARCH=arm64 … prepare` in it".format(repr(rctx.attr.path), want))
    if not source.get_child("arch/arm64/kvm").exists:
        fail("{}: it has no arch/arm64/kvm: no kernel source; set source_path to the source of the tree".format(source))

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
    """Reads the header manifest: one path a line, `#` begins a comment."""
    if not rctx.attr.headers:
        return []
    lines = [line.split("#")[0].strip() for line in rctx.read(rctx.attr.headers).split("\n")]
    return [line for line in lines if line]

def _check_headers(rctx, headers):
    missing = [header for header in headers if not rctx.path(header).exists]
    if missing:
        fail("{}: {} of the {} headers it lists are not in the kernel tree, among them {}; {}".format(
            rctx.attr.headers,
            len(missing),
            len(headers),
            ", ".join(missing[:5]),
            "write the list again with hypgen, for this tree, or drop `headers`",
        ))

def _strings(values):
    return "[\n" + "".join(["        {},\n".format(repr(value)) for value in values]) + "    ]"

def _linux_repository_impl(rctx):
    headers = _manifest(rctx)
    if rctx.attr.path:
        _link(rctx)
    elif rctx.attr.source_path:
        fail("source_path = {}: it has a meaning with `path` only; set path to the object tree".format(repr(rctx.attr.source_path)))
    else:
        _fetch(rctx, {header.split("/")[1]: None for header in headers if header.startswith("include/")})
    for patch in rctx.attr.patches:
        if rctx.attr.path:
            fail("patches: they change a downloaded kernel only; apply {} to {} yourself".format(patch, rctx.attr.path))
        rctx.patch(patch, strip = 1)
    _check_headers(rctx, headers)
    rctx.file("BUILD.bazel", _BUILD.format(
        exports = _strings(rctx.attr.exports),
        headers = _strings(headers) if headers else "glob({})".format(_strings(_HEADER_GLOBS)),
        what = "the folders that the manifest was made for" if headers else "any folder",
    ), executable = False)

linux_repository = repository_rule(
    implementation = _linux_repository_impl,
    doc = """A prepared Linux tree as one package, with `headers`, a filegroup of what its compiles may read.

By default the tree is made of three pinned Debian packages: a kernel's source and the headers package of one configuration, which
holds what kbuild generates. `path` points it at a tree of your own instead. `hypgen` writes the BUILD file that goes with a tree.
""",
    attrs = {
        "exports": attr.string_list(
            default = _EXPORTS,
            doc = "Globs of the sources, scripts and lists that other packages may name.",
        ),
        "headers": attr.label(
            doc = "A manifest that hypgen writes: the headers of `:headers`, one path a line. Without one, `:headers` is every header " +
                  "under include/, arch/arm64/include and arch/arm64/kvm, some 6,000 files.",
        ),
        "lock": attr.label(
            default = Label("//kernels/6.1:packages.lock.json"),
            doc = "The lock of three Debian packages: linux-source-VERSION, linux-headers-…-common and linux-headers-…-CONFIGURATION.",
        ),
        "patches": attr.label_list(
            doc = "Patches (`-p1`) to the downloaded kernel's sources under arch/arm64 and headers.",
        ),
        "path": attr.string(
            doc = "A tree in which kbuild's `prepare` has run, absolute or relative to the workspace's root. Nothing is downloaded then. " +
                  "The repository links to it, so edits are seen by the next build.",
        ),
        "source_path": attr.string(
            doc = "The source tree of `path`, where that is an object tree made with `O=`; by default what its link `source`, made by kbuild, names.",
        ),
    },
    environ = [MIRROR_VARIABLE],
)
