# SPDX-License-Identifier: Apache-2.0

"""Fetches a Go module at the version and hash that go.mod and go.sum pin.

The Go command of the pinned SDK downloads the module, so that GOPROXY and the machine's other settings apply; content that differs from go.sum
is rejected. The BUILD files are generated from `go list`. BUILD files in the module are not used: they refer to repositories that this project
does not have.

The compiles of its packages have a lock as an input, packages.lock.json, with the module's version, hash and licenses. So the actions that made a
program say which modules are in it (docs/attest.md).
"""

_LIBRARY = """load("@io_bazel_rules_go//go:def.bzl", "go_library")

go_library(
    name = {name},
    srcs = {srcs},
    embedsrcs = {embedsrcs},
    importpath = {importpath},
    visibility = ["//visibility:public"],
    deps = {deps},
)
"""

_BINARY = """load("@io_bazel_rules_go//go:def.bzl", "go_binary")

go_binary(
    name = {name},
    embed = [{library}],
    visibility = ["//visibility:public"],
)
"""

# Files that nothing here uses, and that cost time at the start of each process.
_UNUSED = {
    # Converts from Snappy; its package of checksums makes a table, in 0.2 ms.
    "github.com/klauspost/compress": ["zstd/snappy.go"],
}

# An input of each compile. rules_go has no attribute for other files that a compile may read than those to embed; a directive //go:embed matches files
# in the package's directory and below only.
_LOCK = "packages.lock.json"

_EXPORTS = """
exports_files([{}])
""".format(repr(_LOCK))

# Format of `go list`: one line per package; fields are separated by tabs, words by spaces.
_LIST_FORMAT = "\t".join(["{{.ImportPath}}", "{{.Name}}"] + [
    "{{join .%s \" \"}}" % field
    for field in ["Imports", "EmbedFiles", "GoFiles", "SFiles", "HFiles"]
])

# Beginnings of the names of files with a license.
_LICENSES = ["COPYING", "LICENCE", "LICENSE", "UNLICENSE"]

# The platforms to build for, as Go names them. Sources for other systems stay out: some of them use cgo, which turns off a package's assembly files.
_PLATFORMS = [(goos, goarch) for goos in ["linux", "darwin"] for goarch in ["amd64", "arm64"]]

def repository_name(importpath):
    """Returns the repository name of a Go module, as Gazelle has it.

    Args:
        importpath: path of the module, for example `golang.org/x/sys`.

    Returns:
        The name, for example `org_golang_x_sys`.
    """
    host, _, rest = importpath.partition("/")
    parts = reversed(host.split(".")) + rest.split("/")
    name = "_".join([part for part in parts if part])
    return "".join([c if c.isalnum() else "_" for c in name.lower().elems()])

def _requirements(rctx):
    """Returns a dict from module path to version, from the require lines of go.mod."""
    found = {}
    for raw in rctx.read(rctx.attr.go_mod).split("\n"):
        line = raw.split("//")[0].strip().removeprefix("require ")
        words = [word for word in line.split(" ") if word]
        if len(words) == 2 and words[1].startswith("v"):
            found[words[0]] = words[1]
    return found

def _go(rctx, arguments, **extra):
    """Runs the Go command and returns its standard output; fails with its messages."""
    root = rctx.path(rctx.attr.go_root_file).dirname
    environment = {
        "GO111MODULE": "on",
        "GOCACHE": str(rctx.path(".go/build")),
        "GOFLAGS": "-mod=mod -modcacherw",
        "GOMODCACHE": str(rctx.path(".go/mod")),
        "GOPATH": str(rctx.path(".go/path")),
        "GOROOT": str(root),
        "GOSUMDB": "off",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
    }
    environment.update(extra)
    result = rctx.execute([root.get_child("bin", "go")] + arguments, environment = environment)
    if result.return_code != 0:
        fail("{}: `go {}` failed; check GOPROXY and the network:\n{} [E9006]".format(
            rctx.attr.importpath,
            " ".join(arguments),
            (result.stdout + result.stderr).strip(),
        ))
    return result.stdout

def _download(rctx, version):
    """Checks the module's hash against go.sum, unpacks it into the repository and returns the hash."""
    got = json.decode(_go(rctx, ["mod", "download", "-json", rctx.attr.importpath + "@" + version]))
    line = "{} {} {}".format(rctx.attr.importpath, version, got["Sum"])
    if line not in rctx.read(rctx.attr.go_sum).split("\n"):
        fail("{}: go.sum lacks the line `{}`: the content differs from what was pinned, or go.sum is out of date; run `go mod tidy` [E9007]".format(
            rctx.attr.importpath,
            line,
        ))
    rctx.extract(got["Zip"], stripPrefix = rctx.attr.importpath + "@" + version)
    for name in _UNUSED.get(rctx.attr.importpath, []):
        if not rctx.delete(name):
            fail("{}: {} has no file {}; take it out of _UNUSED in rules/private/go_module.bzl [E9007]".format(rctx.attr.importpath, version, name))
    return got["Sum"]

def _label(rctx, modules, imported):
    """Returns the label of an imported package, or None if no module of go.mod provides it."""
    best = ""
    for module in modules:
        if (imported + "/").startswith(module + "/") and len(module) > len(best):
            best = module
    if not best:
        return None
    package = imported[len(best) + 1:]
    name = package.split("/")[-1] or best.split("/")[-1]
    repository = "" if best == rctx.attr.importpath else "@" + repository_name(best)
    return "{}//{}:{}".format(repository, package, name)

def _list(rctx):
    """Returns a dict from import path to the package's name and its sets of imports, embedded files and sources."""
    packages = {}
    for goos, goarch in _PLATFORMS:
        text = _go(
            rctx,
            ["list", "-e", "-f", _LIST_FORMAT, "./..."],
            CGO_ENABLED = "0",
            GOARCH = goarch,
            GOFLAGS = "-mod=readonly",
            GOOS = goos,
            GOPROXY = "off",
        )
        for line in text.split("\n"):
            if not line:
                continue
            importpath, name, imports, embeds, go, assembly, headers = line.split("\t")
            if importpath not in packages:
                packages[importpath] = struct(embeds = {}, imports = {}, name = name, srcs = {})
            package = packages[importpath]
            package.embeds.update({word: None for word in embeds.split(" ") if word})
            package.imports.update({word: None for word in imports.split(" ") if "." in word.split("/")[0]})
            package.srcs.update({word: None for word in (go + " " + assembly + " " + headers).split(" ") if word})
    return packages

def _is_license(file):
    """Tells whether a file has the text of a license, by its name."""
    name = file.basename.upper()
    return [start for start in _LICENSES if name.startswith(start)] and not name.endswith(".GO") and not file.is_dir

def _licenses(rctx, directories):
    """Returns a dict from path to text of the licenses in a module's packages, and in the directories that these are in.

    Characters that are not ASCII, as in names of authors, are left out: versions of Bazel write them differently.
    """
    found = {"": None}
    for directory in directories:
        parts = directory.split("/")
        found.update({"/".join(parts[:n + 1]): None for n in range(len(parts))})
    return {
        (directory + "/" if directory else "") + file.basename: "".join([c for c in rctx.read(file).elems() if c <= "~"])
        for directory in sorted(found)
        for file in sorted(rctx.path(directory or ".").readdir(), key = str)
        if _is_license(file)
    }

def _write_lock(rctx, version, checksum, packages):
    """Writes what the repository was unpacked from, as the linux_repository does for Debian packages."""
    start = len(rctx.attr.importpath) + 1
    rctx.file(_LOCK, json.encode_indent({
        "module": {
            "license_files": _licenses(rctx, [importpath[start:] for importpath in packages]),
            "path": rctx.attr.importpath,
            "removed_files": _UNUSED.get(rctx.attr.importpath, []),
            "sum": checksum,
            "version": version,
        },
    }) + "\n", executable = False)

def _write_package(rctx, modules, importpath, package):
    """Writes the BUILD file of one package.

    There is none for a package without Go files for this platform, or one that imports a module that go.mod does not require: nothing
    that this project builds can import it.
    """
    deps = [_label(rctx, modules, imported) for imported in package.imports]
    if not package.name or None in deps:
        return
    directory = importpath[len(rctx.attr.importpath) + 1:]
    name = importpath.split("/")[-1]
    is_main = package.name == "main"

    # A package that embeds files of the directory with the lock could embed that.
    lock = ["//:" + _LOCK] if directory or not package.embeds else []
    content = _LIBRARY.format(
        deps = repr(sorted(deps)),
        embedsrcs = repr(sorted(package.embeds) + lock),
        importpath = repr(importpath),
        name = repr(name + "_lib" if is_main else name),
        srcs = repr(sorted(package.srcs)),
    )
    if is_main:
        content += "\n" + _BINARY.format(library = repr(":" + name + "_lib"), name = repr(name))
    rctx.file(directory + "/BUILD.bazel" if directory else "BUILD.bazel", content + ("" if directory else _EXPORTS), executable = False)

def _go_module_impl(rctx):
    requirements = _requirements(rctx)
    if rctx.attr.importpath not in requirements:
        fail("{}: not required by go.mod; add it with `go get` [E9007]".format(rctx.attr.importpath))
    version = requirements[rctx.attr.importpath]
    checksum = _download(rctx, version)
    rctx.file("BUILD.bazel", _EXPORTS)
    for name in ["BUILD", "WORKSPACE", "WORKSPACE.bazel", "MODULE.bazel"]:
        rctx.delete(name)

    # A go.mod without requirements, and -e: for the names of the imports, the other modules are not needed.
    rctx.file("go.mod", "module {}\n\ngo 1.26\n".format(rctx.attr.importpath), executable = False)
    packages = _list(rctx)
    _write_lock(rctx, version, checksum, packages)
    for importpath, package in packages.items():
        _write_package(rctx, requirements, importpath, package)
    rctx.delete(".go")

go_module = repository_rule(
    implementation = _go_module_impl,
    doc = "A Go module at the version in go.mod, with the hash in go.sum.",
    attrs = {
        "go_mod": attr.label(
            allow_single_file = True,
            default = "//:go.mod",
            doc = "The go.mod that requires the module.",
        ),
        "go_root_file": attr.label(
            allow_single_file = True,
            doc = "A file in the root directory of the Go SDK that downloads the module.",
            mandatory = True,
        ),
        "go_sum": attr.label(
            allow_single_file = True,
            default = "//:go.sum",
            doc = "The go.sum with the module's hash.",
        ),
        "importpath": attr.string(
            doc = "The module's path.",
            mandatory = True,
        ),
    },
    environ = ["GOPROXY"],
)
