# SPDX-License-Identifier: Apache-2.0

"""What kbuild runs in: make, the compilers of the host and of the kernel, and what their scripts use. One root directory for each release of Debian."""

_BIN = "bin"
_LIB = "lib"
_USR_BIN = "usr/bin"
_USR_LIB = "usr/lib"
_LIBRARIES = "usr/lib/x86_64-linux-gnu"
_LIBEXEC = "usr/libexec"
_INCLUDE = "usr/include"

# The directories to unpack from each package of the lock, of Debian 12.
_BOOKWORM_TREES = {
    "bash": [_BIN, _USR_BIN],
    "bc": [_USR_BIN],
    "binutils": [_USR_BIN, _USR_LIB],
    "binutils-aarch64-linux-gnu": [_USR_BIN, _USR_LIB, "usr/aarch64-linux-gnu/bin"],
    "binutils-x86-64-linux-gnu": [_USR_BIN, _USR_LIB],
    "bison": [_USR_BIN, "usr/share/bison"],
    "coreutils": [_BIN, _USR_BIN],
    "cpp-12": [_USR_BIN, _USR_LIB],
    "cpp-12-aarch64-linux-gnu": [_USR_BIN, _USR_LIB],
    "dash": [_BIN],
    "diffutils": [_USR_BIN],
    "findutils": [_USR_BIN],
    "flex": [_USR_BIN],
    "gcc-12": [_USR_BIN, _USR_LIB],
    "gcc-12-aarch64-linux-gnu": [_USR_BIN, _USR_LIB],
    "grep": [_BIN, _USR_BIN],
    "gzip": [_BIN],
    "libacl1": [_USR_LIB],
    "libattr1": [_USR_LIB],
    "libbinutils": [_USR_LIB],
    "libbz2-1.0": [_LIB],
    "libc6": [_LIB, _USR_LIB],
    "libc6-dev": [_USR_LIB, _INCLUDE],
    "libcrypt1": [_LIB],
    "libctf-nobfd0": [_USR_LIB],
    "libctf0": [_USR_LIB],
    "libgcc-12-dev": [_USR_LIB],
    "libgcc-12-dev-arm64-cross": [_USR_LIB],
    "libgcc-s1": [_LIB],
    "libgmp10": [_USR_LIB],
    "libisl23": [_USR_LIB],
    "libjansson4": [_USR_LIB],
    "liblzma5": [_LIB],
    "libmpc3": [_USR_LIB],
    "libmpfr6": [_USR_LIB],
    "libpcre2-8-0": [_USR_LIB],
    "libreadline8": [_LIB],
    "libselinux1": [_LIB],
    "libstdc++6": [_USR_LIB],
    "libtinfo6": [_LIB, _USR_LIB],
    "libzstd1": [_USR_LIB],
    "linux-libc-dev": [_INCLUDE],
    "m4": [_USR_BIN],
    "make": [_USR_BIN, _INCLUDE],
    "mawk": [_USR_BIN],
    "perl-base": [_USR_BIN, _USR_LIB],
    "sed": [_BIN],
    "tar": [_BIN, _USR_LIB],
    "xz-utils": [_USR_BIN],
    "zlib1g": [_LIB],
}

# Debian 13 and later have all programs in usr. Names that end with %s have gcc's version there.
_MERGED_TREES = {
    "bash": [_USR_BIN],
    "bc": [_USR_BIN],
    "binutils": [_USR_BIN],
    "binutils-aarch64-linux-gnu": [_USR_BIN, _LIBRARIES, "usr/aarch64-linux-gnu/bin"],
    "binutils-x86-64-linux-gnu": [_USR_BIN, _LIBRARIES],
    "bison": [_USR_BIN, "usr/share/bison"],
    "coreutils": [_USR_BIN],
    "cpp-%s-aarch64-linux-gnu": [_USR_BIN, _LIBEXEC],
    "cpp-%s-x86-64-linux-gnu": [_USR_BIN, _LIBEXEC],
    "dash": [_USR_BIN],
    "diffutils": [_USR_BIN],
    "findutils": [_USR_BIN],
    "flex": [_USR_BIN],
    "gcc-%s": [_USR_BIN],
    "gcc-%s-aarch64-linux-gnu": [_USR_BIN, _USR_LIB, _LIBEXEC],
    "gcc-%s-x86-64-linux-gnu": [_USR_BIN, _USR_LIB, _LIBEXEC],
    "grep": [_USR_BIN],
    "gzip": [_USR_BIN],
    "libacl1": [_LIBRARIES],
    "libattr1": [_LIBRARIES],
    "libbinutils": [_LIBRARIES],
    "libbz2-1.0": [_LIBRARIES],
    "libc6": [_LIBRARIES],
    "libc6-dev": [_LIBRARIES, _INCLUDE],
    "libcrypt1": [_LIBRARIES],
    "libctf-nobfd0": [_LIBRARIES],
    "libctf0": [_LIBRARIES],
    "libgcc-%s-dev": [_USR_LIB],
    "libgcc-%s-dev-arm64-cross": [_USR_LIB],
    "libgcc-s1": [_LIBRARIES],
    "libgmp10": [_LIBRARIES],
    "libisl23": [_LIBRARIES],
    "libjansson4": [_LIBRARIES],
    "liblzma5": [_LIBRARIES],
    "libmpc3": [_LIBRARIES],
    "libmpfr6": [_LIBRARIES],
    "libpcre2-8-0": [_LIBRARIES],
    "libreadline8t64": [_LIBRARIES],
    "libselinux1": [_LIBRARIES],
    # sha1sum and its like.
    "libssl3t64": [_LIBRARIES],
    "libstdc++6": [_LIBRARIES],
    "libtinfo6": [_LIBRARIES],
    "libzstd1": [_LIBRARIES],
    # The headers of a processor are links to those in usr/lib. Those of other processors would lead nowhere.
    "linux-libc-dev": [
        _INCLUDE + "/asm-generic",
        _INCLUDE + "/linux",
        _INCLUDE + "/x86_64-linux-gnu",
        "usr/lib/linux/uapi/x86",
    ],
    "m4": [_USR_BIN],
    "make": [_USR_BIN, _INCLUDE],
    "mawk": [_USR_BIN],
    "perl-base": [_USR_BIN, _LIBRARIES],
    "sed": [_USR_BIN],
    "tar": [_USR_BIN],
    "xz-utils": [_USR_BIN],
    "zlib1g": [_LIBRARIES],
}

def _merged_trees(gcc, sframe):
    """Returns what to unpack of Debian 13 and later.

    Args:
        gcc: gcc's major version.
        sframe: the version of libsframe.so, which is in the name of its package.
    """
    trees = {name.replace("%s", gcc): directories for name, directories in _MERGED_TREES.items()}
    return trees | {"libsframe" + sframe: [_LIBRARIES]}

def _with_clang(trees, version, resources, icu = []):
    """Adds clang and LLVM's other programs to a root directory.

    Args:
        trees: dict, the directories to unpack.
        version: clang's major version.
        resources: the name of the directory with clang's own headers.
        icu: the package of ICU, if libxml2 needs it.
    """
    llvm = "usr/lib/llvm-" + version
    return trees | {
        name: [_LIBRARIES]
        for name in ["libbsd0", "libedit2", "libffi8", "libllvm" + version, "libmd0", "libxml2", "libz3-4"] + icu
    } | {
        "clang-" + version: [llvm + "/bin"],
        "libclang-common-%s-dev" % version: ["%s/lib/clang/%s/include" % (llvm, resources)],
        # Debian 12 has the library in the first directory and a symbolic link in the second.
        "libclang-cpp" + version: [llvm + "/lib", _LIBRARIES],
        "lld-" + version: [llvm + "/bin"],
        "llvm-" + version: [llvm + "/bin"],
    }

# From the name of the repository to the lock of its packages, and what to unpack. The end of the name is that of Debian's release, Debian 12 without one.
KBUILD_ROOTS = {
    "hyp_kbuild": struct(lock = "packages.lock.json", trees = _BOOKWORM_TREES),
    "hyp_kbuild_clang": struct(
        lock = "bookworm_clang.lock.json",
        trees = _with_clang(_BOOKWORM_TREES, "14", resources = "14.0.6", icu = ["libicu72"]),
    ),
    "hyp_kbuild_forky": struct(lock = "forky.lock.json", trees = _merged_trees("16", sframe = "3")),
    "hyp_kbuild_trixie": struct(lock = "trixie.lock.json", trees = _merged_trees("14", sframe = "1")),
    "hyp_kbuild_trixie_clang": struct(
        lock = "trixie_clang.lock.json",
        trees = _with_clang(_merged_trees("14", sframe = "1"), "19", resources = "19"),
    ),
}

# Debian's own name for it is a link that the package's installation makes.
KBUILD_COPY = {"usr/bin/awk": "usr/bin/mawk"}
