# SPDX-License-Identifier: Apache-2.0

"""What is unpacked from the packages of clang of Debian, and the values of its BUILD file."""

load(":host_paths.bzl", "LOADER_REPLACE")

_LIBRARIES = "usr/lib/x86_64-linux-gnu"

# llvm-strip is llvm-objcopy by another name, and ld.lld is lld.
_TOOLS = ["clang", "ld.lld", "lld", "llvm-ar", "llvm-objcopy", "llvm-strip"]

# See toolchain/gcc_arm64/packages.bzl.
_NO_CONVERTERS = ["/usr/lib/x86_64-linux-gnu/gconv -> /dev/null/no-converters-of-host"]

def clang_packages(version, resources, icu = None, zstd = False, merged_usr = True):
    """Returns what to unpack for C and assembly without an operating system.

    Args:
        version: clang's major version.
        resources: the name of its resource directory, which has its own headers: the whole version up to clang 15, and the major version since.
        icu: the version of ICU, which is in the name of its package, if libxml2 needs it.
        zstd: whether LLVM needs libzstd.
        merged_usr: whether the packages have the C library that the programs run with below usr/lib, not lib: Debian since 13.

    Returns:
        A struct of `keep`, `replace`, `substitutions` and `trees`, the attributes of `package_root`.
    """
    llvm = "usr/lib/llvm-" + version
    include = "{}/lib/clang/{}/include".format(llvm, resources)
    libc = _LIBRARIES if merged_usr else "lib/x86_64-linux-gnu"
    trees = {
        "clang-" + version: [llvm + "/bin"],
        "libbsd0": [_LIBRARIES],
        "libc6": [libc],
        "libclang-common-%s-dev" % version: [include],
        # Debian 12 has the library in the first directory and a symbolic link in the second.
        "libclang-cpp" + version: [llvm + "/lib", _LIBRARIES],
        "libedit2": [_LIBRARIES],
        "libffi8": [_LIBRARIES],
        "libgcc-s1": [libc],
        "libllvm" + version: [_LIBRARIES],
        "liblzma5": [libc],
        "libmd0": [_LIBRARIES],
        "libstdc++6": [_LIBRARIES],
        "libtinfo6": [libc],
        "libxml2": [_LIBRARIES],
        "libz3-4": [_LIBRARIES],
        "lld-" + version: [llvm + "/bin"],
        "llvm-" + version: [llvm + "/bin"],
        "zlib1g": [libc],
    }
    if icu:
        trees["libicu" + icu] = [_LIBRARIES]
    if zstd:
        trees["libzstd1"] = [_LIBRARIES]
    return struct(
        keep = {llvm + "/bin": _TOOLS},
        replace = {
            libc + "/ld-linux-x86-64.so.2": LOADER_REPLACE["lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"],
            libc + "/libc.so.6": _NO_CONVERTERS,
        },
        substitutions = {
            "icu": icu or "",
            "include": include,
            "libc": libc,
            "llvm": llvm,
            "zstd": str(zstd),
        },
        trees = trees,
    )
