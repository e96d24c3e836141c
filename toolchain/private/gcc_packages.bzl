# SPDX-License-Identifier: Apache-2.0

"""What is unpacked from the packages of GCC for aarch64 of Debian 13 and later, and the values of its BUILD file."""

load(":host_paths.bzl", "LOADERS")

_LIBRARIES = "usr/lib/x86_64-linux-gnu"

def gcc_substitutions(gcc, libexec, libc, libraries, sframe, host = "x86_64"):
    """Returns the values of toolchain/gcc_arm64/repository.BUILD.

    Args:
        gcc: GCC's major version.
        libexec: the directory below usr with the programs that the driver starts, by target and version.
        libc: the directory with the C library that the programs run with, and zlib.
        libraries: whether the packages have the C and C++ libraries for aarch64.
        sframe: the version of libsframe.so.
        host: the CPU of the machines that the programs run on, as in the names of Debian's directories.

    Returns:
        A dict for `package_root`.
    """
    native = host == "aarch64"
    return {
        # Libraries of a cross binutils have another name than those of the native one.
        "cross": "" if native else "-arm64",
        "gcc": gcc,
        "host": host,
        "libc": libc,
        "libexec": libexec,
        # A native driver finds libgcc where its programs are.
        "libgcc": "usr/{}/aarch64-linux-gnu/{}/libgcc.a".format(libexec if native else "lib/gcc-cross", gcc),
        "libraries": str(libraries),
        "loader": LOADERS[host],
        "sframe": sframe,
    }

def bare_gcc_packages(version, sframe):
    """Returns what to unpack for C and assembly without an operating system.

    Args:
        version: GCC's major version, `14` or later.
        sframe: the version of libsframe.so, which is in the name of its package.

    Returns:
        A struct of `keep`, `replace`, `substitutions` and `trees`, the attributes of `package_root`.
    """
    gcc = "usr/lib/gcc-cross/aarch64-linux-gnu/" + version
    libexec = "usr/libexec/gcc-cross/aarch64-linux-gnu/" + version
    tools = ["ar", "as", "gcc-" + version, "ld", "ld.bfd", "nm", "objcopy", "objdump", "readelf", "strip"]
    replace = {
        # The C library has the loader's path to the list of libraries to preload; see host_paths.bzl.
        _LIBRARIES + "/ld-linux-x86-64.so.2": ["/etc/ld.so.preload -> /dev/null/disabled"],
        # See toolchain/gcc_arm64/packages.bzl.
        _LIBRARIES + "/libc.so.6": ["/usr/lib/x86_64-linux-gnu/gconv -> /dev/null/no-converters-of-host"],
    }
    if version == "14":
        replace["usr/bin/aarch64-linux-gnu-gcc-14"] = ["OFFLOAD_TARGET_N/usr/lib/gcc-cro -> OFFLOAD_TARGET_N/dev/null/no-gcc"]
    return struct(
        keep = {
            "usr/aarch64-linux-gnu/bin": ["as", "ld", "ld.bfd"],
            "usr/bin": ["aarch64-linux-gnu-" + tool for tool in tools],
            gcc: ["crtbegin.o", "crtend.o", "include", "libgcc.a"],
            libexec: ["cc1", "collect2"],
        },
        replace = replace,
        substitutions = gcc_substitutions(version, libc = _LIBRARIES, libexec = "libexec/gcc-cross", libraries = False, sframe = sframe),
        trees = {
            "binutils-aarch64-linux-gnu": ["usr/bin", "usr/aarch64-linux-gnu/bin", _LIBRARIES],
            "cpp-%s-aarch64-linux-gnu" % version: ["usr/libexec/gcc-cross"],
            "gcc-%s-aarch64-linux-gnu" % version: ["usr/bin", "usr/lib/gcc-cross", "usr/libexec/gcc-cross"],
            "libc6": [_LIBRARIES],
            "libgcc-%s-dev-arm64-cross" % version: ["usr/lib/gcc-cross"],
            "libgmp10": [_LIBRARIES],
            "libisl23": [_LIBRARIES],
            "libjansson4": [_LIBRARIES],
            "libmpc3": [_LIBRARIES],
            "libmpfr6": [_LIBRARIES],
            "libsframe%s" % sframe: [_LIBRARIES],
            "libzstd1": [_LIBRARIES],
            "zlib1g": [_LIBRARIES],
        },
    )
