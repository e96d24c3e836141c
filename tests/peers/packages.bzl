# SPDX-License-Identifier: Apache-2.0

"""What is unpacked from the packages of the newest peers."""

_LIBRARIES = "usr/lib/x86_64-linux-gnu"
_LLVM = "usr/lib/llvm-22/bin"

# GNU binutils for three processors, and mold, without the libraries whose packages have other names in each suite.
_LINKER_TREES = {
    "binutils-aarch64-linux-gnu": ["usr/bin", _LIBRARIES],
    "binutils-riscv64-linux-gnu": ["usr/bin", _LIBRARIES],
    "binutils-x86-64-linux-gnu": ["usr/bin"],
    "libbinutils": [_LIBRARIES],
    "libc6": [_LIBRARIES],
    "libctf-nobfd0": [_LIBRARIES],
    "libctf0": [_LIBRARIES],
    "libgcc-s1": [_LIBRARIES],
    "libjansson4": [_LIBRARIES],
    "libstdc++6": [_LIBRARIES],
    "libzstd1": [_LIBRARIES],
    "mold": ["usr/bin"],
    "zlib1g": [_LIBRARIES],
}

TRIXIE_TREES = _LINKER_TREES | {
    "libsframe1": [_LIBRARIES],
}

FORKY_TREES = _LINKER_TREES | {
    "libmimalloc3": [_LIBRARIES],
    "libsframe3": [_LIBRARIES],
    "libtbb12": [_LIBRARIES],
}

TRIXIE_LLVM_TREES = {
    "clang-22": [_LLVM],
    "libbsd0": [_LIBRARIES],
    "libc6": [_LIBRARIES],
    "libclang-cpp22": [_LIBRARIES],
    "libedit2": [_LIBRARIES],
    "libffi8": [_LIBRARIES],
    "libgcc-s1": [_LIBRARIES],
    "libllvm22": [_LIBRARIES],
    "liblzma5": [_LIBRARIES],
    "libmd0": [_LIBRARIES],
    "libstdc++6": [_LIBRARIES],
    "libtinfo6": [_LIBRARIES],
    "libxml2": [_LIBRARIES],
    "libz3-4": [_LIBRARIES],
    "libzstd1": [_LIBRARIES],
    "lld-22": [_LLVM],
    "llvm-22": [_LLVM],
    "zlib1g": [_LIBRARIES],
}

# The processors of GNU binutils, and the programs of each.
PROCESSORS = ["aarch64", "riscv64", "x86_64"]

GNU_TOOLS = {
    "addr2line": "addr2line",
    "as": "as",
    "ld": "ld.bfd",
    "objcopy": "objcopy",
    "readelf": "readelf",
}

LLVM_TOOLS = {
    "ld_lld": "ld.lld",
    "llvm_dwarfdump": "llvm-dwarfdump",
    "llvm_objcopy": "llvm-objcopy",
    "llvm_readelf": "llvm-readelf",
}

LINKERS_KEEP = {
    "usr/bin": ["mold"] + [
        "{}-linux-gnu-{}".format(processor, program)
        for processor in PROCESSORS
        for program in GNU_TOOLS.values()
    ],
}

# Most names are symlinks to others, which are kept as well.
LLVM_KEEP = {
    _LLVM: ["clang", "lld", "llvm-readobj"] + LLVM_TOOLS.values(),
}
