# SPDX-License-Identifier: Apache-2.0

"""What is unpacked from the packages of the default compiler for hosts of 64-bit Arm: there it is the native one."""

_LIBC = "lib/aarch64-linux-gnu"
_LIBRARIES = "usr/lib/aarch64-linux-gnu"

# Where the driver finds the programs that it starts, and libgcc: see REPLACE.
_GCC = "usr/null/gc/aarch64-linux-gnu/12"

# GCC's own headers have the path that they have for the cross compiler.
_CROSS = "usr/lib/gcc-cross/aarch64-linux-gnu/12"

# The directories to unpack from each package of the lock.
TREES = {
    "binutils-aarch64-linux-gnu": ["usr/bin"],
    "cpp-12": ["usr/lib/gcc -> usr/null/gc"],
    "g++-12": ["usr/lib/gcc -> usr/null/gc"],
    "gcc-12": ["usr/bin", "usr/lib/gcc -> usr/null/gc"],
    "libbinutils": [_LIBRARIES],
    "libc6": [_LIBC],
    "libctf-nobfd0": [_LIBRARIES],
    "libctf0": [_LIBRARIES],

    # Of all architectures: the cross compiler has the same files.
    "libgcc-12-dev-arm64-cross": ["usr/lib/gcc-cross"],
    "libgmp10": [_LIBRARIES],
    "libisl23": [_LIBRARIES],
    "libjansson4": [_LIBRARIES],
    "libmpc3": [_LIBRARIES],
    "libmpfr6": [_LIBRARIES],
    "libzstd1": [_LIBRARIES],
    "zlib1g": [_LIBC],
}

_TOOLS = ["ar", "as", "gcc-12", "ld.bfd", "nm", "objcopy", "objdump", "readelf", "strip"]

KEEP = {
    "usr/bin": ["aarch64-linux-gnu-" + tool for tool in _TOOLS],
    _GCC: ["cc1", "cc1plus", "collect2"],
    _CROSS: ["crtbegin.o", "crtend.o", "include", "libgcc.a"],
}

# gcc looks for these by their short names in a directory that a native compiler's packages do not have, and for libgcc next to its programs.
COPY = {
    _GCC + "/libgcc.a": _CROSS + "/libgcc.a",
    "usr/aarch64-linux-gnu/bin/as": "usr/bin/aarch64-linux-gnu-as",
    "usr/aarch64-linux-gnu/bin/ld.bfd": "usr/bin/aarch64-linux-gnu-ld.bfd",
}

# The version in the text of `.comment` and of DW_AT_producer. The native compiler has an update that the cross compiler has not; see docs/toolchain.md.
_VERSION = "(Debian 12.2.0-14+deb12u1) -> (Debian 12.2.0-14) \0\0\0\0\0\0\0"

# What the programs would read from the host, whatever their options are, and what would make their output another one than the cross compiler's.
REPLACE = {
    # See toolchain/private/host_paths.bzl and toolchain/gcc_arm64/packages.bzl.
    _LIBC + "/ld-linux-aarch64.so.1": ["/etc/ld.so.preload -> /dev/null/disabled"],
    _LIBC + "/libc.so.6": ["/usr/lib/aarch64-linux-gnu/gconv -> /dev/null/no-converters-of-hosts"],
    _GCC + "/cc1": [_VERSION],
    _GCC + "/cc1plus": [_VERSION],

    # The driver's name of its own directory, by which it finds others from the path of its program, and the specs file of the host. Nothing can be
    # below /dev/null, and relative to /dev/bin that is ../null. And a cross compiler has no `-march=native`.
    "usr/bin/aarch64-linux-gnu-gcc-12": [
        _VERSION,
        "\0/usr/lib/gcc/\0 -> \0/dev/null/gc/\0",
        "\0/usr/bin/\0 -> \0/dev/bin/\0",
        "{march=native: -> {march=unused:",
        "{mcpu=native: -> {mcpu=unused:",
        "{mtune=native: -> {mtune=unused:",
    ],
}
